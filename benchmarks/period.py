"""Sixteen days of one child in one validation, beside single bookings in interleaved rounds."""

import itertools
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

from benchmarks.load import Outcome, Shot, closed_loop, cpu_seconds
from benchmarks.system import System
from benchmarks.town import REPAS, RESTAURANT, Child, Town

CLIENTS = 16
ROUNDS = 4
PERIODS = 120
SINGLES = 800
DAYS = 16


@dataclass(frozen=True)
class Step:
    """Milliseconds, medians over the rounds; `days_ms` per operation of server CPU."""

    rate: float
    p50: float
    p99: float
    cpu_ms: float


@dataclass(frozen=True)
class Periods:
    single: Step
    filled: Step
    validated: Step
    failed: int

    @property
    def cpu_ms(self) -> float:
        return self.filled.cpu_ms + self.validated.cpu_ms

    @property
    def ratio(self) -> float:
        return self.cpu_ms / self.single.cpu_ms


@dataclass(frozen=True)
class _Round:
    outcome: Outcome
    cpu: float


async def measure(system: System, town: Town, month: str, others: Sequence[str]) -> Periods:
    """Periods in `month`, of children who have nothing in it yet; single bookings in the months of `others`."""
    singles, children = town.bookings(others), iter(town.children)
    rounds: dict[str, list[_Round]] = {"single": [], "filled": [], "validated": []}
    for number in range(ROUNDS + 1):
        chosen = list(itertools.islice(children, PERIODS))
        done = {
            "single": await _round(system, itertools.islice(singles, SINGLES)),
            "filled": await _round(system, (_fill(town, child, month) for child in chosen)),
            "validated": await _round(system, (_validate(town, child) for child in chosen)),
        }
        # The first round warms connections, caches and compiled queries.
        for name, one in done.items() if number else ():
            rounds[name].append(one)
    every = itertools.chain.from_iterable(rounds.values())
    statuses = sum((one.outcome.statuses for one in every), Counter[int]())
    failed = sum(count for status, count in statuses.items() if status >= 300)
    return Periods(**{name: _summary(found) for name, found in rounds.items()}, failed=failed)


async def _round(system: System, shots: Iterator[Shot]) -> _Round:
    servers: list[psutil.Process] = list(system.processes().values())
    before = cpu_seconds(servers)
    outcome = await closed_loop(shots, CLIENTS)
    await system.quiet()
    return _Round(outcome, cpu_seconds(servers) - before)


def _fill(town: Town, child: Child, month: str) -> Shot:
    days = town.dates[month]
    body = {
        "child_id": child.child_id,
        "programme_id": RESTAURANT,
        "from": days[0],
        "until": days[DAYS - 1],
        "pattern": [{"activity_id": REPAS, "weekdays": [1, 2, 3, 4, 5]}],
    }
    return town.shot(child.parent, "POST", "/cart/periods", body)


def _validate(town: Town, child: Child) -> Shot:
    return town.shot(child.parent, "POST", "/cart/validation", {"mode": "all"})


def _summary(rounds: Sequence[_Round]) -> Step:
    return Step(
        rate=statistics.median(one.outcome.rate for one in rounds),
        p50=statistics.median(one.outcome.median for one in rounds),
        p99=statistics.median(one.outcome.quantile(0.99) for one in rounds),
        cpu_ms=statistics.median(one.cpu * 1000 / len(one.outcome.latencies) for one in rounds),
    )


def section(found: Periods) -> list[str]:
    """As docs/benchmarks.md says it."""
    rows = (
        ("one single booking", found.single),
        (f"the period of {DAYS} days put into the cart", found.filled),
        ("the cart validated", found.validated),
    )
    return [
        f"## A period of {DAYS} days",
        "",
        f"{ROUNDS} interleaved rounds of {SINGLES} single bookings and {PERIODS} periods after a warm-up, {CLIENTS} "
        "clients in a closed loop; medians. CPU is that of every server process until all effects are there; "
        f"{found.failed} requests not answered as asked.",
        "",
        "| what | per second | p50 / p99 ms | server CPU ms each |",
        "|---|---|---|---|",
        *(f"| {name} | {one.rate:.0f} | {one.p50:.1f} / {one.p99:.1f} | {one.cpu_ms:.2f} |" for name, one in rows),
        "",
        f"- One validation of {DAYS} days beside one single booking: "
        f"**{found.validated.cpu_ms / found.single.cpu_ms:.2f}** times its CPU (to reach: at most 2.5); with the "
        f"filling of the cart **{found.ratio:.2f}**.",
        "",
    ]
