"""From an event of another service to what a family gets: each function is named after what it does with the event.

`domain/topics.py` says by which ways an event goes, the family's preferences by which of them; a function of its own is
for what is not told at all, or not by every way.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from services.notifications.domain.copies import Recipient, Town
from services.notifications.domain.invoice_letters import invoice_pdf
from services.notifications.domain.messages import Mail, mail_for
from services.notifications.usecases.telling import Telling
from shared.contracts import Told
from shared.contracts.billing import InvoiceDocument
from shared.contracts.billing_debits import DebitCancelled
from shared.contracts.billing_unpaid import ReminderSent
from shared.contracts.identity import InvitationIssued
from shared.contracts.reservations import BookingCancelled, BookingConfirmed
from shared.contracts.reservations_of_waiting import WaitingListLeft
from shared.errors import Unavailable
from shared.i18n import DEFAULT_LANGUAGE


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


class Mails(Protocol):
    async def queue(self, mails: Sequence[Mail]) -> None: ...


async def tell_family(told: Told[Any], *, telling: Telling) -> None:
    """The household the event names. Raises `Unavailable` until it and its town are known here."""
    await telling.household(told, told.event.household_id)


async def tell_of_list(told: Told[WaitingListLeft], *, telling: Telling) -> None:
    """What the family did itself it knows."""
    if told.event.reason not in ("left", "declined"):
        await tell_family(told, telling=telling)


async def tell_of_debit(told: Told[DebitCancelled], *, telling: Telling) -> None:
    """What is paid needs no word, and whoever is erased reads none."""
    if told.event.why not in ("paid", "erased"):
        await tell_family(told, telling=telling)


async def tell_of_reminder(told: Told[ReminderSent], *, telling: Telling) -> None:
    """One that goes by post is printed by the cash office: the family sees it in its space as well."""
    if told.event.by == "mail":
        await tell_family(told, telling=telling)
    else:
        await telling.household(told, told.event.household_id, ("inbox", "push"))


async def tell_of_days(told: Told[BookingConfirmed | BookingCancelled], *, telling: Telling) -> None:
    """Days that went with a cancellation by the town, or came back with its end, are told once, as a whole."""
    if not told.event.disruption_id:
        await tell_family(told, telling=telling)


async def mail_invoice(told: Told[InvoiceDocument], *, telling: Telling) -> None:
    """Raises `ValueError` for an unreadable PDF: such an event is parked for someone to look at."""
    invoice_pdf(told.event)
    await tell_family(told, telling=telling)


async def send_invitation(told: Told[InvitationIssued], *, copies: Copies, mails: Mails) -> None:
    """Raises `Unavailable` until the town is known here."""
    if told.municipality_id and await copies.town(told.municipality_id) is None:
        raise Unavailable()
    event = told.event
    invited = Recipient(id=event.invitation_id, address=event.email, name=event.addressee, language=DEFAULT_LANGUAGE)
    await mails.queue([mail_for(told, invited)])
