"""The messages about what a town decided: days a family asked for, and days the town cancelled."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.copies import Names
from services.notifications.domain.say import Say
from services.notifications.domain.town_letters import (
    REASONS,
    decision_of,
    listed_days,
    lost_in,
    message_in,
    opening_of,
)
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.reservations_by_town import DecisionWritten, DisruptionNoticed
from shared.errors import N_


def _decision_words(event: DecisionWritten, names: Names, language: str) -> Words:
    said = decision_of(event, names.towns.get(event.municipality_id, ""))
    facts = {"decision": said, "days": listed_days(event.days, language), "words": event.message}
    return Words(
        title=Say(N_("Answer to your request")),
        body=Say(N_("%(decision)s %(days)s. %(words)s"), facts),
        about_type="child",
        about_id=event.child_id,
    )


def _disruption_words(event: DisruptionNoticed, names: Names, language: str) -> Words:
    facts = {"town": names.towns.get(event.municipality_id, ""), "reason": Say(REASONS[event.reason])}
    said = Say(opening_of(event), facts)
    said_of = {"days": listed_days(event.days, language), "words": message_in(event, language)}
    cancelled = event.kind == "cancelled"
    return Words(
        title=Say(N_("Days cancelled by the town hall") if cancelled else N_("Cancellation taken back")),
        body=Say(
            "%(said)s %(days)s %(words)s %(lost)s", {**said_of, "said": said, "lost": _one(lost_in(event, language))}
        ),
        about_type="household",
        about_id=event.household_id,
    )


def _one(said: tuple[Say, ...]) -> Say | str:
    return said[0] if said else ""


TOWN_WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {
    DecisionWritten: _decision_words,
    DisruptionNoticed: _disruption_words,
}
