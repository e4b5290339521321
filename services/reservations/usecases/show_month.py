"""A child's month in a programme: the sheet, the cart, the places left and the prices, in one view."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool, all_pools, left_for
from services.reservations.domain.cart import Cart
from services.reservations.domain.days import days_of
from services.reservations.domain.grounds import Grounds, MonthGround
from services.reservations.domain.month_view import Known, MonthView, rows_of
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.domain.waiting import Entry, Offer
from services.reservations.usecases.beside import Elsewhere, beside
from shared.clock import Clock
from shared.errors import NotFound


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...
    async def town_of_programme(self, programme_id: str) -> Town: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...
    async def children_in(self, municipality_id: str, child_ids: Collection[str]) -> dict[str, RosterChild]: ...
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


class Read(Protocol):
    """What is read of a month: the child as the town knows it, its sheet, the household's cart and prices in cents."""

    @property
    def child(self) -> RosterChild: ...
    @property
    def sheet(self) -> Sheet: ...
    @property
    def cart(self) -> Cart: ...
    @property
    def prices(self) -> Mapping[str, int]: ...


class Pages(Protocol):
    async def page(self, key: SheetKey) -> Read: ...


class Sheets(Elsewhere, Protocol):
    async def get(self, key: SheetKey) -> Sheet: ...


class PlacesLeft(Protocol):
    async def left(self, capacities: Mapping[Pool, int]) -> dict[Pool, int]: ...


class Waiting(Protocol):
    async def entries_of_child(self, household_id: str, child_id: str, slots: Sequence[Slot]) -> list[Entry]: ...


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What showing a month reads."""

    catalogue: Towns
    roster: Children
    pages: Pages
    sheets: Sheets
    places: PlacesLeft
    waiting: Waiting
    clock: Clock
    grounds: Grounds = field(default_factory=Grounds)


@dataclass(frozen=True, kw_only=True)
class ShownMonth:
    """`lines` are the cart's line ids, `ranks` and `offers` those of waiting lists, `prices` cents by activity."""

    child: RosterChild
    town: Town
    programme: Programme
    ground: MonthGround
    known: Known
    prices: Mapping[str, int]
    lines: Mapping[Slot, str]
    ranks: Mapping[Slot, int]
    offers: Mapping[Slot, Offer] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        return self.known.final

    @property
    def view(self) -> MonthView:
        return MonthView(month=self.ground.month, rows=rows_of(self.ground, self.known, self.prices))


async def show_month(household_id: str, child_id: str, programme_id: str, month: str, desk: Desk) -> ShownMonth:
    """A guardian's view. Raises `NotFound` for a child, programme or month that is not theirs or is none."""
    days_of(month)
    town = await desk.catalogue.town_of_programme(programme_id)
    page = await desk.pages.page(_key(household_id, child_id, town, programme_id, month))
    return await _shown(page.child, town, month, page, desk)


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
    return await show_of(child, town, programme_id, month, desk, with_cart=False)


async def show_of(
    child: RosterChild, town: Town, programme_id: str, month: str, desk: Desk, *, with_cart: bool = True
) -> ShownMonth:
    """Of a child that is known to be the household's."""
    days_of(month)
    page = await desk.pages.page(_key(child.household_id, child.child_id, town, programme_id, month))
    return await _shown(child, town, month, page, desk, with_cart=with_cart)


def _key(household_id: str, child_id: str, town: Town, programme_id: str, month: str) -> SheetKey:
    return SheetKey(
        household_id=household_id,
        municipality_id=town.municipality_id,
        child_id=child_id,
        programme_id=programme_id,
        month=month,
    )


async def _shown(
    child: RosterChild, town: Town, month: str, read: Read, desk: Desk, *, with_cart: bool = True
) -> ShownMonth:
    programme, sheet = town.programme(read.sheet.key.programme_id), await beside(read.sheet, child, desk.sheets)
    ground = desk.grounds.of(child, town, programme, month, desk.clock())
    left, entries = await _scarce(child, programme, ground, sheet, desk)
    mine = read.cart.of_sheet(sheet.key) if with_cart and read.cart.lines else ()
    known = Known(
        sheet=sheet.days,
        cart={line.slot: line.action for line in mine},
        waiting=entries.keys(),
        offered={slot for slot, entry in entries.items() if entry.state == "offered"},
        left=left,
        elsewhere=sheet.elsewhere,
        final=sheet.closed,
    )
    lines = {line.slot: line.id for line in mine}
    return ShownMonth(
        child=child,
        town=town,
        programme=programme,
        ground=ground,
        known=known,
        prices=read.prices,
        lines=lines,
        ranks={slot: entry.rank for slot, entry in entries.items()},
        offers={slot: entry.offer for slot, entry in entries.items() if entry.state == "offered" and entry.offer},
    )


async def _scarce(
    child: RosterChild, programme: Programme, ground: MonthGround, sheet: Sheet, desk: Desk
) -> tuple[Mapping[Slot, int], Mapping[Slot, Entry]]:
    """Places left and what the child waits for, for programmes that have limited places."""
    if not programme.has_limits:
        return {}, {}
    needed = child.pools_of(programme, [(one.id, day) for one in programme.activities for day in ground.days])
    if not needed:
        return {}, {}
    left, entries = await asyncio.gather(
        desk.places.left(all_pools(needed)),
        desk.waiting.entries_of_child(child.household_id, child.child_id, list(needed)),
    )
    own = {(name, slot[1]) for slot, entry in sheet.days.items() if entry.state != "cancelled" for name in entry.pools}
    own |= {pool for entry in entries if entry.state == "offered" for pool in entry.pools}
    return left_for(needed, left, own), {entry.slot: entry for entry in entries}
