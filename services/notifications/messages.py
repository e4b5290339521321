"""The door for services: which event does what."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.usecases.keep_copies import keep_household, keep_programme, keep_town
from services.notifications.usecases.tell_accounts import send_link
from services.notifications.usecases.tell_families import (
    announce_news,
    mail_invoice,
    send_invitation,
    tell_and_mail_household,
    tell_household,
)
from services.notifications.usecases.tell_privacy import report_erasure, tell_archive_ready, warn_inactive
from services.notifications.usecases.warn_owners import warn_owner
from shared import privacy
from shared.contracts import Event
from shared.contracts.billing import InvoiceDocument, InvoiceIssued, InvoicesPaid, PaymentFailed
from shared.contracts.households import ChangeAnswered, ReconfirmationAsked
from shared.contracts.identity import HouseholdProfiled, InvitationIssued, LinkIssued, MunicipalitySet, SecurityNoticed
from shared.contracts.notifications import NewsPublished
from shared.contracts.privacy import ErasureReported, ExportReady, InactivityNoticed
from shared.contracts.requests import AnswerWritten
from shared.contracts.reservations import (
    BookingCancelled,
    BookingConfirmed,
    PlacesLost,
    PlacesReleased,
    ProgrammePublished,
)

HANDLERS: Mapping[type[Event], Callable[..., Any]] = {
    MunicipalitySet: keep_town,
    HouseholdProfiled: keep_household,
    ProgrammePublished: keep_programme,
    InvitationIssued: send_invitation,
    LinkIssued: send_link,
    SecurityNoticed: warn_owner,
    BookingConfirmed: tell_household,
    BookingCancelled: tell_household,
    PlacesReleased: tell_household,
    PlacesLost: tell_household,
    InvoiceIssued: tell_household,
    InvoiceDocument: mail_invoice,
    InvoicesPaid: tell_and_mail_household,
    PaymentFailed: tell_household,
    AnswerWritten: tell_and_mail_household,
    ChangeAnswered: tell_and_mail_household,
    ReconfirmationAsked: tell_and_mail_household,
    NewsPublished: announce_news,
    ExportReady: tell_archive_ready,
    ErasureReported: report_erasure,
    InactivityNoticed: warn_inactive,
    **privacy.HANDLERS,
}
