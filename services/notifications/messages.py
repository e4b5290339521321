"""The door for services: which event does what."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.usecases.keep_copies import keep_household, keep_programme, keep_town
from services.notifications.usecases.tell_accounts import send_link
from services.notifications.usecases.tell_families import (
    announce_news,
    mail_household,
    mail_invoice,
    send_invitation,
    tell_and_mail_household,
    tell_household,
    tell_of_days,
    tell_of_debit,
    tell_of_list,
    tell_of_reminder,
)
from services.notifications.usecases.tell_privacy import report_erasure, tell_archive_ready, warn_inactive
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
from shared.contracts.identity import HouseholdProfiled, InvitationIssued, LinkIssued, MunicipalitySet, SecurityNoticed
from shared.contracts.notifications import NewsPublished
from shared.contracts.privacy import ErasureReported, ExportReady, InactivityNoticed
from shared.contracts.requests import AnswerWritten
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
from shared.contracts.reservations_of_waiting import WaitingListLeft, WaitingOfferLetter, WaitingPlaceOffered
from shared.contracts.reservations_weeks import UsualWeekMissed, UsualWeekReminder

HANDLERS: Mapping[type[Event], Callable[..., Any]] = {
    MunicipalitySet: keep_town,
    HouseholdProfiled: keep_household,
    ProgrammePublished: keep_programme,
    InvitationIssued: send_invitation,
    LinkIssued: send_link,
    SecurityNoticed: warn_owner,
    BookingConfirmed: tell_of_days,
    BookingCancelled: tell_of_days,
    BookingRequested: tell_household,
    CancellationAsked: tell_household,
    DecisionWritten: tell_and_mail_household,
    DisruptionNoticed: tell_and_mail_household,
    PlacesReleased: tell_household,
    PlacesLost: tell_household,
    InvoiceIssued: tell_household,
    InvoiceDocument: mail_invoice,
    InvoicesPaid: tell_and_mail_household,
    PaymentFailed: tell_household,
    DebitAnnounced: tell_and_mail_household,
    DebitRejected: tell_and_mail_household,
    DebitCancelled: tell_of_debit,
    MandateSigned: tell_and_mail_household,
    MandateEnded: tell_and_mail_household,
    ReminderSent: tell_of_reminder,
    DebtHandedOver: tell_and_mail_household,
    DebtTakenBack: tell_and_mail_household,
    QuotientInvited: tell_and_mail_household,
    QuotientRefreshed: tell_and_mail_household,
    AnswerWritten: tell_and_mail_household,
    ChangeAnswered: tell_and_mail_household,
    ReconfirmationAsked: tell_and_mail_household,
    UsualWeekMissed: tell_household,
    UsualWeekReminder: mail_household,
    WaitingPlaceOffered: tell_household,
    WaitingOfferLetter: mail_household,
    WaitingListLeft: tell_of_list,
    NewsPublished: announce_news,
    ExportReady: tell_archive_ready,
    ErasureReported: report_erasure,
    InactivityNoticed: warn_inactive,
    **privacy.HANDLERS,
}
