"""Settle what time or a crash left behind: unpaid orders, holds on places, validations and closings cut off."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.reservations.domain.closing import Closing
from services.reservations.domain.order import OVER, Order
from services.reservations.domain.places import HeldPlace
from services.reservations.domain.sheet import Change
from services.reservations.domain.validation import Validation
from services.reservations.usecases.carry_out import Counter
from services.reservations.usecases.close_month import Office, finish_closing
from services.reservations.usecases.settle_order import release_order
from services.reservations.usecases.validate_cart import finish_validation

JOB = "sweeper"


class Leases(Protocol):
    async def take(self, job: str) -> bool: ...


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


@dataclass(frozen=True, kw_only=True)
class Broom:
    """What sweeping looks at, and the desks where the left-over work is done."""

    leases: Leases
    places: HeldPlaces
    orders: OverdueOrders
    validations: StaleValidations
    closings: StaleClosings
    counter: Counter
    office: Office


async def sweep(broom: Broom) -> int:
    """One round; how many things were looked at. Nothing when another process holds the lease.

    What fails does not keep the rest waiting: the failures come together as an `ExceptionGroup` at the end.
    """
    if not await broom.leases.take(JOB):
        return 0
    round_ = _Round()
    for order in await broom.orders.over():
        await round_.do(release_order(order, broom.counter.books, now=broom.counter.clock()))
    for place in await broom.places.expired():
        await round_.do(settle_place(place, broom))
    while validation := await broom.validations.take_stale():
        await round_.do(finish_validation(validation, broom.counter))
    while closing := await broom.closings.take_stale():
        await round_.do(finish_closing(closing, broom.office))
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
    entry = sheet.days.get(place.slot)
    if entry is not None and entry.state == "held":
        holder = await books.orders.get(entry.order_id, place.household_id) if entry.order_id else None
        if holder is not None and holder.state not in OVER:
            return await broom.places.put_off(place)
        await books.sheets.write(sheet, Change(cells={place.slot: None}), now=broom.counter.clock())
        entry = None
    booked = entry is not None and entry.state != "cancelled"
    if booked:
        await books.waiting.leave(place.child_id, [place.slot])
    return await broom.places.settle(place, booked=booked)
