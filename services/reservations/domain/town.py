"""A town as families and agents use it: its calendar, its programmes, whom to ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.reservations.domain.bookable import DayAnswer, RosterChild, answer_for
from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.programmes import Activity, Programme, Site
from services.reservations.domain.regulation import Action
from shared.errors import NotFound


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

    def programme(self, programme_id: str) -> Programme:
        """Raises `NotFound`."""
        if programme_id not in self.programmes:
            raise NotFound()
        return self.programmes[programme_id]

    def programme_of(self, activity_id: str) -> Programme:
        """Raises `NotFound`."""
        return self.programme(self.activity(activity_id).programme_id)

    def activity(self, activity_id: str) -> Activity:
        """Raises `NotFound`."""
        for programme in self.programmes.values():
            for activity in programme.activities:
                if activity.id == activity_id:
                    return activity
        raise NotFound()

    def answer(self, activity_id: str, day: date, *, action: Action, child: RosterChild, now: datetime) -> DayAnswer:
        """Whether the child's day can be booked or cancelled now. Raises `NotFound` for an unknown activity."""
        programme = self.programme_of(activity_id)
        return answer_for(
            programme.activity(activity_id),
            day,
            action=action,
            child=child,
            programme=programme,
            calendar=self.calendar,
            now=now,
            contact=f"{self.name}, {self.contact}",
        )
