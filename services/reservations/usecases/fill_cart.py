"""Put days into the cart and take them out; each is decided when it is put in, and again when it is validated."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Cart, Line
from services.reservations.domain.decision import decide
from services.reservations.domain.programmes import Programme
from services.reservations.domain.regulation import Action
from services.reservations.domain.sheet import Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.domain.weeks import lines_beyond
from services.reservations.usecases.beside import Elsewhere, around, beside
from services.reservations.usecases.full_days import PlacesLeft, look
from shared.clock import Clock
from shared.errors import Conflict, NotFound
from shared.ids import new_id

TRIES = 8


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...
    async def town_of_activity(self, activity_id: str) -> Town: ...
    async def town_of_programme(self, programme_id: str) -> Town: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


class Carts(Protocol):
    async def get(self, household_id: str) -> Cart: ...
    async def put(self, cart: Cart, *, now: datetime) -> None: ...
    async def take_out(self, household_id: str, line_ids: list[str]) -> bool: ...
    async def empty(self, household_id: str) -> None: ...


class Sheets(Elsewhere, Protocol):
    async def get(self, key: SheetKey) -> Sheet: ...
    async def get_many(self, household_id: str, keys: Sequence[SheetKey]) -> dict[SheetKey, Sheet]: ...


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """What putting into the cart looks at and writes."""

    carts: Carts
    catalogue: Towns
    roster: Children
    sheets: Sheets
    places: PlacesLeft
    clock: Clock


async def add_line(household_id: str, child_id: str, slot: Slot, action: Action, shelf: Shelf) -> None:
    """Put one cell into the cart. The same again changes nothing, the inverse takes the cell out.

    Raises what refuses it.
    """
    town = await shelf.catalogue.town_of_activity(slot[0])
    programme = town.programme_of(slot[0])
    child = await shelf.roster.child(child_id, household_id, town.municipality_id)
    (line,) = lines_of(child, programme, [slot], action, shelf.clock())

    async def put() -> None:
        cart = await shelf.carts.get(household_id)
        known = cart.line_at(child_id, slot)
        if known is not None and known.action == action:
            return
        changed = cart.without({known.id}) if known else await _with(line, cart, child, town, shelf)
        await shelf.carts.put(changed, now=shelf.clock())

    await until_unchanged(put)


async def _with(line: Line, cart: Cart, child: RosterChild, town: Town, shelf: Shelf) -> Cart:
    key = line.sheet_key(cart.household_id)
    wanted = [line.slot] if line.action == "book" else []
    sheet, fullness = await asyncio.gather(
        shelf.sheets.get(key), look(wanted, child, town.programme(line.programme_id), shelf.places)
    )
    sheet = await beside(sheet, child, shelf.sheets)
    lines = (*cart.of_sheet(key), line)
    beyond = lines_beyond(cart.lines, key, town, child, shelf.clock())
    sheet = await around(sheet, lines, town.programme(line.programme_id), shelf.sheets, beyond)
    decision = decide(lines, sheet=sheet, town=town, child=child, now=shelf.clock(), full=fullness.days(sheet))
    if line.id in decision.refused:
        raise decision.refused[line.id]
    return cart.with_lines([line])


async def take_out_line(household_id: str, line_id: str, *, carts: Carts) -> None:
    """Raises `NotFound` when the household's cart has no such line."""
    if not await carts.take_out(household_id, [line_id]):
        raise NotFound()


async def empty_cart(household_id: str, *, carts: Carts) -> None:
    """Bookings and cancellations alike."""
    await carts.empty(household_id)


async def until_unchanged(put: Callable[[], Awaitable[None]]) -> None:
    """Two parents fill one cart: whoever was overtaken reads again."""
    for _ in range(TRIES):
        try:
            return await put()
        except Conflict:
            continue
    raise Conflict()


def lines_of(
    child: RosterChild, programme: Programme, slots: Sequence[Slot], action: Action, now: datetime
) -> tuple[Line, ...]:
    return tuple(
        Line(
            id=new_id("crt"),
            child_id=child.child_id,
            municipality_id=child.municipality_id,
            programme_id=programme.id,
            activity_id=activity_id,
            date=day,
            action=action,
            added_at=now,
        )
        for activity_id, day in slots
    )
