"""The door for other services: which fact concerns which use case."""

from collections.abc import Callable
from typing import Any

from services.billing.usecases.cancel import cancel_days
from services.billing.usecases.charge import (
    charge_attendance,
    charge_booking,
    discharge_marks,
)
from services.billing.usecases.close_erased import close_sheet_unless_erased
from services.billing.usecases.hold_order import end_order, hold_order, refund_lost_places
from services.billing.usecases.issue_invoices import close_month
from services.billing.usecases.learn import learn_household, learn_programme, learn_town
from services.billing.usecases.set_prices import join_family
from shared import former_households, privacy
from shared.contracts import Event
from shared.contracts.identity import AdhesionJoined, HouseholdProfiled, MunicipalitySet
from shared.contracts.reservations import (
    AttendanceMarked,
    BookingCancelled,
    BookingConfirmed,
    MonthClosed,
    PlacesHeld,
    PlacesLost,
    PlacesReleased,
    ProgrammePublished,
    SheetClosed,
)
from shared.contracts.reservations_at_the_door import AttendanceUnmarked

HANDLERS: dict[type[Event], Callable[..., Any]] = {
    MunicipalitySet: learn_town,
    HouseholdProfiled: learn_household,
    AdhesionJoined: join_family,
    ProgrammePublished: learn_programme,
    BookingConfirmed: charge_booking,
    BookingCancelled: cancel_days,
    AttendanceMarked: charge_attendance,
    AttendanceUnmarked: discharge_marks,
    SheetClosed: close_sheet_unless_erased,
    MonthClosed: close_month,
    PlacesHeld: hold_order,
    PlacesReleased: end_order,
    PlacesLost: refund_lost_places,
    **former_households.HANDLERS,
    **privacy.HANDLERS,
}
