"""What a regulation says, as sentences a family can read: msgids with their facts, put into words at the door."""

from services.reservations.domain.wording.audiences import say_audience
from services.reservations.domain.wording.policies import say_absences, say_late, say_waiting, say_weekly
from services.reservations.domain.wording.rules import say_rule
from services.reservations.domain.wording.summary import Sentence, say_named, summary
from services.reservations.domain.wording.words import Words

__all__ = [
    "Sentence",
    "Words",
    "say_absences",
    "say_audience",
    "say_late",
    "say_named",
    "say_rule",
    "say_waiting",
    "say_weekly",
    "summary",
]
