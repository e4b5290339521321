"""`python -m benchmarks.reservations [period] [month] …`: only these figures of a town of 2,000 households, printed."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from benchmarks import attendance, crowd, month, period, stored
from benchmarks.attendance import Lists
from benchmarks.crowd import HotSlot, Rush
from benchmarks.month import Months
from benchmarks.period import Periods
from benchmarks.stored import Beside
from benchmarks.system import System, started
from benchmarks.town import Town, found

PARTS = ("period", "month", "crowd", "attendance", "stored")


@dataclass
class Stage:
    """Everything that is measured with few bookings stored and again with many."""

    periods: Periods
    months: Months
    slot: HotSlot
    lists: Lists


async def main(parts: Sequence[str]) -> None:
    async with started() as system, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as http:
        for section in await sections(system, http, parts):
            print("\n".join(section), flush=True)


async def sections(system: System, http: aiohttp.ClientSession, parts: Sequence[str] = PARTS) -> list[list[str]]:
    """As docs/benchmarks.md says them."""
    town = await found(system, http)
    if "stored" not in parts:
        return [await _alone(system, http, town, part) for part in parts]
    few = await _stage(system, http, town, 1)
    rush = await _rush(system, town)
    filled = await stored.fill(system, town.children[0], town.months[1])
    many = await _stage(system, http, town, 4)
    return [
        period.section(few.periods),
        month.section(few.months),
        crowd.section(few.slot, rush),
        attendance.section(few.lists),
        stored.section(filled, _beside(few, many)),
    ]


async def _alone(system: System, http: aiohttp.ClientSession, town: Town, part: str) -> list[str]:
    if part == "period":
        return period.section(await _periods(system, town, 1))
    if part == "month":
        # So that there are sixteen days in it.
        await _periods(system, town, 1)
        return month.section(await month.measure(system, http, town, town.months[1]))
    if part == "crowd":
        return crowd.section(await _slot(system, town, 1), await _rush(system, town))
    return attendance.section(await _lists(system, town, 1))


async def _stage(system: System, http: aiohttp.ClientSession, town: Town, first: int) -> Stage:
    """`first`: the first of the months it uses."""
    return Stage(
        periods=await _periods(system, town, first),
        months=await month.measure(system, http, town, town.months[first]),
        slot=await _slot(system, town, first),
        lists=await _lists(system, town, first),
    )


async def _periods(system: System, town: Town, first: int) -> Periods:
    return await period.measure(system, town, town.months[first], town.months[first + 1 : first + 2])


async def _slot(system: System, town: Town, first: int) -> HotSlot:
    return await crowd.measure_slot(system, town, town.dates[town.months[first]][0])


async def _lists(system: System, town: Town, first: int) -> Lists:
    return await attendance.measure(system, town, town.dates[town.months[first + 2]][0])


async def _rush(system: System, town: Town) -> Rush:
    return await crowd.measure_rush(system, town, town.dates[town.months[7]])


def _beside(few: Stage, many: Stage) -> list[Beside]:
    def cpu(name: str, of: str) -> Beside:
        return Beside(f"{name}: CPU ms", getattr(few.periods, of).cpu_ms, getattr(many.periods, of).cpu_ms)

    return [
        cpu("one booking", "single"),
        cpu("a period of 16 days put into the cart", "filled"),
        cpu("the cart of 16 days validated", "validated"),
        Beside(
            "a child's month: CPU ms",
            few.months.ours.cpu_ms,
            many.months.ours.cpu_ms,
            few.months.bare.cpu_ms,
            many.months.bare.cpu_ms,
        ),
        Beside("1,000 households for 100 places: s until all are answered", few.slot.seconds, many.slot.seconds),
        Beside("an attendance list of 300: CPU ms", few.lists.activity.cpu_ms, many.lists.activity.cpu_ms),
    ]


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or PARTS))
