"""What reservations tells of a town's calendar, and of which child is enrolled where.

Labels of days off and diets stay at home: the first is free text, the second may say something of health or belief.
"""

from datetime import date
from typing import ClassVar, Literal

from shared.contracts import Event, Part


class CalendarDays(Part):
    """Days of one kind, both ends included; no site means every site of the town."""

    kind: Literal["holiday", "closure", "school_day"]
    starts: date
    ends: date
    site_ids: tuple[str, ...] = ()
    change: Literal["added", "removed"]


class CalendarChanged(Event):
    """Days of the town's own calendar came or went; a period that changed is removed and added. Subject: the town."""

    topic: ClassVar[str] = "reservations.calendar_changed.v1"

    municipality_id: str
    changes: tuple[CalendarDays, ...]


class ChildEnrolled(Event):
    """An enrolment, whole, made or changed. Subject: the enrolment.

    `reference` is the town's own of the child; `child_ids` are those it has in households that joined, none before.
    """

    topic: ClassVar[str] = "reservations.child_enrolled.v1"

    municipality_id: str
    enrolment_id: str
    reference: str
    child_ids: tuple[str, ...] = ()
    programme_id: str
    site_id: str
    group: str
    category: str = ""
    starts: date
    ends: date


class EnrolmentEnded(Event):
    """A child no longer goes there. `last_day`: None when it never went. Subject: the enrolment."""

    topic: ClassVar[str] = "reservations.enrolment_ended.v1"

    municipality_id: str
    enrolment_id: str
    reference: str
    child_ids: tuple[str, ...] = ()
    programme_id: str
    site_id: str
    last_day: date | None = None
