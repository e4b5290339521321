"""`python -m benchmarks.hour [minutes]`: the memory of every service under an hour of steady load; not in `make bench`.

Half of the requests book, half show a month. Memory is read every ten seconds; flat means that the last quarter of
the run holds no more than the second one, when every path was taken and every cache is as large as it gets.
"""

import asyncio
import itertools
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp

from benchmarks import month
from benchmarks.load import Outcome, Shot, fixed_rate, resident_mb
from benchmarks.system import SERVICES, System, started
from benchmarks.town import Town, found
from benchmarks.town_files import put

RATE = 40.0
LOOK_SECONDS = 10.0
FLAT = 1.05


@dataclass
class Hour:
    """Megabytes of each process at each look."""

    minutes: float
    outcome: Outcome = field(default_factory=Outcome)
    seen: dict[str, list[float]] = field(default_factory=dict)

    def quarter(self, name: str, number: int) -> float:
        looks = self.seen[name]
        length = max(1, len(looks) // 4)
        return statistics.median(looks[(number - 1) * length : number * length])


async def measure(system: System, town: Town, minutes: float) -> Hour:
    hour = Hour(minutes)
    watching = asyncio.create_task(_watch(system, hour))
    count = int(minutes * 60 * RATE)
    hour.outcome = await fixed_rate(itertools.islice(_both(town), count), RATE)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return hour


def _both(town: Town) -> Iterator[Shot]:
    views = month.views(town, town.months[0])
    for booking in town.bookings(town.months):
        yield booking
        yield next(views)


async def _watch(system: System, hour: Hour) -> None:
    processes = system.processes()
    started_at = time.monotonic()
    for number in itertools.count(1):
        for name, process in processes.items():
            hour.seen.setdefault(name, []).append(resident_mb(process))
        await asyncio.sleep(max(0.0, started_at + number * LOOK_SECONDS - time.monotonic()))


def section(hour: Hour) -> list[str]:
    """As docs/benchmarks.md says it."""
    rows = [_row(name, hour) for name in (*SERVICES, "database", "broker")]
    failed = sum(count for status, count in hour.outcome.statuses.items() if status >= 300)
    return [
        "## Memory over an hour",
        "",
        f"{hour.minutes:.0f} minutes of {RATE:.0f} requests a second, half of them bookings, half months shown; "
        f"{len(hour.outcome.latencies):,} requests, {failed} not answered as asked; p99 "
        f"{hour.outcome.quantile(0.99):.0f} ms. Medians of the resident MB in each quarter of the run; flat: the last "
        f"at most {FLAT - 1:.0%} above the second.",
        "",
        "| process | 1st | 2nd | 3rd | 4th quarter | flat |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _row(name: str, hour: Hour) -> str:
    quarters = [hour.quarter(name, number) for number in range(1, 5)]
    flat = "yes" if quarters[3] <= quarters[1] * FLAT else "**no**"
    if name == "database":
        flat = "its cache grows with what is stored, up to half of the machine's memory"
    return f"| {name} | {' | '.join(f'{one:.0f}' for one in quarters)} | {flat} |"


async def main(minutes: float) -> None:
    async with started() as system, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as http:
        put(section(await measure(system, await found(system, http), minutes)))


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
