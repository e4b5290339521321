"""A child's month in a programme: the sheet, the cart, the places left and the prices, in one view."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Cart
from services.reservations.domain.month_view import MonthView, days_of, month_view
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.usecases.beside import Elsewhere, beside
from shared.clock import Clock
from shared.errors import NotFound


class Towns(Protocol):
    async def town_of_programme(self, programme_id: str) -> Town: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...
    async def children_in(self, municipality_id: str, child_ids: Collection[str]) -> dict[str, RosterChild]: ...


class Carts(Protocol):
    async def get(self, household_id: str) -> Cart: ...


class Sheets(Elsewhere, Protocol):
    async def get(self, key: SheetKey) -> Sheet: ...


class PlacesLeft(Protocol):
    async def left(self, capacities: dict[Slot, int]) -> dict[Slot, int]: ...


class Prices(Protocol):
    async def of(self, household_id: str, municipality_ids: Collection[str]) -> dict[str, int]: ...


class Waiting(Protocol):
    async def of_child(self, household_id: str, child_id: str, slots: Sequence[Slot]) -> dict[Slot, int]: ...


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What showing a month reads."""

    catalogue: Towns
    roster: Children
    carts: Carts
    sheets: Sheets
    places: PlacesLeft
    prices: Prices
    waiting: Waiting
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class ShownMonth:
    """`lines` are the cart's line ids, `ranks` those in waiting lists."""

    child: RosterChild
    town: Town
    programme: Programme
    view: MonthView
    final: bool
    lines: Mapping[Slot, str]
    ranks: Mapping[Slot, int]


async def show_month(household_id: str, child_id: str, programme_id: str, month: str, desk: Desk) -> ShownMonth:
    """A guardian's view. Raises `NotFound` for a child, programme or month that is not theirs or is none."""
    town = await desk.catalogue.town_of_programme(programme_id)
    child, cart = await asyncio.gather(
        desk.roster.child(child_id, household_id, town.municipality_id), desk.carts.get(household_id)
    )
    return await _shown(child, town, programme_id, month, cart, desk)


async def show_month_to_agent(
    municipality_ids: Collection[str], child_id: str, programme_id: str, month: str, desk: Desk, household_id: str = ""
) -> ShownMonth:
    """An agent's view of a child of one of their towns: no cart, which is the family's own.

    `household_id`: whose bookings of a child that has two households; empty for the first.
    """
    town = await desk.catalogue.town_of_programme(programme_id)
    if town.municipality_id not in municipality_ids:
        raise NotFound()
    children = await desk.roster.children_in(town.municipality_id, [child_id])
    if child_id not in children:
        raise NotFound()
    child = children[child_id]
    if household_id and household_id != child.household_id:
        child = await desk.roster.child(child_id, household_id, town.municipality_id)
    return await _shown(child, town, programme_id, month, Cart(household_id=child.household_id), desk)


async def _shown(child: RosterChild, town: Town, programme_id: str, month: str, cart: Cart, desk: Desk) -> ShownMonth:
    programme = town.programme(programme_id)
    capacities = _capacities(programme, month)
    key = SheetKey(
        household_id=child.household_id,
        municipality_id=town.municipality_id,
        child_id=child.child_id,
        programme_id=programme_id,
        month=month,
    )
    sheet, prices, (left, ranks) = await asyncio.gather(
        desk.sheets.get(key),
        desk.prices.of(child.household_id, [town.municipality_id]),
        _scarce(key, capacities, desk),
    )
    sheet = await beside(sheet, child, desk.sheets)
    view = month_view(
        child=child,
        programme=programme,
        town=town,
        month=month,
        now=desk.clock(),
        sheet={slot: entry.state for slot, entry in sheet.days.items() if entry.state != "held"},
        cart={line.slot: line.action for line in cart.of_sheet(key)},
        held={slot for slot, entry in sheet.days.items() if entry.state == "held"},
        waiting=set(ranks),
        places_left=left,
        prices=prices,
        elsewhere=sheet.elsewhere,
        final=sheet.closed,
    )
    lines = {line.slot: line.id for line in cart.of_sheet(key)}
    return ShownMonth(
        child=child, town=town, programme=programme, view=view, final=sheet.closed, lines=lines, ranks=ranks
    )


def _capacities(programme: Programme, month: str) -> dict[Slot, int]:
    days = days_of(month)
    limited = [(activity.id, activity.places) for activity in programme.activities if activity.places is not None]
    return {(activity_id, day): limit for activity_id, limit in limited for day in days}


async def _scarce(key: SheetKey, capacities: dict[Slot, int], desk: Desk) -> tuple[dict[Slot, int], dict[Slot, int]]:
    """Places left and the child's ranks, for programmes that have limited places."""
    if not capacities:
        return {}, {}
    return await asyncio.gather(
        desk.places.left(capacities),
        desk.waiting.of_child(key.household_id, key.child_id, list(capacities)),
    )
