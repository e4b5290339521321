"""Enter every settled online payment into the till, also those of the time before there was one."""

from collections.abc import Sequence
from typing import Protocol

from services.billing.domain.payments import Payment
from services.billing.domain.postings import Posting
from services.billing.domain.till.online import received_of
from services.billing.domain.till.prepaid import order_posting
from services.billing.usecases.till.receive import MoneyTill, receive


class Paid(Protocol):
    async def not_entered(self, limit: int = 100) -> list[Payment]: ...
    async def mark_entered(self, payment: Payment, postings: Sequence[Posting]) -> None: ...


async def enter_payments(paid: Paid, till: MoneyTill) -> int:
    """How many were looked at; whoever settled one may have entered it already."""
    waiting = await paid.not_entered()
    for payment in waiting:
        if payment.amount_cents:
            await receive(received_of(payment), till=till)
            await paid.mark_entered(payment, [])
        else:
            await paid.mark_entered(payment, await _of_free_order(payment, till))
    return len(waiting)


async def _of_free_order(payment: Payment, till: MoneyTill) -> list[Posting]:
    """An order that credits paid whole: no money came in, its income did."""
    order = await till.orders.get(payment.household_id, payment.order_id) if payment.order_id else None
    if order is None or not order.amount_cents or order.paid_by != payment.id:
        return []
    return [order_posting(order, payment.cash_office_id, payment.paid_at or payment.opened_at)]
