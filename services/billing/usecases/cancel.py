"""Days that were cancelled: charged no more, and given back when they were paid beforehand."""

from services.billing.usecases.charge import Sheets, discharge_cancellation
from services.billing.usecases.hold_order import Orders, PaidDay, Payments, Till, give_back
from services.billing.usecases.tariffs.pricing import PriceBook
from shared.clock import Clock
from shared.contracts import Told
from shared.contracts.reservations import BookingCancelled

WHY = {"in_time": "cancelled-in-time", "service": "cancelled-by-town"}


async def cancel_days(
    told: Told[BookingCancelled],
    *,
    sheets: Sheets,
    book: PriceBook,
    orders: Orders,
    payments: Payments,
    clock: Clock,
) -> None:
    """Hearing it again does nothing. Raises `Unavailable` until the payment of a prepaid day is known."""
    await discharge_cancellation(told, sheets=sheets, book=book)
    event = told.event
    if event.billing_mode != "prepaid" or event.kind not in WHY:
        return
    till = Till(orders, payments, clock)
    for order_id, days in _by_order(event).items():
        await give_back(event.household_id, order_id, days, ref=f"{told.id}/{order_id}", why=WHY[event.kind], till=till)


def _by_order(event: BookingCancelled) -> dict[str, list[PaidDay]]:
    """Days nobody paid for, booked by an agent say, have no order."""
    found: dict[str, list[PaidDay]] = {}
    for day in event.days:
        if day.order_id:
            found.setdefault(day.order_id, []).append((event.child_id, day.activity_id, day.date))
    return found
