"""From an event of another service to what a family gets: a message in its space, a mail, or both.

Each function is named after what it does with the event; all of them leave the same documents however often the event
is delivered.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from services.notifications.domain.copies import Household, Recipient, Town, recipients_of
from services.notifications.domain.invoice_letters import invoice_pdf
from services.notifications.domain.messages import Mail, Message, mail_for, message_for
from shared.contracts import Event, Told
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
from shared.contracts.identity import InvitationIssued
from shared.contracts.notifications import NewsPublished
from shared.contracts.requests import AnswerWritten
from shared.contracts.reservations import (
    BookingCancelled,
    BookingConfirmed,
    BookingRequested,
    CancellationAsked,
    PlacesLost,
    PlacesReleased,
)
from shared.contracts.reservations_by_town import DecisionWritten, DisruptionNoticed
from shared.contracts.reservations_of_waiting import WaitingListLeft, WaitingOfferLetter, WaitingPlaceOffered
from shared.contracts.reservations_weeks import UsualWeekMissed, UsualWeekReminder
from shared.errors import Unavailable
from shared.i18n import DEFAULT_LANGUAGE


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def household(self, household_id: str) -> Household | None: ...
    def households_in(self, municipality_id: str) -> AsyncIterator[list[str]]: ...


class Messages(Protocol):
    async def tell(self, messages: Sequence[Message]) -> None: ...


class Mails(Protocol):
    async def queue(self, mails: Sequence[Mail]) -> None: ...


Personal = (
    BookingConfirmed
    | BookingCancelled
    | PlacesReleased
    | PlacesLost
    | InvoiceIssued
    | InvoicesPaid
    | PaymentFailed
    | AnswerWritten
    | ChangeAnswered
    | ReconfirmationAsked
    | UsualWeekMissed
    | BookingRequested
    | CancellationAsked
    | DecisionWritten
    | DisruptionNoticed
    | WaitingPlaceOffered
    | WaitingListLeft
    | DebitCancelled
    | ReminderSent
)

Both = (
    InvoicesPaid
    | AnswerWritten
    | ChangeAnswered
    | ReconfirmationAsked
    | DecisionWritten
    | DisruptionNoticed
    | QuotientInvited
    | QuotientRefreshed
    | DebitAnnounced
    | DebitRejected
    | MandateSigned
    | MandateEnded
    | ReminderSent
    | DebtHandedOver
    | DebtTakenBack
)
Mailed = Both | InvoiceDocument | UsualWeekReminder | WaitingOfferLetter


async def tell_household(told: Told[Personal], *, messages: Messages) -> None:
    """One message in the household's space: a single insert, for opening days bring thousands."""
    await messages.tell([message_for(told, told.event.household_id)])


async def tell_of_list(told: Told[WaitingListLeft], *, messages: Messages) -> None:
    """What the family did itself it knows."""
    if told.event.reason not in ("left", "declined"):
        await tell_household(told, messages=messages)


async def tell_of_debit(told: Told[DebitCancelled], *, messages: Messages) -> None:
    """What is paid needs no word, and whoever is erased reads none."""
    if told.event.why not in ("paid", "erased"):
        await tell_household(told, messages=messages)


async def tell_of_reminder(told: Told[ReminderSent], *, messages: Messages, copies: Copies, mails: Mails) -> None:
    """One that goes by post is printed by the cash office: the family sees it in its space as well."""
    if told.event.by == "mail":
        await tell_and_mail_household(told, messages=messages, copies=copies, mails=mails)
    else:
        await tell_household(told, messages=messages)


async def tell_of_days(told: Told[BookingConfirmed | BookingCancelled], *, messages: Messages) -> None:
    """Days that went with a cancellation by the town, or came back with its end, are told once, as a whole."""
    if not told.event.disruption_id:
        await tell_household(told, messages=messages)


async def tell_and_mail_household(
    told: Told[Both],
    *,
    messages: Messages,
    copies: Copies,
    mails: Mails,
) -> None:
    await messages.tell([message_for(told, told.event.household_id)])
    await mail_household(told, copies=copies, mails=mails)


async def mail_invoice(told: Told[InvoiceDocument], *, copies: Copies, mails: Mails) -> None:
    """Raises `ValueError` for an unreadable PDF: such an event is parked for someone to look at."""
    invoice_pdf(told.event)
    await mail_household(told, copies=copies, mails=mails)


async def mail_household(told: Told[Mailed], *, copies: Copies, mails: Mails) -> None:
    """A mail to each guardian with an address. Raises `Unavailable` until the household and the town are known here."""
    await _known_town(told, copies)
    household = await copies.household(told.event.household_id)
    if household is None:
        raise Unavailable()
    await mails.queue([mail_for(told, one, household_id=household.id) for one in recipients_of(household)])


async def send_invitation(told: Told[InvitationIssued], *, copies: Copies, mails: Mails) -> None:
    """Raises `Unavailable` until the town is known here."""
    if told.municipality_id:
        await _known_town(told, copies)
    event = told.event
    invited = Recipient(id=event.invitation_id, address=event.email, name=event.addressee, language=DEFAULT_LANGUAGE)
    await mails.queue([mail_for(told, invited)])


async def announce_news(told: Told[NewsPublished], *, copies: Copies, messages: Messages) -> None:
    """A message to every household of the town."""
    async for household_ids in copies.households_in(told.event.municipality_id):
        await messages.tell([message_for(told, household_id) for household_id in household_ids])


async def _known_town(told: Told[Event], copies: Copies) -> None:
    if await copies.town(told.municipality_id) is None:
        raise Unavailable()
