"""What reservations tells of the day itself: marks taken back, meals ordered and what became of the order.

Meals are counted by activity, site and diet: never by child, nor by class, where a count of one would name a child.
"""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.contracts import Event, Part
from shared.contracts.reservations import BillingMode, Cancelled


class UnmarkedDay(Part):
    """What a day is again: booked, or (`cancelled`) nothing that is charged but for a late cancellation."""

    activity_id: str
    date: date
    state: Literal["booked", "cancelled"]
    cancelled: Cancelled | None = None


class AttendanceUnmarked(Event):
    """Staff took back what they had marked. Subject: the month sheet."""

    topic: ClassVar[str] = "reservations.attendance_unmarked.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    billing_mode: BillingMode
    days: tuple[UnmarkedDay, ...]


class MealCount(Part):
    """`diet`: a code of the town, empty for none."""

    activity_id: str
    site_id: str
    diet: str
    count: int


class MealOrderFrozen(Event):
    """A programme's heads of one day at the time its kitchen needs them, whole. Subject: the meal order."""

    topic: ClassVar[str] = "reservations.meal_order_frozen.v1"

    municipality_id: str
    programme_id: str
    date: date
    due_at: AwareDatetime
    counts: tuple[MealCount, ...]


class MealChange(Part):
    activity_id: str
    site_id: str
    diet: str
    before: int
    after: int


class MealOrderAmended(Event):
    """Heads that changed after the order was frozen; `number` counts an order's amendments. Subject: the order."""

    topic: ClassVar[str] = "reservations.meal_order_amended.v1"

    municipality_id: str
    programme_id: str
    date: date
    number: int
    changes: tuple[MealChange, ...]
