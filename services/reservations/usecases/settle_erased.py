"""A payment that comes for an order of a household that was erased meanwhile."""

from typing import Protocol

from services.reservations.domain.open_orders import chosen_again
from services.reservations.usecases.books import Books, Children, Towns
from services.reservations.usecases.settle_order import confirm_order, lose_order
from shared.clock import Clock
from shared.contracts import Told
from shared.contracts.billing import OrderPaid
from shared.privacy import Tombstones


class Carts(Protocol):
    async def take_out(self, household_id: str, line_ids: list[str]) -> bool: ...


async def settle_paid_order(
    told: Told[OrderPaid],
    *,
    tombstones: Tombstones,
    books: Books,
    catalogue: Towns,
    roster: Children,
    carts: Carts,
    clock: Clock,
) -> None:
    """Money is never ignored: it books the places, or it is given back."""
    if await tombstones.erased_at(told.event.household_id) is None:
        await confirm_order(told, books=books, catalogue=catalogue, roster=roster, clock=clock)
        await _not_chosen_again(told.event, books, carts, clock)
    else:
        await lose_order(told, books=books, clock=clock)


async def _not_chosen_again(paid: OrderPaid, books: Books, carts: Carts, clock: Clock) -> None:
    """Days put back into the cart when the time was over, and paid after all, are decided: booked, or lost."""
    order = await books.orders.get(paid.order_id, paid.household_id)
    if order is not None and order.state in ("confirmed", "lost") and order.late:
        await carts.take_out(paid.household_id, [line.id for line in chosen_again(order, clock())])
