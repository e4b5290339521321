"""A town as families and agents use it: its calendar, its programmes, whom to ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from services.reservations.domain.bookable import DayAnswer, RosterChild, answer_for
from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.diets import OFFERED
from services.reservations.domain.programmes import Activity, Programme, Site
from services.reservations.domain.refusals_of_decisions import CancelledByTown
from services.reservations.domain.regulation import Action
from services.reservations.domain.suspension import Suspension, suspension_of
from shared.errors import NotFound, Refused


@dataclass(frozen=True, kw_only=True)
class Contact:
    email: str
    phone: str
    address: str

    def __str__(self) -> str:
        return ", ".join(part for part in (self.phone, self.email) if part) or self.address


@dataclass(frozen=True, kw_only=True)
class Town:
    municipality_id: str
    name: str
    contact: Contact
    calendar: TownCalendar
    programmes: Mapping[str, Programme]
    sites: Mapping[str, Site]
    diets: Mapping[str, str] = field(default_factory=lambda: OFFERED)
    """What a child may be said not to eat; names by code."""
    suspensions: tuple[Suspension, ...] = ()
    """What the town has cancelled."""

    def programme(self, programme_id: str) -> Programme:
        """Raises `NotFound`."""
        if programme_id not in self.programmes:
            raise NotFound()
        return self.programmes[programme_id]

    def site(self, site_id: str) -> Site:
        """Raises `NotFound`."""
        if site_id not in self.sites:
            raise NotFound()
        return self.sites[site_id]

    def programme_of(self, activity_id: str) -> Programme:
        """Raises `NotFound`."""
        return self._found(activity_id)[0]

    def activity(self, activity_id: str) -> Activity:
        """Raises `NotFound`."""
        return self._found(activity_id)[1]

    def _found(self, activity_id: str) -> tuple[Programme, Activity]:
        found = self._by_activity.get(activity_id)
        if found is None:
            raise NotFound()
        return found

    @cached_property
    def _by_activity(self) -> Mapping[str, tuple[Programme, Activity]]:
        return {one.id: (programme, one) for programme in self.programmes.values() for one in programme.activities}

    @cached_property
    def _whom_to_ask(self) -> str:
        return f"{self.name}, {self.contact}"

    def answer(self, activity_id: str, day: date, *, action: Action, child: RosterChild, now: datetime) -> DayAnswer:
        """Whether the child's day can be booked or cancelled now. Raises `NotFound` for an unknown activity."""
        programme, activity = self._found(activity_id)
        if action == "book" and self.suspensions and (gone := self._suspended(activity_id, day, programme, child)):
            return DayAnswer(refusal=gone)
        return answer_for(
            activity,
            day,
            action=action,
            child=child,
            programme=programme,
            calendar=self.calendar,
            now=now,
            contact=self._whom_to_ask,
        )

    def suspends(self, activity_id: str, day: date, child: RosterChild) -> bool:
        """Whether the town cancelled the child's day. Raises `NotFound` for an unknown activity."""
        return self._suspended(activity_id, day, self.programme_of(activity_id), child) is not None

    def _suspended(self, activity_id: str, day: date, programme: Programme, child: RosterChild) -> Refused | None:
        found = suspension_of(self.suspensions, activity_id, day, programme.id, child)
        if found is None:
            return None
        name = programme.activity(activity_id).name
        return CancelledByTown(activity=name, date=day, label=found.label, contact=self._whom_to_ask)
