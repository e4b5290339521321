"""A child's month, read by 16 clients, beside the bare limit: one indexed read of a month, answered over HTTP."""

import itertools
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp
import psutil

from benchmarks.bare import CHILDREN
from benchmarks.load import Outcome, Shot, closed_loop, cpu_seconds
from benchmarks.single_booking import bare_server, until_up
from benchmarks.system import System
from benchmarks.town import RESTAURANT, Town

CLIENTS = 16
ROUNDS = 4
READS = 2_000
BUSY = 500
"""Children whose month is read: those of the periods, who have booked sixteen days in it."""


@dataclass(frozen=True)
class View:
    rate: float
    p50: float
    p99: float
    cpu_ms: float
    failed: int


@dataclass(frozen=True)
class Months:
    bare: View
    ours: View

    @property
    def ratio(self) -> float:
        return self.ours.rate / self.bare.rate


async def measure(system: System, http: aiohttp.ClientSession, town: Town, month: str) -> Months:
    processes = system.processes()
    found: dict[str, list[tuple[Outcome, float]]] = {"bare": [], "ours": []}
    with bare_server(system.mongo_url()) as (bare, process):
        await until_up(http, bare)
        for number in range(ROUNDS + 1):
            done = {
                "bare": await _round(_bare(http, bare), [process, processes["database"]]),
                "ours": await _round(views(town, month), list(processes.values())),
            }
            for name, one in done.items() if number else ():
                found[name].append(one)
    return Months(**{name: _summary(rounds) for name, rounds in found.items()})


async def _round(shots: Iterator[Shot], servers: list[psutil.Process]) -> tuple[Outcome, float]:
    before = cpu_seconds(servers)
    outcome = await closed_loop(itertools.islice(shots, READS), CLIENTS)
    return outcome, cpu_seconds(servers) - before


def views(town: Town, month: str) -> Iterator[Shot]:
    drawn = random.Random(1)
    while True:
        child = town.children[drawn.randrange(BUSY)]
        path = f"/children/{child.child_id}/months/{month}?programme_id={RESTAURANT}"
        yield town.shot(child.parent, "GET", path)


def _bare(http: aiohttp.ClientSession, url: str) -> Iterator[Shot]:
    drawn = random.Random(1)
    while True:
        asked = f"{url}/month?child=child-{drawn.randrange(CHILDREN)}"

        async def shoot(asked: str = asked) -> int:
            async with http.get(asked) as answer:
                await answer.read()
                return answer.status

        yield shoot


def _summary(rounds: list[tuple[Outcome, float]]) -> View:
    return View(
        rate=statistics.median(outcome.rate for outcome, _ in rounds),
        p50=statistics.median(outcome.median for outcome, _ in rounds),
        p99=statistics.median(outcome.quantile(0.99) for outcome, _ in rounds),
        cpu_ms=statistics.median(cpu * 1000 / len(outcome.latencies) for outcome, cpu in rounds),
        failed=sum(count for outcome, _ in rounds for status, count in outcome.statuses.items() if status != 200),
    )


def section(found: Months) -> list[str]:
    """As docs/benchmarks.md says it."""
    rows = (("bare: one find by index, answered as JSON", found.bare), ("Préau: gateway, reservations", found.ours))
    return [
        "## A child's month",
        "",
        f"{CLIENTS} clients in a closed loop; {ROUNDS} interleaved rounds of {READS} reads after a warm-up; medians. "
        "The month has sixteen booked days; every day of two activities comes with its state, limits, price and why "
        "it cannot be changed.",
        "",
        "| what | per second | p50 / p99 ms | server CPU ms each | not 200 |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {one.rate:.0f} | {one.p50:.1f} / {one.p99:.1f} | {one.cpu_ms:.2f} | {one.failed} |"
            for name, one in rows
        ),
        "",
        f"- p99 **{found.ours.p99:.1f} ms** (to reach: under 20); throughput beside the bare read: "
        f"**{found.ratio:.2f}** (to reach: at least 0.5).",
        "",
    ]
