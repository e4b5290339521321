"""A payment that comes for an order of a household that was erased meanwhile."""

from services.reservations.usecases.books import Books, Towns
from services.reservations.usecases.settle_order import confirm_order, lose_order
from shared.clock import Clock
from shared.contracts import Told
from shared.contracts.billing import OrderPaid
from shared.privacy import Tombstones


async def settle_paid_order(
    told: Told[OrderPaid], *, tombstones: Tombstones, books: Books, catalogue: Towns, clock: Clock
) -> None:
    """Money is never ignored: it books the places, or it is given back."""
    if await tombstones.erased_at(told.event.household_id) is None:
        await confirm_order(told, books=books, catalogue=catalogue, clock=clock)
    else:
        await lose_order(told, books=books, clock=clock)
