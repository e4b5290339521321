"""What becomes of a prepaid order: told, confirmed when paid, given back when its time is over, lost if paid too late.

Every step can be done again: messages come twice and in any order, and processes die between two writes.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeAlias

from services.reservations.domain.bookable import refused_together
from services.reservations.domain.capacity import Pool, all_pools
from services.reservations.domain.order import OVER, Order, OrderLine, Reason
from services.reservations.domain.places import Claim, nobody_needs
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Change, Sheet, SheetKey, Slot, Terms
from services.reservations.usecases.books import Books, Children, Towns
from services.reservations.usecases.write_lines import TRIES, let_go
from shared.clock import Clock
from shared.contracts import Told
from shared.contracts.billing import OrderPaid
from shared.errors import Conflict, NotFound
from shared.ids import uuid7

# Puts the days of an order that was not paid in time back into the cart.
Reopen: TypeAlias = Callable[[Order], Awaitable[None]]


async def hold_order(order: Order, lines: list[OrderLine], books: Books, *, now: datetime) -> Order | None:
    """The order, told to whoever takes the money; None when its time was over meanwhile and all was given back."""
    if order.state == "opening":
        await books.orders.move(order, "held", order.places_held(lines), now=now, lines=lines)
    current = await books.orders.get(order.id, order.household_id)
    if current is None or current.state in OVER:
        await _give_back(order, books, now=now)
        return None
    return current


async def abandon_order(order: Order, books: Books, *, now: datetime) -> None:
    """It keeps nothing after all. One that nobody was told of leaves no trace."""
    if order.state == "opening":
        await books.orders.forget(order)
    elif order.state == "held" and await books.orders.move(order, "releasing", now=now):
        await _end_release(order, "abandoned", books, now=now)


async def release_order(order: Order, books: Books, *, now: datetime, reopen: Reopen | None = None) -> bool:
    """Its time is over: lines and places first, then the fact. False when somebody else did it, or it was paid.

    `reopen` puts its days back into the cart.
    """
    if order.state != "releasing" and not await books.orders.move(order, "releasing", now=now, when_over=True):
        return False
    return await _end_release(order, "expired", books, now=now, reopen=reopen)


async def _end_release(
    order: Order, reason: Reason, books: Books, *, now: datetime, reopen: Reopen | None = None
) -> bool:
    current = await books.orders.get(order.id, order.household_id)
    if current is None or current.state != "releasing":
        return False
    await _give_back(current, books, now=now)
    if reopen and current.told:
        await reopen(current)
    events = [current.places_released(reason)] if current.told else []
    return await books.orders.move(current, "released", *events, now=now)


async def confirm_order(
    told: Told[OrderPaid], *, books: Books, catalogue: Towns, roster: Children, clock: Clock
) -> None:
    """The order is paid: its places are booked. When they had been given back, they are taken again, all or none."""
    paid = told.event
    order = await books.orders.get(paid.order_id, paid.household_id)
    if order is None or order.state == "releasing":
        raise Conflict()
    if order.state in ("confirmed", "lost"):
        return
    if order.state != "paid":
        order = await _paid(order, books, clock())
    if order.late and not await _take_again(order, books, catalogue, roster, now=clock()):
        await _give_back(order, books, now=clock())
        await books.orders.move(order, "lost", order.places_lost(), now=clock())
        return
    await _book(order, books, catalogue, now=clock())
    await books.orders.move(order, "confirmed", now=clock())


async def lose_order(told: Told[OrderPaid], *, books: Books, clock: Clock) -> None:
    """Who paid it is gone: nothing is booked, and what was paid goes back."""
    paid = told.event
    order = await books.orders.get(paid.order_id, paid.household_id)
    if order is None or order.state in ("confirmed", "lost"):
        return
    if order.state == "releasing":
        raise Conflict()
    if order.state != "paid":
        order = await _paid(order, books, clock())
    await _give_back(order, books, now=clock())
    await books.orders.move(order, "lost", order.places_lost(), now=clock())


async def _paid(order: Order, books: Books, now: datetime) -> Order:
    """From here on no sweeper gives its places back."""
    await books.orders.move(order, "paid", now=now, late=order.state == "released")
    current = await books.orders.get(order.id, order.household_id)
    if current is None or current.state != "paid":
        raise Conflict()
    return current


async def _book(order: Order, books: Books, catalogue: Towns, *, now: datetime) -> None:
    town = await catalogue.town(order.municipality_id)
    for key in order.sheet_keys():
        await _rewrite(key, partial(_confirmed, order.id, town.programme(key.programme_id)), books, now=now)
        await books.waiting.leave(key.child_id, order.slots_in(key))
    await books.places.confirm_order(order.id)


async def _give_back(order: Order, books: Books, *, now: datetime) -> None:
    """No line and no place is kept for the order any more, nor can a slow write bring one back."""
    for key in order.sheet_keys():
        await _rewrite(key, partial(_released, order.id), books, now=now)
    for place in await books.places.of_order(order.id):
        sheet = await books.sheets.get(place.sheet_key)
        if nobody_needs(place.pool, sheet):
            await books.places.settle(place, booked=False)
        else:
            await books.places.end_hold(place)


async def _take_again(order: Order, books: Books, catalogue: Towns, roster: Children, *, now: datetime) -> bool:
    """Hold every line of the order once more; False as soon as one is not to be had."""
    town = await catalogue.town(order.municipality_id)
    for key in order.sheet_keys():
        programme = town.programme(key.programme_id)
        try:
            child = await roster.child(key.child_id, key.household_id, key.municipality_id)
        except NotFound:
            return False
        if any(town.suspends(*slot, child) for slot in order.slots_in(key)):
            return False
        needed = child.pools_of(programme, order.slots_in(key))
        capacities = all_pools(needed)
        claim = Claim(key=key, attempt=uuid7(), capacities=capacities, order_id=order.id)
        full = await books.places.claim(list(capacities), claim, again=True)
        if full or not await _hold_again(key, needed, order, programme, books, now=now):
            await let_go(claim.capacities, claim, programme, books)
            return False
    return True


async def _hold_again(
    key: SheetKey,
    needed: Mapping[Slot, Mapping[Pool, int]],
    order: Order,
    programme: Programme,
    books: Books,
    *,
    now: datetime,
) -> bool:
    """The sheet keeps the order's days again, unless the month is closed or the days were filled otherwise."""
    terms = {slot: Terms(pools=tuple(name for name, _ in pools)) for slot, pools in needed.items()}
    for _ in range(TRIES):
        sheet = await books.sheets.get(key)
        kept = (*sheet.held_for(order.id), *sheet.booked_for(order.id))
        missing = [slot for slot in order.slots_in(key) if slot not in kept]
        if not missing:
            return True
        if sheet.closed or any(not _free_for(slot, sheet, programme) for slot in missing):
            return False
        try:
            held = sheet.hold(missing, programme, order_id=order.id, at=now, terms=terms)
            await books.sheets.write(sheet, held, now=now)
        except Conflict:
            continue
        return True
    raise Conflict()


def _free_for(slot: Slot, sheet: Sheet, programme: Programme) -> bool:
    """The child has neither this nor something that excludes it that day. Its deadline was kept when it was held."""
    activities = {activity.id: activity for activity in programme.activities}
    activity = activities[slot[0]]
    rivals = sheet.expected_on(slot[1]) | activity.requires
    return sheet.state(slot) in (None, "cancelled") and refused_together(activity, rivals, activities) is None


def _confirmed(order_id: str, programme: Programme, sheet: Sheet) -> Change:
    return sheet.confirm(order_id, programme)


def _released(order_id: str, sheet: Sheet) -> Change:
    return sheet.release(order_id)


async def _rewrite(key: SheetKey, change: Callable[[Sheet], Change], books: Books, *, now: datetime) -> None:
    """Write even when nothing changes: older decisions about the sheet must not pass any more."""
    for _ in range(TRIES):
        sheet = await books.sheets.get(key)
        if sheet.closed:
            return
        try:
            await books.sheets.write(sheet, change(sheet), now=now)
        except Conflict:
            continue
        return
    raise Conflict()
