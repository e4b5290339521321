"""What a town has cancelled: for these activities, places and days nothing can be booked, and nothing stays booked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.reservations.domain.bookable import RosterChild


@dataclass(frozen=True, kw_only=True)
class Suspension:
    """`id` is that of the disruption. Empty `site_ids` or `groups`: all of them. Both days included."""

    id: str
    activity_ids: frozenset[str]
    site_ids: frozenset[str]
    groups: frozenset[str]
    starts: date
    ends: date
    label: str

    def covers(self, activity_id: str, day: date) -> bool:
        return activity_id in self.activity_ids and self.starts <= day <= self.ends

    def holds(self, activity_id: str, day: date, programme_id: str, child: RosterChild | None) -> bool:
        """For the child's day: by the school and class it is in then."""
        if not self.covers(activity_id, day):
            return False
        if not self.site_ids and not self.groups:
            return True
        enrolment = child.enrolment_on(programme_id, day) if child else None
        if enrolment is None:
            return False
        here = not self.site_ids or enrolment.site_id in self.site_ids
        return here and (not self.groups or enrolment.group in self.groups)


def suspension_of(
    suspensions: Iterable[Suspension], activity_id: str, day: date, programme_id: str, child: RosterChild | None
) -> Suspension | None:
    return next((one for one in suspensions if one.holds(activity_id, day, programme_id, child)), None)
