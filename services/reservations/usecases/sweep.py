"""Settle what time or a crash left behind: unpaid orders, holds on places, validations and closings cut off."""

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from services.reservations.domain.closing import Closing
from services.reservations.domain.disruption import Disruption
from services.reservations.domain.order import OVER, Order
from services.reservations.domain.places import HeldPlace
from services.reservations.domain.sheet import Change, Sheet, Slot
from services.reservations.domain.validation import Validation
from services.reservations.usecases.carry_out import Counter
from services.reservations.usecases.carry_out_disruption import take_a_step
from services.reservations.usecases.close_month import Office, finish_closing
from services.reservations.usecases.disrupt import Crisis
from services.reservations.usecases.keep_orders import reopen_cart
from services.reservations.usecases.offer_places import Bench
from services.reservations.usecases.reopen_month import finish_reopening
from services.reservations.usecases.settle_order import release_order
from services.reservations.usecases.tend_waiting_lists import tend_waiting_lists
from services.reservations.usecases.validate_cart import finish_validation
from shared.errors import NotFound

JOB = "sweeper"
# A large cancellation must not keep unpaid orders waiting.
STEPS = 5


class HeldPlaces(Protocol):
    async def expired(self) -> list[HeldPlace]: ...
    async def settle(self, place: HeldPlace, *, booked: bool) -> None: ...
    async def put_off(self, place: HeldPlace) -> None: ...


class OverdueOrders(Protocol):
    async def over(self) -> list[Order]: ...


class StaleValidations(Protocol):
    async def take_stale(self) -> Validation | None: ...


class StaleClosings(Protocol):
    async def take_stale(self) -> Closing | None: ...


class DueDisruptions(Protocol):
    async def take_due(self) -> Disruption | None: ...


@dataclass(frozen=True, kw_only=True)
class Broom:
    """What sweeping looks at, and the desks where the left-over work is done."""

    places: HeldPlaces
    orders: OverdueOrders
    validations: StaleValidations
    closings: StaleClosings
    counter: Counter
    office: Office
    bench: Bench
    disruptions: DueDisruptions
    crisis: Crisis


async def sweep(broom: Broom) -> int:
    """One round; how many things were looked at. Its caller holds the lease of `JOB`.

    What fails does not keep the rest waiting: the failures come together as an `ExceptionGroup` at the end.
    """
    round_, counter = _Round(), broom.counter
    reopen = partial(reopen_cart, carts=counter.carts, roster=counter.roster, clock=counter.clock)
    for order in await broom.orders.over():
        await round_.do(release_order(order, counter.books, now=counter.clock(), reopen=reopen))
    for place in await broom.places.expired():
        await round_.do(settle_place(place, broom))
    await tend_waiting_lists(broom.bench, round_.do)
    while validation := await broom.validations.take_stale():
        await round_.do(finish_validation(validation, broom.counter))
    while closing := await broom.closings.take_stale():
        if closing.state == "reopening":
            await round_.do(finish_reopening(closing, broom.office))
        else:
            await round_.do(finish_closing(closing, broom.office))
    for _ in range(STEPS):
        if (disruption := await broom.disruptions.take_due()) is None:
            break
        await round_.do(take_a_step(disruption, broom.crisis))
    if round_.failures:
        raise ExceptionGroup("not everything could be settled", round_.failures)
    return round_.done


@dataclass
class _Round:
    done: int = 0
    failures: list[Exception] = field(default_factory=list)

    async def do(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Exception as failure:
            self.failures.append(failure)
        else:
            self.done += 1


async def settle_place(place: HeldPlace, broom: Broom) -> None:
    """The sheet decides, once no write decided earlier can change it; a place that waits with a live order waits on."""
    books = broom.counter.books
    order = await books.orders.get(place.order_id, place.household_id) if place.order_id else None
    if order is not None and order.state not in (*OVER, "confirmed"):
        return await broom.places.put_off(place)
    sheet = await books.sheets.fence(place.sheet_key)
    slots = await _in_place(place, sheet, broom)
    booked = [slot for slot in slots if sheet.state(slot) not in ("held", "cancelled")]
    held = [slot for slot in slots if sheet.state(slot) == "held"]
    if await _awaited(sheet, held, broom):
        return await broom.places.put_off(place)
    if held:
        await books.sheets.write(sheet, Change(cells=dict.fromkeys(held)), now=broom.counter.clock())
    if booked:
        await books.waiting.leave(place.child_id, booked)
    return await broom.places.settle(place, booked=bool(booked))


async def _in_place(place: HeldPlace, sheet: Sheet, broom: Broom) -> tuple[Slot, ...]:
    """The days of the sheet this place is for; a programme that is gone has none."""
    try:
        town = await broom.counter.catalogue.town(place.municipality_id)
        return sheet.in_pool(place.pool, town.programme(place.programme_id))
    except NotFound:
        return ()


async def _awaited(sheet: Sheet, held: Sequence[Slot], broom: Broom) -> bool:
    """Whether one of the days waits for an order that is still alive."""
    for slot in held:
        order_id = sheet.days[slot].order_id
        holder = await broom.counter.books.orders.get(order_id, sheet.key.household_id) if order_id else None
        if holder is not None and holder.state not in OVER:
            return True
    return False
