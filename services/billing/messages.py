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
from services.billing.usecases.contest_line import note_request
from services.billing.usecases.debits.hear_mandate import hear_mandate
from services.billing.usecases.hear_answer import hear_answer
from services.billing.usecases.hold_order import end_order, hold_order, refund_lost_places
from services.billing.usecases.learn import learn_household, learn_programme, learn_town
from services.billing.usecases.months.closings import close_month, reopen_month
from services.billing.usecases.quotients.accept import accept_quotient
from services.billing.usecases.set_prices import join_family
from services.billing.usecases.tariffs.learn_enrolments import learn_end_of_enrolment, learn_enrolment
from shared import former_households, privacy
from shared.contracts import Event
from shared.contracts.identity import AdhesionJoined, HouseholdProfiled, MunicipalitySet
from shared.contracts.requests import QuotientAccepted, RequestAnswered, RequestFiled
from shared.contracts.requests_effects import MandateDecided
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
from shared.contracts.reservations_of_months import MonthReopened
from shared.contracts.school import ChildEnrolled, EnrolmentEnded

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
    MonthReopened: reopen_month,
    PlacesHeld: hold_order,
    ChildEnrolled: learn_enrolment,
    QuotientAccepted: accept_quotient,
    EnrolmentEnded: learn_end_of_enrolment,
    PlacesReleased: end_order,
    PlacesLost: refund_lost_places,
    RequestFiled: note_request,
    RequestAnswered: hear_answer,
    MandateDecided: hear_mandate,
    **former_households.HANDLERS,
    **privacy.HANDLERS,
}
