"""What a card provider says of a payment, by its notification or through the payer's browser: believed when signed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.billing.domain.payfip import Status
from services.billing.domain.paying.accounts import CARD, Account
from services.billing.domain.paying.pages import PageForm
from services.billing.domain.payments import Payment
from services.billing.usecases.follow_payment import Till, hear_status
from shared.errors import NotFound

SHOP, ORDER = "vads_site_id", "vads_order_id"


class Payments(Protocol):
    async def of_reference(self, client: str, reference: str) -> Payment | None: ...


class Accounts(Protocol):
    async def get(self, municipality_id: str, cash_office_id: str) -> Account | None: ...


class Cards(Protocol):
    """The card providers: what they are sent, and what their words mean, None when nothing signed them."""

    def form(self, payment: Payment, account: Account) -> PageForm: ...
    def read(self, fields: Mapping[str, str], payment: Payment, account: Account) -> Status | None: ...


@dataclass(frozen=True, kw_only=True)
class CardDesk:
    """`note` tells the operators, in identifiers only."""

    payments: Payments
    accounts: Accounts
    cards: Cards
    till: Till
    note: Callable[..., None]


async def hear_card(fields: Mapping[str, str], desk: CardDesk) -> Payment | None:
    """The payment after a provider's word; None when the word is of no payment, or nobody's who may tell.

    A word that comes again, or after the end, changes nothing: only money is believed then.
    """
    payment = await desk.payments.of_reference(fields.get(SHOP, ""), fields.get(ORDER, ""))
    if payment is None:
        desk.note("card_word_without_payment")
        return None
    account = await desk.accounts.get(payment.municipality_id, payment.cash_office_id)
    status = desk.cards.read(fields, payment, account) if account else None
    if status is None:
        desk.note("card_word_not_signed", payment_id=payment.id)
        return None
    if payment.idop is None:
        # Told of an attempt whose page nobody got yet: signed or not, it is not about this attempt.
        desk.note("card_word_too_early", payment_id=payment.id)
        return None
    return await hear_status(payment, status, desk.till)


async def card_form(payment: Payment, desk: CardDesk) -> PageForm:
    """What the payer's browser sends to the provider. Raises `NotFound` when there is nothing to pay any more."""
    account = await desk.accounts.get(payment.municipality_id, payment.cash_office_id)
    over = payment.state != "pending" or desk.till.clock() >= payment.expires_at
    if payment.provider not in CARD or account is None or over:
        raise NotFound()
    return desk.cards.form(payment, account)
