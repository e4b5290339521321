"""All that a regulation says, sentence by sentence, in the order a family asks."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.reservations.domain.absences import ORDINARY_ABSENCES
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.verdict import Action
from services.reservations.domain.wording.policies import say_absences, say_late, say_waiting, say_weekly
from services.reservations.domain.wording.rules import say_rule
from services.reservations.domain.wording.words import Phrase, Words, said
from shared.errors import N_


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """`about`: the path of what it says in the regulation's document, such as `booking.reserver-j-2`."""

    about: str
    said: Phrase


def summary(regulation: Regulation, words: Words) -> tuple[Sentence, ...]:
    return tuple(_sentences(regulation, words))


def say_named(regulation: Regulation, action: Action, rule_id: str, words: Words) -> Phrase | None:
    """The rule an answer names, in words; None when the regulation has none of that name."""
    rules = regulation.booking if action == "book" else regulation.cancelling
    for rule in rules:
        if rule.id == rule_id:
            return say_rule(action, rule, words)
    late = next((one for one in regulation.late if one.id == rule_id and one.action == action), None)
    return say_late(late, words) if late else None


def _sentences(regulation: Regulation, words: Words) -> Iterator[Sentence]:
    for rule in regulation.booking:
        yield Sentence(about=f"booking.{rule.id}", said=say_rule("book", rule, words))
    for rule in regulation.cancelling:
        yield Sentence(about=f"cancelling.{rule.id}", said=say_rule("cancel", rule, words))
    if regulation.cancelling_by == "agent":
        yield Sentence(about="cancelling_by", said=said(N_("The town hall decides on every cancellation.")))
    for late in regulation.late:
        yield Sentence(about=f"late.{late.id}", said=say_late(late, words))
    for weekly in regulation.weekly:
        yield Sentence(about=f"weekly.{weekly.id}", said=say_weekly(weekly, words))
    if regulation.absences != ORDINARY_ABSENCES:
        yield Sentence(about="absences", said=say_absences(regulation.absences))
    yield Sentence(about="waiting_list", said=say_waiting(regulation.waiting))
