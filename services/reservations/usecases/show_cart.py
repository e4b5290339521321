"""The cart as it would pass now."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Cart, Line, by_sheet
from services.reservations.domain.cart_view import CartLine, CartView, cart_view
from services.reservations.domain.decision import decide
from services.reservations.domain.sheet import Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.usecases.beside import Elsewhere, beside
from shared.clock import Clock
from shared.errors import NotFound, Refused


class Carts(Protocol):
    async def get(self, household_id: str) -> Cart: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Children(Protocol):
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


class Sheets(Elsewhere, Protocol):
    async def get_many(self, household_id: str, keys: Sequence[SheetKey]) -> dict[SheetKey, Sheet]: ...


class PlacesLeft(Protocol):
    async def left(self, capacities: dict[Slot, int]) -> dict[Slot, int]: ...


class Prices(Protocol):
    async def of(self, household_id: str, municipality_ids: Collection[str]) -> dict[str, int]: ...


@dataclass(frozen=True, kw_only=True)
class Window:
    """What showing a cart reads."""

    carts: Carts
    catalogue: Towns
    roster: Children
    sheets: Sheets
    places: PlacesLeft
    prices: Prices
    clock: Clock


async def show_cart(household_id: str, window: Window) -> CartView:
    cart = await window.carts.get(household_id)
    if not cart.lines:
        return cart_view(cart, [], {})
    towns = await _towns(cart, window)
    groups = dict(by_sheet(cart.lines, household_id))
    capacities = _capacities(cart, towns)
    children, sheets, prices, left = await asyncio.gather(
        window.roster.children_of(household_id),
        window.sheets.get_many(household_id, list(groups)),
        window.prices.of(household_id, {line.municipality_id for line in cart.lines}),
        window.places.left(capacities),
    )
    known = {(child.child_id, child.municipality_id): child for child in children}
    full = frozenset(slot for slot, count in left.items() if not count)
    refused: dict[str, Refused] = {}
    for key, lines in groups.items():
        child, town = known.get((key.child_id, key.municipality_id)), towns.get(key.municipality_id)
        sheet = await beside(sheets[key], child, window.sheets) if child else sheets[key]
        refused.update(_refused(lines, sheet, town, child, full, window))
    shown = [_line(line, towns.get(line.municipality_id), prices, refused.get(line.id)) for line in cart.lines]
    return cart_view(cart, shown, {child.child_id: (child.first_name, child.last_name) for child in children})


def _refused(
    lines: tuple[Line, ...],
    sheet: Sheet,
    town: Town | None,
    child: RosterChild | None,
    full: Collection[Slot],
    window: Window,
) -> Mapping[str, Refused]:
    """A line whose child left the household, or whose activity the town took out, is for nobody any more."""
    if town is None or child is None:
        return {line.id: NotFound() for line in lines}
    try:
        return decide(lines, sheet=sheet, town=town, child=child, now=window.clock(), full=full).refused
    except NotFound as gone:
        return {line.id: gone for line in lines}


async def _towns(cart: Cart, window: Window) -> dict[str, Town]:
    towns = {}
    for municipality_id in {line.municipality_id for line in cart.lines}:
        try:
            towns[municipality_id] = await window.catalogue.town(municipality_id)
        except NotFound:
            continue
    return towns


def _capacities(cart: Cart, towns: Mapping[str, Town]) -> dict[Slot, int]:
    capacities: dict[Slot, int] = {}
    for line in cart.lines:
        limit = _limit(line, towns.get(line.municipality_id))
        if limit is not None:
            capacities[line.slot] = limit
    return capacities


def _limit(line: Line, town: Town | None) -> int | None:
    try:
        return town.activity(line.activity_id).places if town and line.action == "book" else None
    except NotFound:
        return None


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
        price_cents=prices.get(line.activity_id),
        refusal=refusal,
    )
