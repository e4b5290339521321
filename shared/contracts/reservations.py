"""What reservations tells: programmes, bookings, places, attendance, closings.

The aggregate of bookings and attendance is the month sheet (child, programme, month); of prepaid places the order.
Dates are local dates of the municipality; months are `YYYY-MM`.
"""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.contracts import Event, Part

BillingMode = Literal["postpaid", "prepaid"]
Outcome = Literal["present", "absent_justified", "absent_unjustified", "present_unbooked"]
Cancelled = Literal["in_time", "late", "service"]
DayState = Literal["booked", "cancelled", "present", "absent_justified", "absent_unjustified", "present_unbooked"]


class ProgrammeActivity(Part):
    activity_id: str
    name: str
    minutes: int | None = None
    """How long it is planned to last, where the town says when it begins and ends."""


class ProgrammePublished(Event):
    """A programme and its regulation version, whole. Subject: the programme."""

    topic: ClassVar[str] = "reservations.programme_published.v1"

    municipality_id: str
    programme_id: str
    name: str
    billing_mode: BillingMode
    regulation_version: int
    activities: tuple[ProgrammeActivity, ...]


class SheetDay(Part):
    """One activity on one date of a sheet. `late`: the tier it was booked or cancelled under after its deadline."""

    activity_id: str
    date: date
    late: str = ""
    surcharge_percent: int | None = None
    """Of the day's price, for booking late."""
    surcharge_cents: int | None = None
    order_id: str | None = None
    """The prepaid order that paid for the day, if any."""


class BookingConfirmed(Event):
    """Days of one child in one programme and month were booked. Subject: the month sheet."""

    topic: ClassVar[str] = "reservations.booking_confirmed.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    billing_mode: BillingMode
    regulation_version: int
    days: tuple[SheetDay, ...]
    order_id: str | None = None
    """The prepaid order that paid for these days."""
    booked_by: Literal["guardian", "agent"] = "guardian"
    disruption_id: str = ""
    """The town-side cancellation that was taken back."""


class BookingRequested(Event):
    """Days of one child wait for an agent's approval, places kept. Subject: the month sheet."""

    topic: ClassVar[str] = "reservations.booking_requested.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    billing_mode: BillingMode
    days: tuple[SheetDay, ...]


class CancellationAsked(Event):
    """A family asked to cancel days, and an agent has to decide; until then they are booked. Subject: the sheet."""

    topic: ClassVar[str] = "reservations.cancellation_asked.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    billing_mode: BillingMode
    days: tuple[SheetDay, ...]


class BookingCancelled(Event):
    """Days of a sheet were cancelled. Subject: the month sheet."""

    topic: ClassVar[str] = "reservations.booking_cancelled.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    billing_mode: BillingMode
    regulation_version: int
    kind: Cancelled
    days: tuple[SheetDay, ...]
    disruption_id: str = ""
    """The town-side cancellation the days went with: families are told of it once, as a whole."""


class HeldLine(Part):
    child_id: str
    programme_id: str
    activity_id: str
    date: date
    surcharge_percent: int | None = None
    surcharge_cents: int | None = None


class PlacesHeld(Event):
    """Prepaid places wait for their payment until `expires_at`. Subject: the order."""

    topic: ClassVar[str] = "reservations.places_held.v1"

    order_id: str
    municipality_id: str
    household_id: str
    lines: tuple[HeldLine, ...]
    expires_at: AwareDatetime


class PlacesReleased(Event):
    """A hold ended without booking: `expired` unpaid, or `abandoned` by the family. Subject: the order."""

    topic: ClassVar[str] = "reservations.places_released.v1"

    order_id: str
    municipality_id: str
    household_id: str
    reason: Literal["expired", "abandoned"]


class PlacesLost(Event):
    """Paid after the hold had ended, and someone else has the place: money to give back. Subject: the order."""

    topic: ClassVar[str] = "reservations.places_lost.v1"

    order_id: str
    municipality_id: str
    household_id: str
    lines: tuple[HeldLine, ...]


class WaitingListJoined(Event):
    """A child waits for a place. Subject: the waiting-list entry."""

    topic: ClassVar[str] = "reservations.waiting_list_joined.v1"

    municipality_id: str
    household_id: str
    child_id: str
    activity_id: str
    date: date
    rank: int


class Mark(Part):
    """`left_at`: when the child was collected; `late_minutes`: begun minutes after the activity's end, where it has
    one; `minutes`: begun minutes from its beginning until then.
    """

    activity_id: str
    date: date
    outcome: Outcome
    left_at: AwareDatetime | None = None
    late_minutes: int | None = None
    minutes: int | None = None


class AttendanceMarked(Event):
    """What really happened on days of a sheet. Subject: the month sheet."""

    topic: ClassVar[str] = "reservations.attendance_marked.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    billing_mode: BillingMode
    marks: tuple[Mark, ...]


class ClosedDay(SheetDay):
    state: DayState
    cancelled: Cancelled | None = None


class SheetClosed(Event):
    """A sheet is final: every day it has, whole. Subject: the month sheet."""

    topic: ClassVar[str] = "reservations.sheet_closed.v1"

    closing_id: str
    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    billing_mode: BillingMode
    regulation_version: int
    days: tuple[ClosedDay, ...]


class MonthClosed(Event):
    """A programme's month is closed and `sheets` sheets were told before or will follow. Subject: the closing."""

    topic: ClassVar[str] = "reservations.month_closed.v1"

    closing_id: str
    municipality_id: str
    programme_id: str
    month: str
    sheets: int
