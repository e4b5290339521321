"""What a simulation found as lines of a table."""

from collections.abc import Iterator, Mapping

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.replay import Difference, Effect, Judged, Kind
from services.reservations.domain.simulations import Findings
from services.reservations.domain.town import Town
from services.reservations.http.words import Words
from shared.errors import N_
from shared.money import Cents

KINDS: Mapping[Kind, str] = {
    "book": N_("Booking"),
    "cancel": N_("Cancelling"),
    "week": N_("Week"),
    "absence": N_("Proven absence"),
}
EFFECTS: Mapping[Effect, str] = {
    "in_time": N_("In time"),
    "surcharge": N_("Late, with a surcharge"),
    "agent_approval": N_("Waits for an agent"),
    "charged": N_("Late, to be paid"),
    "refused": N_("Refused"),
    "free": N_("Not due"),
    "due": N_("Due"),
}
HEADER = (
    N_("Household"), N_("Reference"), N_("Last name"), N_("First name"), N_("What"), N_("Activity"), N_("Date"),
    N_("Done at"), N_("Today's rules"), N_("Draft"), N_("Rule"),
)  # fmt: skip


def header(words: Words) -> list[str]:
    return [words(name) for name in HEADER]


def rows_of(found: Findings, child: RosterChild | None, town: Town, words: Words) -> Iterator[list[str]]:
    who = [child.reference, child.last_name, child.first_name] if child else ["", "", ""]
    for one in found.differences:
        yield [found.household_id, *who, *_cells(one, town, words)]


def _cells(one: Difference, town: Town, words: Words) -> list[str]:
    at = town.calendar.local(one.at) if one.at else None
    what = [words(KINDS[one.kind]), _activity(one.activity_id, town), words.day(one.day), words.instant(at)]
    return [*what, _said(one.before, words), _said(one.after, words), one.rule]


def _activity(activity_id: str, town: Town) -> str:
    return town.activity(activity_id).name if activity_id else ""


def _said(one: Judged, words: Words) -> str:
    effect = words(EFFECTS[one.effect])
    if one.surcharge is None:
        return effect
    percent, cents = one.surcharge.percent, one.surcharge.cents
    amount = f"{percent} %" if percent else words.catalogues.say(words.language, Cents(cents or 0))
    return f"{effect} ({amount})"
