"""The door for services: which event does what."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.usecases.forget_channels import forget_channels
from services.notifications.usecases.keep_copies import keep_household, keep_letterhead, keep_programme, keep_town
from services.notifications.usecases.news.tell import announce_news, end_enrolment, keep_enrolment
from services.notifications.usecases.tell_accounts import send_link
from services.notifications.usecases.tell_families import (
    mail_invoice,
    send_invitation,
    tell_family,
    tell_of_days,
    tell_of_debit,
    tell_of_list,
    tell_of_reminder,
)
from services.notifications.usecases.tell_privacy import report_erasure, tell_archive_ready, warn_inactive
from services.notifications.usecases.tell_towns import tell_town
from services.notifications.usecases.warn_owners import warn_owner
from shared import privacy
from shared.contracts import Event
from shared.contracts.billing import InvoiceDocument, InvoiceIssued, InvoicesPaid, PaymentFailed
from shared.contracts.billing_debits import (
    DebitAnnounced,
    DebitCancelled,
    DebitRejected,
    MandateEnded,
    MandateSigned,
)
from shared.contracts.billing_quotients import QuotientInvited, QuotientRefreshed
from shared.contracts.billing_unpaid import DebtHandedOver, DebtTakenBack, ReminderSent
from shared.contracts.households import ChangeAnswered, ReconfirmationAsked
from shared.contracts.identity import (
    AccountClosed,
    HouseholdProfiled,
    InvitationIssued,
    LinkIssued,
    MunicipalitySet,
    SecurityNoticed,
)
from shared.contracts.notifications import NewsPublished
from shared.contracts.notifications_mail import AddressUnreachable
from shared.contracts.partners import SubscriptionPaused
from shared.contracts.privacy import ErasureReported, ExportReady, InactivityNoticed
from shared.contracts.requests import AnswerWritten
from shared.contracts.requests_files import FileInfected
from shared.contracts.requests_reminders import FamilyStillAwaited
from shared.contracts.requests_workflow import (
    AcknowledgementWritten,
    AskingWritten,
    MessageWritten,
    ReopeningWritten,
    RequestOverdue,
)
from shared.contracts.reservations import (
    BookingCancelled,
    BookingConfirmed,
    BookingRequested,
    CancellationAsked,
    PlacesLost,
    PlacesReleased,
    ProgrammePublished,
)
from shared.contracts.reservations_by_town import DecisionWritten, DisruptionNoticed
from shared.contracts.reservations_of_waiting import (
    WaitingListLeft,
    WaitingOfferEnding,
    WaitingOfferLetter,
    WaitingPlaceOffered,
)
from shared.contracts.reservations_weeks import UsualWeekMissed, UsualWeekReminder
from shared.contracts.school import ChildEnrolled, EnrolmentEnded
from shared.contracts.towns import LetterheadSet

HANDLERS: Mapping[type[Event], Callable[..., Any]] = {
    MunicipalitySet: keep_town,
    LetterheadSet: keep_letterhead,
    HouseholdProfiled: keep_household,
    ProgrammePublished: keep_programme,
    InvitationIssued: send_invitation,
    LinkIssued: send_link,
    SecurityNoticed: warn_owner,
    AccountClosed: forget_channels,
    BookingConfirmed: tell_of_days,
    BookingCancelled: tell_of_days,
    BookingRequested: tell_family,
    CancellationAsked: tell_family,
    DecisionWritten: tell_family,
    DisruptionNoticed: tell_family,
    PlacesReleased: tell_family,
    PlacesLost: tell_family,
    InvoiceIssued: tell_family,
    InvoiceDocument: mail_invoice,
    InvoicesPaid: tell_family,
    PaymentFailed: tell_family,
    DebitAnnounced: tell_family,
    DebitRejected: tell_family,
    DebitCancelled: tell_of_debit,
    MandateSigned: tell_family,
    MandateEnded: tell_family,
    ReminderSent: tell_of_reminder,
    DebtHandedOver: tell_family,
    DebtTakenBack: tell_family,
    QuotientInvited: tell_family,
    QuotientRefreshed: tell_family,
    AnswerWritten: tell_family,
    ChangeAnswered: tell_family,
    ReconfirmationAsked: tell_family,
    UsualWeekMissed: tell_family,
    UsualWeekReminder: tell_family,
    WaitingPlaceOffered: tell_family,
    WaitingOfferLetter: tell_family,
    WaitingListLeft: tell_of_list,
    WaitingOfferEnding: tell_family,
    FamilyStillAwaited: tell_family,
    AcknowledgementWritten: tell_family,
    AskingWritten: tell_family,
    FileInfected: tell_family,
    MessageWritten: tell_family,
    ReopeningWritten: tell_family,
    RequestOverdue: tell_family,
    AddressUnreachable: tell_family,
    SubscriptionPaused: tell_town,
    NewsPublished: announce_news,
    ChildEnrolled: keep_enrolment,
    EnrolmentEnded: end_enrolment,
    ExportReady: tell_archive_ready,
    ErasureReported: report_erasure,
    InactivityNoticed: warn_inactive,
    **privacy.HANDLERS,
}
