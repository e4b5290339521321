"""What prolongs or ends the wait of a prepaid order: its payment page opens or fails, the family gives it back."""

from datetime import datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Cart, Line
from services.reservations.domain.open_orders import AFTER_PAGE, chosen_again
from services.reservations.domain.order import Order
from services.reservations.domain.refusals import CartIsFull
from services.reservations.domain.refusals_of_cart import OrderNotOpen, PaymentUnderWay
from services.reservations.usecases.books import Books
from services.reservations.usecases.fill_cart import until_unchanged
from services.reservations.usecases.settle_order import abandon_order
from shared.clock import Clock
from shared.contracts import Told
from shared.contracts.billing import PaymentFailed, PaymentStarted
from shared.errors import NotFound


class Holds(Protocol):
    async def prolong(
        self, order_id: str, household_id: str, payment_id: str, *, page: datetime, until: datetime
    ) -> None: ...
    async def shorten(self, order_id: str, household_id: str, payment_id: str) -> None: ...


class Carts(Protocol):
    async def get(self, household_id: str) -> Cart: ...
    async def put(self, cart: Cart, *, now: datetime) -> None: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...


async def prolong_hold(told: Told[PaymentStarted], *, holds: Holds) -> None:
    """While the payment page is open the places wait; an order that is over is not brought back."""
    event = told.event
    if event.order_id:
        until = event.expires_at + AFTER_PAGE
        await holds.prolong(event.order_id, event.household_id, event.payment_id, page=event.expires_at, until=until)


async def shorten_hold(told: Told[PaymentFailed], *, holds: Holds) -> None:
    """The payment came to nothing: the order's own time counts again, and a moment to try once more."""
    event = told.event
    if event.order_id:
        await holds.shorten(event.order_id, event.household_id, event.payment_id)


async def give_order_back(household_id: str, order_id: str, *, books: Books, clock: Clock) -> None:
    """Its places are free again at once and nothing is to pay.

    Raises `NotFound`, `OrderNotOpen`, and `PaymentUnderWay` while a payment page of it is open.
    """
    order = await books.orders.get(order_id, household_id)
    if order is None or order.state == "opening":
        raise NotFound()
    if order.state != "held":
        raise OrderNotOpen()
    if order.paying_until and order.paying_until > clock():
        raise PaymentUnderWay(limit=order.paying_until)
    await abandon_order(order, books, now=clock())


async def reopen_cart(order: Order, *, carts: Carts, roster: Children, clock: Clock) -> None:
    """The days of an order that was not paid in time lie in the cart again; doing it twice changes nothing."""
    now = clock()
    lines = [
        line for line in chosen_again(order, now) if line.date >= now.date() and await _is_theirs(line, order, roster)
    ]

    async def put() -> None:
        cart = await carts.get(order.household_id)
        missing = [line for line in lines if cart.line_at(line.child_id, line.slot) is None]
        if missing:
            await carts.put(cart.with_lines(missing), now=now)

    try:
        await until_unchanged(put)
    except CartIsFull:
        return


async def _is_theirs(line: Line, order: Order, roster: Children) -> bool:
    """The household may have left the town meanwhile."""
    try:
        await roster.child(line.child_id, order.household_id, order.municipality_id)
    except NotFound:
        return False
    return True
