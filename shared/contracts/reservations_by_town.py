"""What reservations tells of what a town decides: requests, absences and their proofs, cancellations by the town."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange, Part
from shared.contracts.reservations import BillingMode, SheetDay

Asked = Literal["book", "cancel"]


class BookingRequestDecided(Event):
    """An agent decided on days a family asked to book or to cancel. Subject: the month sheet.

    `refund`: whether days whose cancellation was accepted cost nothing. `order_id` and `pay_until`: accepted prepaid
    days are booked once this order is paid.
    """

    topic: ClassVar[str] = "reservations.booking_request_decided.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    billing_mode: BillingMode
    asked: Asked
    accepted: bool
    refund: bool
    days: tuple[SheetDay, ...]
    order_id: str | None = None
    pay_until: AwareDatetime | None = None


class NamedDay(Part):
    """A day as a letter names it; `first_name` is empty while the child's name is not known."""

    child_id: str
    first_name: str
    programme_id: str
    activity_id: str
    activity_name: str
    date: date


class DecisionWritten(Event):
    """The decision with the agent's words, to be sent to the family. Subject: the month sheet."""

    topic: ClassVar[str] = "reservations.decision_written.v1"
    exchange: ClassVar[Exchange] = "profiles"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    asked: Asked
    accepted: bool
    refund: bool
    days: tuple[NamedDay, ...]
    pay_until: AwareDatetime | None = None
    message: str


class AbsentDay(Part):
    activity_id: str
    date: date


class AbsenceReported(Event):
    """A family said that a child will be away on days that stay booked. Subject: the month sheet."""

    topic: ClassVar[str] = "reservations.absence_reported.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    days: tuple[AbsentDay, ...]


class AbsenceProofDecided(Event):
    """The town accepted what proves an absence, and the regulation said what it costs. Subject: the month sheet."""

    topic: ClassVar[str] = "reservations.absence_proof_decided.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    request_id: str
    free: tuple[AbsentDay, ...]
    due: tuple[AbsentDay, ...]


Reason = Literal["strike", "weather", "trip", "staff", "building", "other"]


class DisruptionDeclared(Event):
    """A town cancels what is booked in its scope: no new booking there from now on. Subject: the disruption."""

    topic: ClassVar[str] = "reservations.disruption_declared.v1"

    disruption_id: str
    municipality_id: str
    activity_ids: tuple[str, ...]
    site_ids: tuple[str, ...]
    """Empty: every site."""
    groups: tuple[str, ...]
    starts: date
    ends: date
    reason: Reason


class DisruptionFinished(Event):
    """Nothing is booked any more in its scope, and every family was told. Subject: the disruption."""

    topic: ClassVar[str] = "reservations.disruption_finished.v1"

    disruption_id: str
    municipality_id: str
    households: int
    children: int
    days: int


class DisruptionUndone(Event):
    """The town took its cancellation back; `days` are booked again, `lost` could not be. Subject: the disruption."""

    topic: ClassVar[str] = "reservations.disruption_undone.v1"

    disruption_id: str
    municipality_id: str
    days: int
    lost: int


class DisruptionNoticed(Event):
    """All a household has to know of a cancellation by the town, or of its end. Subject: household and disruption."""

    topic: ClassVar[str] = "reservations.disruption_noticed.v1"
    exchange: ClassVar[Exchange] = "profiles"

    disruption_id: str
    municipality_id: str
    household_id: str
    kind: Literal["cancelled", "restored"]
    reason: Reason
    message: str
    """The town's own words, in French; empty when it wrote none."""
    message_en: str
    days: tuple[NamedDay, ...]
    lost: tuple[NamedDay, ...] = ()
    """Of `restored`: the days that could not be booked again."""
