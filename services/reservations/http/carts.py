"""The door to the cart."""

from typing import Literal

from aiohttp import web

from services.reservations.domain.validation import Mode, Validation
from services.reservations.http.parts import BOOKS, CARTS, COUNTER, ORDERS, SHELF, WINDOW
from services.reservations.http.shapes import Id
from services.reservations.http.shapes_of_carts import (
    ShownCart,
    ShownValidation,
    shown_cart,
    shown_validation,
)
from services.reservations.usecases.fill_cart import add_line, empty_cart, take_out_line
from services.reservations.usecases.keep_orders import give_order_back
from services.reservations.usecases.show_cart import show_cart
from services.reservations.usecases.validate_cart import validate_cart
from shared.auth import Caller
from shared.local_dates import LocalDate
from shared.web import CLOCK, GUARDIAN, Body, Key, Route


class NewLine(Body):
    child_id: Id
    activity_id: Id
    date: LocalDate
    action: Literal["book", "cancel"]


class Validate(Body):
    """`possible`: do what can be done and refuse the rest line by line; `all`: all lines or none."""

    mode: Mode


async def cart(request: web.Request, caller: Caller) -> ShownCart:
    """The household's cart: lines with their prices and whether they would pass now, counts and totals."""
    return shown_cart(await show_cart(caller.household(), request.app[WINDOW]), request)


async def add_cart_line(request: web.Request, body: NewLine, caller: Caller) -> ShownCart:
    """Put a day to book or to cancel into the cart; the inverse of what is in the cart takes it out."""
    slot = (body.activity_id, body.date)
    await add_line(caller.household(), body.child_id, slot, body.action, request.app[SHELF])
    return await cart(request, caller)


async def remove_cart_line(request: web.Request, caller: Caller) -> None:
    """Take one line out of the cart."""
    await take_out_line(caller.household(), request.match_info["line_id"], carts=request.app[CARTS])


async def empty(request: web.Request, caller: Caller) -> None:
    """Take everything out of the cart, bookings and cancellations alike."""
    await empty_cart(caller.household(), carts=request.app[CARTS])


async def drop_order(request: web.Request, caller: Caller) -> None:
    """Give an order back before it is paid: its places are free again, nothing is to pay."""
    app = request.app
    await give_order_back(caller.household(), request.match_info["order_id"], books=app[BOOKS], clock=app[CLOCK])


async def validate(request: web.Request, body: Validate, caller: Caller, key: Key) -> ShownValidation:
    """Validate the cart: each line confirmed, held until paid, cancelled or refused with its reason."""
    done = await validate_cart(caller.household(), body.mode, key.value, key.fingerprint, request.app[COUNTER])
    return await answered(done, request)


async def answered(done: Validation, request: web.Request) -> ShownValidation:
    towns = {outcome.line.municipality_id for outcome in done.outcomes if outcome.outcome == "held"}
    order_ids = [order_id for town, order_id in done.order_ids.items() if town in towns]
    orders = [await request.app[ORDERS].get(order_id, done.household_id) for order_id in order_ids]
    return shown_validation(done, [order for order in orders if order], request)


ROUTES = [
    Route(method="GET", path="/api/v1/cart", handler=cart, who=GUARDIAN, answer=ShownCart),
    Route(method="DELETE", path="/api/v1/cart", handler=empty, who=GUARDIAN),
    Route(
        method="POST",
        path="/api/v1/cart/lines",
        handler=add_cart_line,
        who=GUARDIAN,
        body=NewLine,
        answer=ShownCart,
        status=201,
    ),
    Route(method="DELETE", path="/api/v1/cart/orders/{order_id}", handler=drop_order, who=GUARDIAN),
    Route(method="DELETE", path="/api/v1/cart/lines/{line_id}", handler=remove_cart_line, who=GUARDIAN),
    Route(
        method="POST",
        path="/api/v1/cart/validation",
        handler=validate,
        who=GUARDIAN,
        body=Validate,
        answer=ShownValidation,
        status=201,
        keyed=True,
    ),
]
