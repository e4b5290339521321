"""The letters: what each mail says, before anybody's language and before HTML."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from services.notifications.domain.account_letters import ACCOUNT_LETTERS, guardian_invitation
from services.notifications.domain.arrears_letters import ARREARS_LETTERS
from services.notifications.domain.debit_letters import DEBIT_LETTERS
from services.notifications.domain.digest import Digest, digest_letter
from services.notifications.domain.ending_letters import ENDING_LETTERS
from services.notifications.domain.household_letters import HOUSEHOLD_LETTERS
from services.notifications.domain.invoice_letters import invoice_letter
from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.paper import as_it_is as _plain
from services.notifications.domain.partner_letters import PARTNER_LETTERS
from services.notifications.domain.plain_letters import plain_letter
from services.notifications.domain.price_letters import PRICE_LETTERS
from services.notifications.domain.privacy_letters import PRIVACY_LETTERS
from services.notifications.domain.reminder_letters import REMINDER_LETTERS
from services.notifications.domain.request_letters import REQUEST_LETTERS
from services.notifications.domain.say import Say
from services.notifications.domain.security_letters import SECURITY_LETTERS
from services.notifications.domain.town_letters import TOWN_LETTERS
from services.notifications.domain.waiting_letters import WAITING_LETTERS
from shared.contracts import Event
from shared.contracts.billing import InvoiceDocument, InvoicesPaid
from shared.contracts.identity import InvitationIssued
from shared.contracts.requests import AnswerWritten
from shared.errors import N_
from shared.money import Cents


def letter_of(event: Event, desk: Desk) -> Letter:
    """Raises `KeyError` for an event nobody is mailed about."""
    return LETTERS.get(type(event), plain_letter)(event, desk)


def needs_names(event: Event) -> bool:
    """Whether its mail is made from the words of the inbox, which call things by their names."""
    return type(event) not in LETTERS or isinstance(event, Digest)


def _invitation(event: InvitationIssued, desk: Desk) -> Letter:
    return INVITATIONS[event.kind](event, desk)


def _family_invitation(event: InvitationIssued, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("Joining a service on Préau — %(town)s"), {"town": desk.town.name}),
        opening=Say(
            N_("%(town)s invites your family to Préau, where you book, follow and pay these services:"),
            {"town": desk.town.name},
        ),
        listing=desk.town.services,
        details=_invitation_details(event, desk),
        action=(Say(N_("Create my account")), _invitation_link(event, desk, "createAccount")),
        notes=(
            Say(N_("Your code and your address are already filled in: you only check what the town hall knows.")),
            *_invitation_notes(desk),
        ),
    )


def _agent_invitation(event: InvitationIssued, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("Your agent account on Préau — %(town)s"), {"town": desk.town.name}),
        opening=Say(N_("%(town)s gives you an agent account on Préau."), {"town": desk.town.name}),
        details=_invitation_details(event, desk),
        action=(Say(N_("Create my agent account")), _invitation_link(event, desk, "createAgent")),
        notes=_invitation_notes(desk),
    )


def _invitation_details(event: InvitationIssued, desk: Desk) -> tuple[tuple[Say, Say], ...]:
    until = event.expires_at.astimezone(ZoneInfo(desk.town.time_zone))
    return (
        (Say(N_("Activation code")), _plain(event.code)),
        (Say(N_("E-mail address")), _plain(event.email)),
        (Say(N_("Valid until")), _plain(until)),
    )


def _invitation_link(event: InvitationIssued, desk: Desk, page: str) -> str:
    asked = urlencode({"activationCode": event.code, "email": event.email})
    return desk.page(f"{page}?{asked}")


def _invitation_notes(desk: Desk) -> tuple[Say, ...]:
    return (
        Say(N_("This link is for you alone. When it is no longer valid, ask for a new one on the sign-in page.")),
        Say(
            N_("Our messages may end in your spam folder: look there too, and add %(sender)s to your contacts."),
            {"sender": desk.sender},
        ),
    )


def _receipt(event: InvoicesPaid, desk: Desk) -> Letter:
    paid_at = event.paid_at.astimezone(ZoneInfo(desk.town.time_zone))
    invoices = ((Say(N_("Invoices")), _plain(", ".join(event.invoice_numbers))),) if event.invoice_numbers else ()
    return Letter(
        subject=Say(N_("%(town)s: payment received"), {"town": desk.town.name}),
        opening=Say(N_("We received your payment. Thank you. Please keep this message as your receipt.")),
        details=(
            (Say(N_("Amount paid")), _plain(Cents(event.amount_cents))),
            (Say(N_("Paid on")), _plain(paid_at)),
            *invoices,
            (Say(N_("Payment reference")), _plain(event.payment_id)),
        ),
        action=(Say(N_("See my invoices")), desk.page("factures")),
    )


DECISIONS = {
    "accepted": N_("Your request “%(category)s” is accepted."),
    "refused": N_("Your request “%(category)s” is refused."),
}


def _answer(event: AnswerWritten, desk: Desk) -> Letter:
    facts = {"town": desk.town.name, "category": event.category_name}
    return Letter(
        subject=Say(N_("%(town)s: answer to your request “%(category)s”"), facts),
        opening=Say(DECISIONS[event.decision], facts),
        quote=event.message,
        action=(Say(N_("See my requests")), desk.page("demandes")),
    )


INVITATIONS: Mapping[str, Callable[[InvitationIssued, Desk], Letter]] = {
    "family": _family_invitation,
    "agent": _agent_invitation,
    "guardian": guardian_invitation,
}
LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {
    InvitationIssued: _invitation,
    InvoiceDocument: invoice_letter,
    InvoicesPaid: _receipt,
    AnswerWritten: _answer,
    Digest: digest_letter,
    **ACCOUNT_LETTERS,
    **SECURITY_LETTERS,
    **PARTNER_LETTERS,
    **PRIVACY_LETTERS,
    **HOUSEHOLD_LETTERS,
    **ARREARS_LETTERS,
    **DEBIT_LETTERS,
    **REMINDER_LETTERS,
    **TOWN_LETTERS,
    **PRICE_LETTERS,
    **WAITING_LETTERS,
    **ENDING_LETTERS,
    **REQUEST_LETTERS,
}
