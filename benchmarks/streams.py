"""5,000 open live streams on one gateway process: its memory, and how long a fact takes to all of them.

`python -m benchmarks.streams` measures it alone and puts the section into docs/benchmarks.md.
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

import aio_pika
import psutil

from benchmarks.load import cpu_seconds, resident_mb
from benchmarks.town_files import put
from deploy.local import ports, processes, rabbit
from deploy.local.processes import Child
from services.gateway.settings import Settings
from shared.clock import system_clock
from shared.contracts import Event
from shared.contracts.billing import InvoicesPaid
from shared.contracts.school import CalendarChanged
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.envelope import pack
from tests.callers import ISSUER, Issuer

STREAMS = 5_000
TOWN = "metropole-du-banc"
OWN_FACTS = 2_000
PER_SECOND = 100
OPENING = 100
IDLE_SECONDS = 20.0
PATIENCE = 60.0
READY_SECONDS = 30.0
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Streamed:
    """Megabytes of the process before, with all streams open, and after the facts; milliseconds; CPU a second."""

    before_mb: float
    open_mb: float
    after_mb: float
    opening_seconds: float
    idle_share: float
    everybody_ms: list[float]
    own_ms: list[float]
    told_cpu_ms: float
    lost: int


@dataclass
class Reader(asyncio.Protocol):
    """One reader; `seen` says when each marked fact came, of all readers together."""

    seen: dict[str, list[float]]
    asked: bytes
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.WriteTransport, transport).write(self.asked)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if b"event: opened" in data:
            self.opened.set()
        for piece in data.split(b"id: ")[1:]:
            if b"data:" in piece:
                self.seen.setdefault(piece[:32].decode(), []).append(now)


async def measure() -> Streamed:
    _allow_files()
    issuer = Issuer(system_clock, lifetime=600)
    await issuer.start()
    try:
        async with _broker() as url, _gateway(url, issuer.jwks_url) as (port, child), Broker(url) as broker:
            return await _measured(port, psutil.Process(child.process.pid), broker, issuer)
    finally:
        await issuer.stop()


async def _measured(port: int, process: psutil.Process, broker: Broker, issuer: Issuer) -> Streamed:
    seen: dict[str, list[float]] = {}
    before = resident_mb(process)
    began = time.perf_counter()
    opened = await _open(port, issuer, seen)
    opening = time.perf_counter() - began
    opened_mb = resident_mb(process)
    idle = cpu_seconds([process])
    await asyncio.sleep(IDLE_SECONDS)
    idle = (cpu_seconds([process]) - idle) / IDLE_SECONDS
    everybody = [await _tell_everybody(broker, seen) for _ in range(5)]
    spent = cpu_seconds([process])
    own = await _tell_households(broker, seen)
    spent = cpu_seconds([process]) - spent
    after = resident_mb(process)
    lost = OWN_FACTS - len(own)
    for transport in opened:
        transport.abort()
    return Streamed(before, opened_mb, after, opening, idle, everybody, own, spent * 1000 / OWN_FACTS, lost)


async def _open(port: int, issuer: Issuer, seen: dict[str, list[float]]) -> list[asyncio.WriteTransport]:
    loop = asyncio.get_running_loop()
    transports: list[asyncio.WriteTransport] = []
    for start in range(0, STREAMS, OPENING):
        readers = [_reader(number, issuer, seen) for number in range(start, start + OPENING)]
        pairs = [await loop.create_connection(partial(_same, one), ports.LOOPBACK, port) for one in readers]
        await asyncio.gather(*(asyncio.wait_for(one.opened.wait(), PATIENCE) for one in readers))
        transports += [transport for transport, _ in pairs]
    return transports


def _reader(number: int, issuer: Issuer, seen: dict[str, list[float]]) -> Reader:
    headers = issuer.guardian(f"hsh_{number}", TOWN, account_id=f"acc_{number}")
    asked = f"GET /api/v1/stream HTTP/1.1\r\nHost: bench\r\nAuthorization: {headers['Authorization']}\r\n\r\n"
    return Reader(seen, asked.encode())


def _same(reader: Reader) -> Reader:
    return reader


async def _tell_everybody(broker: Broker, seen: dict[str, list[float]]) -> float:
    """Milliseconds until the last of all readers has a fact for the whole town."""
    event_id, began = await _tell(broker, CalendarChanged(municipality_id=TOWN, changes=()))
    await _until(lambda: len(seen.get(event_id, ())) == STREAMS)
    return (seen[event_id][-1] - began) * 1000


async def _tell_households(broker: Broker, seen: dict[str, list[float]]) -> list[float]:
    """Milliseconds from publishing to reading, of facts for one household each, at a steady rate."""
    told: list[tuple[str, float]] = []
    began = time.perf_counter()
    for number, fact in enumerate(_payments()):
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
        told.append(await _tell(broker, fact))
    await _until(lambda: all(event_id in seen for event_id, _ in told))
    return [(seen[event_id][0] - at) * 1000 for event_id, at in told if event_id in seen]


def _payments() -> Iterator[InvoicesPaid]:
    for number in range(OWN_FACTS):
        yield InvoicesPaid(
            payment_id=f"pay_{number}",
            household_id=f"hsh_{number % STREAMS}",
            municipality_id=TOWN,
            invoice_ids=(f"inv_{number}",),
            amount_cents=4_200,
            paid_at=datetime.now(UTC),
        )


async def _tell(broker: Broker, fact: Event) -> tuple[str, float]:
    """Its id, and when it was handed to the broker."""
    entries = pack([fact], subject="bench", sequence=1, municipality_id=TOWN, at=datetime.now(UTC))
    at = time.perf_counter()
    assert await broker.publish_all(entries) == [True]
    return entries[0]["id"], at


async def _until(holds: Callable[[], bool]) -> None:
    """Or until nobody would wait any longer: what did not arrive is counted."""

    async def held() -> bool:
        return holds()

    with suppress(TimeoutError):
        await processes.until(held, PATIENCE)


@asynccontextmanager
async def _broker() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory(prefix="preau-streams-") as name:
        folder = Path(name)
        (port,) = ports.free(1)
        plan = rabbit.Plan([rabbit.admin("bench")])
        server = await rabbit.start(folder / "rabbit", port, log=folder / "broker.log", plan=plan)
        try:
            url = rabbit.url(ports.LOOPBACK, port, rabbit.ADMIN, "bench")
            async with await aio_pika.connect(url) as connection:
                await topology.declare(await connection.channel(), [])
            yield url
        finally:
            await server.kill()


@asynccontextmanager
async def _gateway(amqp_url: str, jwks_url: str) -> AsyncIterator[tuple[int, Child]]:
    (port,) = ports.free(1)
    own = {"HTTP_PORT": str(port), "JWKS_URL": jwks_url, "ISSUER": ISSUER, "AMQP_URL": amqp_url, "LOG_LEVEL": "WARNING"}
    services = [name.upper() for name in Settings.model_fields if name.endswith("_url")]
    own = {**dict.fromkeys(services, NOWHERE), **own}
    variables = {**os.environ, **{f"GATEWAY_{name}": value for name, value in own.items()}}
    with tempfile.TemporaryDirectory(prefix="preau-streams-") as name:
        command = [sys.executable, "-m", "services.gateway"]
        log = Path(name) / "gateway.log"
        child = await processes.start("the gateway", command, environment=variables, log=log)
        try:
            await processes.until_ready(child, lambda: processes.accepts(port), READY_SECONDS)
            yield port, child
        finally:
            await processes.stop(child)


def _allow_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def section(found: Streamed) -> list[str]:
    own = sorted(found.own_ms) or [0.0]
    return [
        "## Open live streams",
        "",
        f"{STREAMS:,} households of one town, each with a stream of its own through one gateway process, the readers "
        f"beside it; opened in {found.opening_seconds:.0f} s. Then five facts for the whole town, and "
        f"{OWN_FACTS:,} for one household each at {PER_SECOND} a second, from publishing to reading.",
        "",
        "| the gateway's process | |",
        "|---|---|",
        f"| resident memory before | {found.before_mb:.0f} MB |",
        f"| with all streams open | **{found.open_mb:.0f} MB** (to reach: under 400) |",
        f"| after all facts | {found.after_mb:.0f} MB |",
        f"| CPU with nothing told, signs of life only | {found.idle_share * 100:.1f} % of a core |",
        f"| a fact for everybody is with the last reader after | {max(found.everybody_ms):.0f} ms |",
        f"| a household's own fact | p50 {own[len(own) // 2]:.1f} ms, p99 {own[int(len(own) * 0.99)]:.1f} ms |",
        f"| CPU of a household's own fact | {found.told_cpu_ms:.2f} ms |",
        f"| facts that did not arrive | {found.lost} |",
        "",
    ]


async def main() -> None:
    put(section(await measure()))


if __name__ == "__main__":
    asyncio.run(main())
