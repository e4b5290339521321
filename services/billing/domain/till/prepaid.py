"""Prepaid orders in the books: what they cost is income the day they are paid, by activity."""

from datetime import datetime

from services.billing.domain.orders import Order
from services.billing.domain.postings import Posting, Share
from services.billing.domain.till.receipts import Part


def order_products(order: Order, cents: int) -> tuple[Share, ...]:
    """By activity, what the first `cents` of an order pay."""
    found: list[Share] = []
    for activity_id, owed in _by_activity(order).items():
        part = min(owed, cents)
        if part > 0:
            found.append(Share(activity_id=activity_id, cents=part))
        cents -= part
    return tuple(found)


def _by_activity(order: Order) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for line in order.lines:
        amounts[line.activity_id] = amounts.get(line.activity_id, 0) + line.cents
    return amounts


def order_part(part: Part, order: Order | None, source: str) -> Part:
    """The part after its order was marked as paid, by activity; an order somebody else paid takes nothing."""
    if order is None or order.paid_by != source:
        return part
    return Part(
        piece=part.piece,
        kind="order",
        cents=part.cents,
        number=part.number,
        taken_cents=part.cents,
        products=order_products(order, part.cents),
    )


def order_posting(order: Order, cash_office_id: str, at: datetime) -> Posting:
    """The whole order, whatever of it credits paid."""
    return Posting(
        id=f"{order.id}/order_paid",
        kind="order_paid",
        municipality_id=order.municipality_id,
        cash_office_id=cash_office_id,
        household_id=order.household_id,
        at=at,
        cents=order.amount_cents,
        piece=order.id,
        source=order.paid_by or "",
        shares=tuple(Share(activity_id=name, cents=cents) for name, cents in _by_activity(order).items()),
    )
