"""Cancel a receipt: money that was not there after all, a cheque that bounced, a debit sent back, a wrong entry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Protocol

from services.billing.domain.copies import Town, today_in
from services.billing.domain.invoices import Invoice
from services.billing.domain.postings import Posting
from services.billing.domain.settlements import Settlement
from services.billing.domain.till.receipts import Receipt, check_cancellable, reversal_of
from services.billing.domain.till.refunds import Refund, annulled, annulled_credit, annulment_of
from services.billing.domain.till.refusals import SurplusSpent
from shared.clock import Clock
from shared.errors import Conflict, NotFound

TRIES = 5


class Receipts(Protocol):
    async def get(self, municipality_id: str, receipt_id: str) -> Receipt | None: ...
    async def cancel(self, receipt: Receipt, *, by: str, reason: str, at: datetime, day: date) -> Receipt: ...
    async def save(self, receipt: Receipt) -> Receipt: ...
    async def to_reopen(self, limit: int = 100) -> list[Receipt]: ...


class Invoices(Protocol):
    async def settle(self, household_id: str, invoice_id: str, act: Settlement) -> Invoice: ...
    async def change(
        self,
        household_id: str,
        invoice_id: str,
        step: Callable[[Invoice], Invoice],
        *,
        postings: Sequence[Posting] = (),
    ) -> Invoice: ...


class Credits(Protocol):
    async def of_occasion(self, household_id: str, occasion: str) -> Invoice | None: ...


class Refunds(Protocol):
    async def by_source(self, source: str) -> Refund | None: ...
    async def save(self, refund: Refund) -> Refund: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


class CancellingTill(Protocol):
    """The parts it needs of the till."""

    @property
    def receipts(self) -> Receipts: ...
    @property
    def invoices(self) -> Invoices: ...
    @property
    def credits(self) -> Credits: ...
    @property
    def refunds(self) -> Refunds: ...
    @property
    def copies(self) -> Towns: ...
    @property
    def clock(self) -> Clock: ...


@dataclass(frozen=True, kw_only=True)
class Cancelling:
    """Why, and the agent's account; empty `by` for what a bank told."""

    reason: str
    by: str = ""


async def cancel_receipt(municipality_id: str, receipt_id: str, asked: Cancelling, *, till: CancellingTill) -> Receipt:
    """The receipt, cancelled; what it had settled is owed again. Cancelled before, its pieces are looked at again.

    Raises `NotFound`, `ReceiptNotSharedOut`, `ReceiptNotCancellable`, `SurplusSpent`, `ReceiptAlreadyCancelled` when
    somebody else did for another reason, `Conflict`.
    """
    receipt = await till.receipts.get(municipality_id, receipt_id)
    if receipt is None:
        raise NotFound()
    again = (receipt.cancelled_by, receipt.cancelled_for) == (asked.by, asked.reason)
    if receipt.cancelled_at is None or not again:
        check_cancellable(receipt)
        await _check_surplus(receipt, till)
        day = today_in(await till.copies.town(municipality_id), till.clock())
        receipt = await till.receipts.cancel(receipt, by=asked.by, reason=asked.reason, at=till.clock(), day=day)
    return await reopen_pieces(receipt, till)


async def _check_surplus(receipt: Receipt, till: CancellingTill) -> None:
    """Raises `SurplusSpent` when what it brought too much was used or paid back."""
    refund, credit = await _surplus(receipt, till)
    if (refund and refund.state != "due") or (credit and credit.remaining_cents != credit.total_cents):
        raise SurplusSpent(number=receipt.number)


async def _surplus(receipt: Receipt, till: CancellingTill) -> tuple[Refund | None, Invoice | None]:
    """What its surplus became."""
    if receipt.surplus_cents <= 0:
        return None, None
    refund = await till.refunds.by_source(f"{receipt.id}/surplus")
    return refund, await till.credits.of_occasion(receipt.household_id, f"surplus/{receipt.id}")


async def reopen_pieces(receipt: Receipt, till: CancellingTill) -> Receipt:
    """What a cancelled receipt had settled is owed again; a second time it changes nothing. Raises `Conflict`."""
    for _ in range(TRIES):
        try:
            return await _reopen(receipt, till)
        except Conflict:
            # Whoever finishes what was cut off may be at it at this very moment.
            receipt = await till.receipts.get(receipt.municipality_id, receipt.id) or receipt
    raise Conflict()


async def _reopen(receipt: Receipt, till: CancellingTill) -> Receipt:
    if receipt.cancelled_at is None or not receipt.to_reopen:
        return receipt
    await _annul(receipt, receipt.cancelled_at, till)
    for part in receipt.parts:
        if part.kind == "invoice" and part.taken_cents:
            act = reversal_of(receipt, part, receipt.cancelled_at)
            await till.invoices.settle(receipt.household_id, part.piece, act)
    return await till.receipts.save(replace(receipt, to_reopen=False))


async def _annul(receipt: Receipt, at: datetime, till: CancellingTill) -> None:
    refund, credit = await _surplus(receipt, till)
    if refund and refund.state == "due":
        await till.refunds.save(annulled(refund, at))
    if credit:
        step = partial(annulled_credit, source=receipt.id, at=at)
        await till.invoices.change(credit.household_id, credit.id, step, postings=[annulment_of(credit, at)])


async def finish_cancellations(till: CancellingTill) -> int:
    """Reopen what was cut off."""
    waiting = await till.receipts.to_reopen()
    for receipt in waiting:
        await reopen_pieces(receipt, till)
    return len(waiting)
