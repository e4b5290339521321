"""Enter money that came in: number its receipt, settle what it is for, deal with what settled nothing.

Every step may be cut off and done again: the receipt is known by what brought the money, each settlement by the
receipt, the surplus by the receipt. Whoever brings money (the payment page, a collected debit, the Treasury, the
counter) comes through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.billing.domain.copies import Town, today_in
from services.billing.domain.invoices import Draft, Invoice
from services.billing.domain.orders import Order
from services.billing.domain.postings import Posting
from services.billing.domain.till.prepaid import order_part, order_posting
from services.billing.domain.till.receipts import (
    Part,
    Receipt,
    Received,
    part_taken,
    posting_of,
    settlement_of,
    shared,
)
from services.billing.domain.till.refunds import Refund, credit_draft, due_of_surplus
from services.billing.usecases.till import cancel_receipt, use_credits
from shared.clock import Clock
from shared.errors import Conflict, NotFound

TRIES = 5


class Receipts(cancel_receipt.Receipts, Protocol):
    async def enter(self, money: Received, day: date) -> Receipt: ...
    async def share_out(self, receipt: Receipt, postings: Sequence[Posting]) -> Receipt: ...
    async def unfinished(self, limit: int = 100) -> list[Receipt]: ...
    async def by_source(self, source: str) -> Receipt | None: ...


class Invoices(cancel_receipt.Invoices, use_credits.Invoices, Protocol):
    async def issue(self, draft: Draft) -> Invoice: ...


class Credits(cancel_receipt.Credits, use_credits.Credits, Protocol):
    async def households_with_credit(self, cash_office_id: str) -> set[str]: ...


class Orders(Protocol):
    async def get(self, household_id: str, order_id: str) -> Order | None: ...
    async def pay(self, household_id: str, name: str, payment_id: str, cents: int, at: datetime) -> int: ...


class Refunds(cancel_receipt.Refunds, Protocol):
    async def open(self, refund: Refund) -> Refund: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


@dataclass(frozen=True, kw_only=True)
class MoneyTill:
    """The parts every act on money that came in needs; also what cancelling and credits take."""

    receipts: Receipts
    invoices: Invoices
    credits: Credits
    orders: Orders
    refunds: Refunds
    copies: Towns
    clock: Clock


async def receive(money: Received, *, till: MoneyTill) -> Receipt:
    """The receipt, its pieces settled; entered before, as it is. `parts` of it say what each piece took.

    Raises `VoucherAlreadyTaken`, `Conflict`, `NotFound` for a piece that is not the household's.
    """
    day = money.on or today_in(await till.copies.town(money.municipality_id), money.at)
    return await share_out(await till.receipts.enter(money, day), till)


async def share_out(receipt: Receipt, till: MoneyTill) -> Receipt:
    """Settle what it is for; a second time it changes nothing. Raises `Conflict`."""
    for _ in range(TRIES):
        try:
            return await _share_out(receipt, till)
        except Conflict:
            # Whoever finishes what was cut off may be at it at this very moment.
            receipt = await till.receipts.get(receipt.municipality_id, receipt.id) or receipt
    raise Conflict()


async def _share_out(receipt: Receipt, till: MoneyTill) -> Receipt:
    if receipt.shared_out:
        return receipt
    taken = [await _taken(receipt, part, till) for part in receipt.parts]
    parts, postings = [part for part, _ in taken], [posting for _, found in taken for posting in found]
    whole = shared(receipt, parts)
    await _deal_with_surplus(whole, till)
    return await till.receipts.share_out(whole, [posting_of(whole), *postings])


async def _taken(receipt: Receipt, part: Part, till: MoneyTill) -> tuple[Part, list[Posting]]:
    if part.kind == "order":
        return await _paid_order(receipt, part, till)
    act = settlement_of(receipt, part)
    try:
        invoice = await till.invoices.settle(receipt.household_id, part.piece, act)
    except NotFound:
        # The money is there whatever it was meant for: it is due back.
        return part, []
    return part_taken(part, invoice, act), []


async def _paid_order(receipt: Receipt, part: Part, till: MoneyTill) -> tuple[Part, list[Posting]]:
    await till.orders.pay(receipt.household_id, part.piece, receipt.source, part.cents, receipt.at)
    order = await till.orders.get(receipt.household_id, part.piece)
    paid = order_part(part, order, receipt.source)
    posted = [order_posting(order, receipt.cash_office_id, receipt.at)] if order and paid.taken_cents else []
    return paid, posted


async def _deal_with_surplus(receipt: Receipt, till: MoneyTill) -> None:
    if receipt.surplus_cents <= 0:
        return
    if receipt.surplus == "credit":
        draft = credit_draft(
            municipality_id=receipt.municipality_id,
            household_id=receipt.household_id,
            cash_office_id=receipt.cash_office_id,
            cents=receipt.surplus_cents,
            occasion=f"surplus/{receipt.id}",
            on=receipt.booked_on,
        )
        await till.invoices.issue(draft)
    if receipt.surplus == "refund":
        await till.refunds.open(due_of_surplus(receipt))


async def finish_receipts(till: MoneyTill) -> int:
    """Share out what was cut off."""
    unfinished = await till.receipts.unfinished()
    for receipt in unfinished:
        await share_out(receipt, till)
    return len(unfinished)
