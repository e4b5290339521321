"""What families are told of direct debits: signed, announced, refused by the bank, not made after all."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.copies import Names
from services.notifications.domain.paper import Desk, Letter, as_it_is
from services.notifications.domain.say import Say
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.billing_debits import (
    DebitAnnounced,
    DebitCancelled,
    DebitRejected,
    MandateEnded,
    MandateSigned,
)
from shared.errors import N_
from shared.money import Cents

ANNOUNCED = N_("%(creditor)s will take %(amount)s from your account on %(day)s for the invoice %(number)s.")
REJECTED = N_("Your bank did not pay the debit of %(amount)s for the invoice %(number)s, which is to be paid again.")
CANCELLED = {
    "mandate": N_("The invoice %(number)s is not debited after all: its mandate is not in force any more."),
    "office": N_("The invoice %(number)s is not debited after all: the cash office took it out."),
    "account": N_("The invoice %(number)s is not debited after all: please give your account number again."),
}
SIGNED = N_("Your invoices of this cash office are taken from your bank account from now on, each announced before.")
ENDED = {
    "suspended": N_("Your bank refuses debits of this account: give another one, or pay your invoices otherwise."),
    "revoked": N_("The mandate is revoked: nothing more is taken from your account under it."),
    "lapsed": N_("The mandate lapsed: nothing was debited under it for 36 months. Sign a new one to go on."),
    "closed": N_("The last debit under the mandate was made: pay your next invoices otherwise, or sign a new one."),
}
NOT_YOU = N_("If it was not you, tell the town hall at once.")


def _announcement(event: DebitAnnounced, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: debit announced for %(day)s"), {"town": desk.town.name, "day": event.collect_on}),
        opening=Say(ANNOUNCED, _announced(event)),
        details=(
            (Say(N_("Creditor identifier (ICS)")), as_it_is(event.ics)),
            (Say(N_("Mandate reference (RUM)")), as_it_is(event.rum)),
            (Say(N_("Account")), as_it_is(event.account)),
        ),
        action=(Say(N_("See my invoices")), desk.page("factures")),
    )


def _announced(event: DebitAnnounced) -> dict[str, Any]:
    return {
        "creditor": event.creditor_name,
        "amount": Cents(event.amount_cents),
        "day": event.collect_on,
        "number": event.invoice_number,
    }


def _rejection(event: DebitRejected, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: debit refused by your bank"), {"town": desk.town.name}),
        opening=Say(REJECTED, _rejected(event)),
        action=(Say(N_("See and pay my invoices")), desk.page("factures")),
    )


def _rejected(event: DebitRejected) -> dict[str, Any]:
    return {"amount": Cents(event.amount_cents), "number": event.invoice_number}


def _signature(_: MandateSigned, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: direct debit mandate signed"), {"town": desk.town.name}),
        opening=Say(SIGNED),
        notes=(Say(NOT_YOU),),
    )


def _ending(event: MandateEnded, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: about your direct debit mandate"), {"town": desk.town.name}),
        opening=Say(ENDED[event.why]),
        action=(Say(N_("See my invoices")), desk.page("factures")),
    )


def _of_debit(event: DebitAnnounced, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Debit announced")),
        body=Say(ANNOUNCED, _announced(event)),
        about_type="debit",
        about_id=event.debit_id,
    )


def _of_refusal(event: DebitRejected, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Debit refused by your bank")),
        body=Say(REJECTED, _rejected(event)),
        about_type="invoice",
        about_id=event.invoice_id,
    )


def _of_cancelled(event: DebitCancelled, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Debit not made")),
        body=Say(CANCELLED[event.why], {"number": event.invoice_number}),
        about_type="invoice",
        about_id=event.invoice_id,
    )


def _of_signature(event: MandateSigned, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Direct debit mandate signed")),
        body=Say(SIGNED),
        about_type="mandate",
        about_id=event.mandate_id,
    )


def _of_ending(event: MandateEnded, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("About your direct debit mandate")),
        body=Say(ENDED[event.why]),
        about_type="mandate",
        about_id=event.mandate_id,
    )


DEBIT_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {
    DebitAnnounced: _announcement,
    DebitRejected: _rejection,
    MandateSigned: _signature,
    MandateEnded: _ending,
}
DEBIT_WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {
    DebitAnnounced: _of_debit,
    DebitRejected: _of_refusal,
    DebitCancelled: _of_cancelled,
    MandateSigned: _of_signature,
    MandateEnded: _of_ending,
}
