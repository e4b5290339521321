"""The cart as it would pass now."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool
from services.reservations.domain.cart import Cart, Line, by_sheet
from services.reservations.domain.cart_view import CartLine, CartView, cart_view
from services.reservations.domain.decision import Decision, decide
from services.reservations.domain.late import LateTier
from services.reservations.domain.open_orders import OpenOrder, open_order
from services.reservations.domain.order import Order
from services.reservations.domain.prices import price_in
from services.reservations.domain.sheet import Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.domain.weeks import lines_beyond
from services.reservations.usecases.beside import Elsewhere, Neighbours, around, beside
from shared.clock import Clock
from shared.errors import NotFound, Refused


class Carts(Protocol):
    async def get(self, household_id: str) -> Cart: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Children(Protocol):
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


class Sheets(Elsewhere, Neighbours, Protocol):
    async def get_many(self, household_id: str, keys: Sequence[SheetKey]) -> dict[SheetKey, Sheet]: ...


class PlacesLeft(Protocol):
    async def left(self, capacities: Mapping[Pool, int]) -> dict[Pool, int]: ...
    async def had(self, pools: Iterable[Pool], household_id: str) -> dict[str, set[Pool]]: ...


class Prices(Protocol):
    async def of(self, household_id: str, municipality_ids: Collection[str]) -> dict[str, int]: ...


class Orders(Protocol):
    async def open_of(self, household_id: str) -> list[Order]: ...


@dataclass(frozen=True, kw_only=True)
class Window:
    """What showing a cart reads."""

    carts: Carts
    catalogue: Towns
    roster: Children
    sheets: Sheets
    places: PlacesLeft
    prices: Prices
    orders: Orders
    clock: Clock


async def show_cart(household_id: str, window: Window) -> CartView:
    view, orders = await asyncio.gather(_lines_shown(household_id, window), open_orders(household_id, window))
    return replace(view, orders=orders)


async def open_orders(household_id: str, window: Window) -> tuple[OpenOrder, ...]:
    """What is kept for the household until it is paid, the most urgent first."""
    orders = await window.orders.open_of(household_id)
    if not orders:
        return ()
    town_ids = {order.municipality_id for order in orders}
    prices, towns = await asyncio.gather(window.prices.of(household_id, town_ids), _towns(town_ids, window))
    now = window.clock()
    return tuple(open_order(order, towns.get(order.municipality_id), prices, now) for order in orders)


async def _lines_shown(household_id: str, window: Window) -> CartView:
    cart = await window.carts.get(household_id)
    if not cart.lines:
        return cart_view(cart, [], {})
    towns = await _towns({line.municipality_id for line in cart.lines}, window)
    groups = dict(by_sheet(cart.lines, household_id))
    children, sheets, prices = await asyncio.gather(
        window.roster.children_of(household_id),
        window.sheets.get_many(household_id, list(groups)),
        window.prices.of(household_id, {line.municipality_id for line in cart.lines}),
    )
    known = {(child.child_id, child.municipality_id): child for child in children}
    needed = _pools(groups, towns, known)
    left = await window.places.left({pool: places for pools in needed.values() for pool, places in pools.items()})
    gone = {pool for pool, count in left.items() if not count}
    own = await window.places.had(gone, household_id) if gone else {}
    refused: dict[str, Refused] = {}
    tiers: dict[str, LateTier] = {}
    for key, lines in groups.items():
        child, town = known.get((key.child_id, key.municipality_id)), towns.get(key.municipality_id)
        sheet = sheets[key]
        if child and town:
            beyond = lines_beyond(cart.lines, key, town, child, window.clock())
            sheet = await beside(sheet, child, window.sheets)
            sheet = await around(sheet, lines, town.programmes.get(key.programme_id), window.sheets, beyond)
        taken = gone - own.get(key.child_id, set())
        full = [line.slot for line in lines if taken & needed.get(line.id, {}).keys()]
        decision = _decided(lines, sheet, town, child, full, window)
        refused.update(decision.refused)
        tiers.update(decision.tiers)
    shown = [
        replace(_line(line, towns.get(line.municipality_id), prices, refused.get(line.id)), tier=tiers.get(line.id))
        for line in cart.lines
    ]
    return cart_view(cart, shown, {child.child_id: (child.first_name, child.last_name) for child in children})


def _decided(
    lines: tuple[Line, ...],
    sheet: Sheet,
    town: Town | None,
    child: RosterChild | None,
    full: Collection[Slot],
    window: Window,
) -> Decision:
    """A line whose child left the household, or whose activity the town took out, is for nobody any more."""
    if town is None or child is None:
        return Decision(possible=(), refused={line.id: NotFound() for line in lines})
    try:
        return decide(lines, sheet=sheet, town=town, child=child, now=window.clock(), full=full, final=True)
    except NotFound as gone:
        return Decision(possible=(), refused={line.id: gone for line in lines})


async def _towns(municipality_ids: Collection[str], window: Window) -> dict[str, Town]:
    towns = {}
    for municipality_id in municipality_ids:
        try:
            towns[municipality_id] = await window.catalogue.town(municipality_id)
        except NotFound:
            continue
    return towns


def _pools(
    groups: Mapping[SheetKey, tuple[Line, ...]],
    towns: Mapping[str, Town],
    children: Mapping[tuple[str, str], RosterChild],
) -> dict[str, Mapping[Pool, int]]:
    """What each line to book takes its places from, by line id."""
    needed: dict[str, Mapping[Pool, int]] = {}
    for key, lines in groups.items():
        child, town = children.get((key.child_id, key.municipality_id)), towns.get(key.municipality_id)
        if child and town and key.programme_id in town.programmes:
            programme = town.programmes[key.programme_id]
            seats = {line.id: child.seat_on(key.programme_id, line.date) for line in lines if line.action == "book"}
            needed |= {
                line.id: programme.pools(line.activity_id, line.date, seats[line.id])
                for line in lines
                if line.id in seats
            }
    return needed


def _line(line: Line, town: Town | None, prices: Mapping[str, int], refusal: Refused | None) -> CartLine:
    name, mode = line.activity_id, "postpaid"
    if town and line.programme_id in town.programmes:
        programme = town.programmes[line.programme_id]
        mode = programme.billing_mode
        name = next((one.name for one in programme.activities if one.id == line.activity_id), name)
    return CartLine(
        line=line,
        activity_name=name,
        billing_mode="prepaid" if mode == "prepaid" else "postpaid",
        price_cents=price_in(prices, line.activity_id, line.child_id),
        refusal=refusal,
    )
