"""Put days into the cart and take them out; each is decided when it is put in, and again when it is validated."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Cart, Line
from services.reservations.domain.decision import decide
from services.reservations.domain.period import Dropped, Period
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals import AlreadyInCart
from services.reservations.domain.regulation import Action
from services.reservations.domain.sheet import Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.usecases.beside import Elsewhere, beside
from shared.clock import Clock
from shared.errors import Conflict, NotFound, Refused
from shared.ids import new_id

TRIES = 8


class Towns(Protocol):
    async def town_of_activity(self, activity_id: str) -> Town: ...
    async def town_of_programme(self, programme_id: str) -> Town: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...


class Carts(Protocol):
    async def get(self, household_id: str) -> Cart: ...
    async def put(self, cart: Cart, *, now: datetime) -> None: ...
    async def take_out(self, household_id: str, line_ids: list[str]) -> bool: ...
    async def empty(self, household_id: str) -> None: ...


class Sheets(Elsewhere, Protocol):
    async def get(self, key: SheetKey) -> Sheet: ...
    async def get_many(self, household_id: str, keys: Sequence[SheetKey]) -> dict[SheetKey, Sheet]: ...


class PlacesLeft(Protocol):
    async def left(self, capacities: dict[Slot, int]) -> dict[Slot, int]: ...


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """What putting into the cart looks at and writes."""

    carts: Carts
    catalogue: Towns
    roster: Children
    sheets: Sheets
    places: PlacesLeft
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class PeriodAsked:
    """`pattern`: the ISO weekdays wanted of each activity."""

    child_id: str
    programme_id: str
    start: date
    until: date
    pattern: Mapping[str, Sequence[int]]


@dataclass(frozen=True, kw_only=True)
class PeriodAdded:
    period: Period
    programme: Programme
    added: tuple[Line, ...]
    dropped: tuple[Dropped, ...]


async def add_line(household_id: str, child_id: str, slot: Slot, action: Action, shelf: Shelf) -> None:
    """Put one cell into the cart. The same again changes nothing, the inverse takes the cell out.

    Raises what refuses it.
    """
    town = await shelf.catalogue.town_of_activity(slot[0])
    programme = town.programme_of(slot[0])
    child = await shelf.roster.child(child_id, household_id, town.municipality_id)
    (line,) = _lines(child, programme, [slot], action, shelf.clock())

    async def put() -> None:
        cart = await shelf.carts.get(household_id)
        known = cart.line_at(child_id, slot)
        if known is not None and known.action == action:
            return
        changed = cart.without({known.id}) if known else await _with(line, cart, child, town, shelf)
        await shelf.carts.put(changed, now=shelf.clock())

    await _until_unchanged(put)


async def _with(line: Line, cart: Cart, child: RosterChild, town: Town, shelf: Shelf) -> Cart:
    key = line.sheet_key(cart.household_id)
    sheet, full = await asyncio.gather(
        shelf.sheets.get(key), _full([line.slot] if line.action == "book" else [], town, shelf)
    )
    sheet = await beside(sheet, child, shelf.sheets)
    lines = (*cart.of_sheet(key), line)
    decision = decide(lines, sheet=sheet, town=town, child=child, now=shelf.clock(), full=full)
    if line.id in decision.refused:
        raise decision.refused[line.id]
    return cart.with_lines([line])


async def add_period(household_id: str, asked: PeriodAsked, shelf: Shelf) -> PeriodAdded:
    """Put every open day of a pattern into the cart, and say of every other why not."""
    town = await shelf.catalogue.town_of_programme(asked.programme_id)
    programme = town.programme(asked.programme_id)
    for activity_id in asked.pattern:
        programme.activity(activity_id)
    period = Period.asked(asked.start, asked.until)
    child = await shelf.roster.child(asked.child_id, household_id, town.municipality_id)
    slots = period.slots(asked.pattern)
    lines = _lines(child, programme, slots, "book", shelf.clock())
    added: tuple[Line, ...] = ()
    refused: Mapping[Slot, Refused] = {}

    async def put() -> None:
        nonlocal added, refused
        cart = await shelf.carts.get(household_id)
        refused = await _refused(lines, cart, child, town, shelf)
        added = tuple(line for line in lines if line.slot not in refused)
        if added:
            await shelf.carts.put(cart.with_lines(added), now=shelf.clock())

    await _until_unchanged(put)
    dropped = tuple(Dropped(slot=slot, refusal=refused[slot]) for slot in slots if slot in refused)
    return PeriodAdded(period=period, programme=programme, added=added, dropped=dropped)


async def _refused(
    lines: Sequence[Line], cart: Cart, child: RosterChild, town: Town, shelf: Shelf
) -> dict[Slot, Refused]:
    refused: dict[Slot, Refused] = {}
    known = cart.actions_for(child.child_id)
    for line in lines:
        if line.slot in known:
            refused[line.slot] = AlreadyInCart(activity=town.activity(line.activity_id).name, date=line.date)
    by_key: dict[SheetKey, list[Line]] = {}
    for line in lines:
        if line.slot not in refused:
            by_key.setdefault(line.sheet_key(cart.household_id), []).append(line)
    sheets, full = await asyncio.gather(
        shelf.sheets.get_many(cart.household_id, list(by_key)), _full([line.slot for line in lines], town, shelf)
    )
    for key, wanted in by_key.items():
        together = (*cart.of_sheet(key), *wanted)
        sheet = await beside(sheets[key], child, shelf.sheets)
        decision = decide(together, sheet=sheet, town=town, child=child, now=shelf.clock(), full=full)
        refused.update({line.slot: decision.refused[line.id] for line in wanted if line.id in decision.refused})
    return refused


async def _full(slots: Sequence[Slot], town: Town, shelf: Shelf) -> frozenset[Slot]:
    """Those of the slots that have limited places and none left."""
    limits = {slot: town.activity(slot[0]).places for slot in slots}
    capacities = {slot: limit for slot, limit in limits.items() if limit is not None}
    if not capacities:
        return frozenset()
    return frozenset(slot for slot, left in (await shelf.places.left(capacities)).items() if not left)


async def take_out_line(household_id: str, line_id: str, *, carts: Carts) -> None:
    """Raises `NotFound` when the household's cart has no such line."""
    if not await carts.take_out(household_id, [line_id]):
        raise NotFound()


async def empty_cart(household_id: str, *, carts: Carts) -> None:
    """Bookings and cancellations alike."""
    await carts.empty(household_id)


async def _until_unchanged(put: Callable[[], Awaitable[None]]) -> None:
    """Two parents fill one cart: whoever was overtaken reads again."""
    for _ in range(TRIES):
        try:
            return await put()
        except Conflict:
            continue
    raise Conflict()


def _lines(
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
