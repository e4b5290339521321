"""Load: a closed loop of clients, or a fixed rate, and what came back."""

import asyncio
import itertools
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import psutil

Shot: TypeAlias = Callable[[], Awaitable[int]]


@dataclass
class Outcome:
    """Latencies in milliseconds, statuses counted, wall seconds of the whole run."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.latencies) if self.latencies else 0.0


async def closed_loop(shots: Iterator[Shot], clients: int) -> Outcome:
    """Each client fires its next shot as soon as the last was answered, until there are no more."""
    outcome = Outcome()

    async def client() -> None:
        for shot in shots:
            await _fire(shot, outcome)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    outcome.seconds = time.perf_counter() - started
    return outcome


async def fixed_rate(shots: Iterator[Shot], per_second: float) -> Outcome:
    """Shots leave on time, whatever the answers do."""
    outcome = Outcome()
    loop = asyncio.get_running_loop()
    started = loop.time()
    fired = []
    for number, shot in enumerate(shots):
        await asyncio.sleep(max(0.0, started + number / per_second - loop.time()))
        fired.append(asyncio.create_task(_fire(shot, outcome)))
    await asyncio.gather(*fired)
    outcome.seconds = loop.time() - started
    return outcome


async def _fire(shot: Shot, outcome: Outcome) -> None:
    started = time.perf_counter()
    status = await shot()
    outcome.latencies.append((time.perf_counter() - started) * 1000)
    outcome.statuses[status] += 1


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """User and system time used so far by these processes and their children."""
    total = 0.0
    for process in itertools.chain(processes, *(process.children(recursive=True) for process in processes)):
        # The broker's helpers come and go.
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def resident_mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1024 / 1024


async def idle_share(processes: list[psutil.Process], seconds: float = 5.0) -> float:
    """CPU seconds a second that they use with nobody there: looking for work, keeping the replica set together."""
    before = cpu_seconds(processes)
    await asyncio.sleep(seconds)
    return (cpu_seconds(processes) - before) / seconds
