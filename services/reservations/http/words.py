"""What columns and states are called in tables, in the language of whoever asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from services.reservations.domain.sheet import SheetState
from services.reservations.domain.waiting import EntryState
from shared.errors import N_
from shared.i18n import Catalogues
from shared.problems import CATALOGUES, language_of

STATES: Mapping[SheetState, str] = {
    "booked": N_("Booked"),
    "requested": N_("Waiting for an agent"),
    "held": N_("Waiting for payment"),
    "cancelled": N_("Cancelled"),
    "present": N_("Present"),
    "present_unbooked": N_("Present, not booked"),
    "absent_justified": N_("Absent, justified"),
    "absent_unjustified": N_("Absent"),
}
WAITING_STATES: Mapping[EntryState, str] = {
    "waiting": N_("Waiting"),
    "offered": N_("A place is offered"),
    "accepted": N_("Offer accepted"),
    "declined": N_("Offer declined"),
    "expired": N_("Offer expired"),
    "booked": N_("Booked otherwise"),
    "left": N_("Left the list"),
    "removed": N_("Taken off the list"),
    "over": N_("Too late"),
}
DAY = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}


@dataclass(frozen=True)
class Words:
    catalogues: Catalogues
    language: str

    def __call__(self, msgid: str) -> str:
        return self.catalogues.translate(self.language, msgid)

    def state(self, state: SheetState) -> str:
        return self(STATES[state])

    def waiting(self, state: EntryState) -> str:
        return self(WAITING_STATES[state])

    def day(self, day: date) -> str:
        return day.strftime(DAY[self.language])

    def instant(self, at: datetime | None) -> str:
        """On the town's clock, as the instant carries it."""
        return at.strftime(f"{DAY[self.language]} %H:%M") if at else ""


def words_for(request: web.Request) -> Words:
    return Words(request.app[CATALOGUES], language_of(request))
