"""One booking: the bare transaction and the one-document form, Préau between them, in interleaved rounds."""

import asyncio
import itertools
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp
import psutil

from benchmarks.load import Outcome, Shot, closed_loop, cpu_seconds
from benchmarks.system import System
from deploy.local.ports import free

CLIENTS = 16
ROUNDS = 4
SHOTS = 3_000
SLOTS = 200


@dataclass(frozen=True)
class Measured:
    """Medians over the rounds: operations a second, milliseconds, server CPU milliseconds per operation."""

    rate: float
    p50: float
    p99: float
    cpu_ms: float
    failed: int


@dataclass
class Round:
    outcome: Outcome
    cpu: float


def summary(rounds: list[Round]) -> Measured:
    def median(values: Iterator[float]) -> float:
        return statistics.median(values)

    return Measured(
        rate=median(one.outcome.rate for one in rounds),
        p50=median(one.outcome.median for one in rounds),
        p99=median(one.outcome.quantile(0.99) for one in rounds),
        cpu_ms=median(one.cpu * 1000 / len(one.outcome.latencies) for one in rounds),
        failed=sum(count for one in rounds for status, count in one.outcome.statuses.items() if status != 201),
    )


@contextmanager
def bare_server(url: str) -> Iterator[tuple[str, psutil.Process]]:
    """The bare process beside the running system, on the same database server."""
    port = next(iter(free(1)))
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.bare", url, str(port)])
    try:
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


async def measure(system: System, http: aiohttp.ClientSession, bookings: Iterator[Shot]) -> dict[str, Measured]:
    processes = system.processes()
    rounds: dict[str, list[Round]] = {"transaction": [], "preau": [], "document": []}
    with bare_server(system.mongo_url()) as (bare, process):
        await until_up(http, bare)
        database = [process, processes["database"]]
        for number in range(ROUNDS + 1):
            found = {
                "transaction": await _round(_bare(http, f"{bare}/transaction"), database),
                "preau": await _round(bookings, list(processes.values()), system),
                "document": await _round(_bare(http, f"{bare}/document"), database),
            }
            # The first round warms connections, caches and compiled queries.
            for name, one in found.items() if number else ():
                rounds[name].append(one)
    return {name: summary(found) for name, found in rounds.items()}


async def _round(shots: Iterator[Shot], servers: list[psutil.Process], system: System | None = None) -> Round:
    before = cpu_seconds(servers)
    outcome = await closed_loop(itertools.islice(shots, SHOTS), CLIENTS)
    if system is not None:
        await system.quiet()
    return Round(outcome, cpu_seconds(servers) - before)


def _bare(http: aiohttp.ClientSession, url: str) -> Iterator[Shot]:
    for number in itertools.count():
        body = json.dumps({"slot": f"slot-{number % SLOTS}", "child": f"child-{number % 120}"}).encode()

        async def shoot(body: bytes = body) -> int:
            async with http.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
                await answer.read()
                return answer.status

        yield shoot


async def until_up(http: aiohttp.ClientSession, url: str) -> None:
    while True:
        try:
            async with http.post(f"{url}/document", json={"slot": "s", "child": "c"}):
                return
        except aiohttp.ClientError:
            await asyncio.sleep(0.1)
