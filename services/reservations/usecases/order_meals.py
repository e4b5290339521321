"""Tell each kitchen the heads of a day when it must know them, and every change from then to the end of that day.

Orders are made once by their name and amended by their version: two processes that count at the same moment tell no
order and no amendment twice, and what a crash kept from being told is told by the next count.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Protocol

from services.reservations.domain.headcounts import Table, meals
from services.reservations.domain.meal_orders import MealOrder, covered, due_at, order_id
from services.reservations.domain.programmes import Programme
from services.reservations.domain.town import Town
from services.reservations.usecases.count_heads import Heads, count_heads
from shared.clock import Clock

# No town orders meals earlier than a month and some days before.
AHEAD = 40


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class MealOrders(Protocol):
    async def towns(self) -> list[str]: ...
    async def of_town(
        self, municipality_id: str, first: date, last: date, programmes: Collection[str] | None = None
    ) -> list[MealOrder]: ...
    async def freeze(self, order: MealOrder) -> bool: ...
    async def amend(self, order: MealOrder) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Kitchen:
    """What ordering meals reads and writes."""

    catalogue: Towns
    heads: Heads
    orders: MealOrders
    clock: Clock


async def order_meals(kitchen: Kitchen) -> int:
    """One look at every town that has a kitchen; how many facts were told.

    What fails in one town keeps no other waiting: the failures come together as an `ExceptionGroup` at the end.
    """
    told, failures = 0, list[Exception]()
    for municipality_id in await kitchen.orders.towns():
        try:
            town = await kitchen.catalogue.town(municipality_id)
            told += await _of_town(town, kitchen)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("not every kitchen could be told", failures)
    return told


async def _of_town(town: Town, kitchen: Kitchen) -> int:
    today = town.calendar.today(kitchen.clock())
    days = [today + timedelta(days=after) for after in range(AHEAD)]
    known = {order.id: order for order in await kitchen.orders.of_town(town.municipality_id, days[0], days[-1])}
    told = 0
    for programme in town.programmes.values():
        if programme.headcount_freeze:
            for day in days:
                told += await _of_day(town, programme, day, known, kitchen)
    return told


async def _of_day(town: Town, programme: Programme, day: date, known: dict[str, MealOrder], kitchen: Kitchen) -> bool:
    now = kitchen.clock()
    if order := known.get(order_id(programme.id, day)):
        amended = order.amended(await _count(town, programme, day, kitchen), now)
        return amended is not None and await kitchen.orders.amend(amended)
    due = due_at(programme, day, town.calendar)
    if due is None or due.timestamp() > now.timestamp():
        return False
    order = MealOrder(
        municipality_id=town.municipality_id,
        programme_id=programme.id,
        date=day,
        due_at=due.astimezone(UTC),
        frozen_at=now,
        ordered=await _count(town, programme, day, kitchen),
    )
    return await kitchen.orders.freeze(order)


async def _count(town: Town, programme: Programme, day: date, kitchen: Kitchen) -> dict[Table, int]:
    return meals(await count_heads(town.municipality_id, day, covered(programme), kitchen.heads))
