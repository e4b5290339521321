"""`python -m benchmarks.webhooks`: from an event's publication to a partner's machine, signed, at 100 events a second.

The partners service runs as `make run` has it, on a broker and a database of its own; the receiver answers 204 at once.
Timed from handing the event to the broker to the arrival of its request.
"""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil
from aiohttp import web
from aiohttp.test_utils import TestServer

from benchmarks.load import Outcome
from benchmarks.partners import PROFILE
from benchmarks.partners_rig import BOOKED, TOWN, Backends, envelope, started
from benchmarks.town_files import put
from deploy.local import ports
from services.partners.app.webhooks.target import WebhookTarget
from services.partners.domain.subscriptions import Subscription
from services.partners.domain.webhooks.addresses import Reach
from services.partners.store import FeedStore, SubscriptionStore
from services.partners.store.deliveries.endpoints import EndpointStore
from services.partners.store.deliveries.queue import DeliveryQueue
from services.partners.usecases.webhooks.secrets import NoSecretsKey, Unsealable
from shared import mongo as driver
from shared.clock import system_clock
from shared.ids import new_id, uuid7
from shared.messaging.broker import Broker
from shared.sealed import SealedSecrets

RATE, SECONDS, WARM_UP = 100, 30, 3
KEY = f"bench:{'b4' * 32}"
DATABASE = "partners"


@dataclass(frozen=True)
class Figures:
    """`busy`: the CPU share of the partners service meanwhile, of one core."""

    one: Outcome
    ten: Outcome
    busy: float


class Receiver:
    def __init__(self) -> None:
        self.arrived: dict[str, list[float]] = {}
        self._more = asyncio.Event()

    async def until(self, count: int) -> None:
        while sum(map(len, self.arrived.values())) < count:
            self._more.clear()
            await self._more.wait()

    async def take(self, request: web.Request) -> web.Response:
        await request.read()
        self.arrived.setdefault(request.headers["webhook-id"], []).append(time.perf_counter())
        self._more.set()
        return web.Response(status=204)


async def main() -> None:
    async with started() as backends, serving(backends) as process, receiving() as (receiver, url):
        await subscribe(backends, url, 1)
        await send(backends, receiver, WARM_UP, 1)
        before, began = cpu_of(process), time.perf_counter()
        one = await send(backends, receiver, SECONDS, 1)
        busy = (cpu_of(process) - before) / (time.perf_counter() - began)
        await subscribe(backends, url, 9)
        await send(backends, receiver, WARM_UP, 10)
        ten = await send(backends, receiver, SECONDS // 2, 10)
    put(section(Figures(one, ten, busy)))


def section(figures: Figures) -> list[str]:
    one, ten = figures.one, figures.ten
    return [
        "## From an event to a partner's webhook",
        "",
        f"{RATE} events a second, published one by one; each kept in the log, minimised, queued, signed and posted, one"
        " subject each. From the publication to the arrival of the request, milliseconds.",
        "",
        "| webhooks | requests a second | median | p95 | p99 | worst |",
        "|---:|---:|---:|---:|---:|---:|",
        f"| 1 | {one.rate:.0f} | {one.median:.0f} | {one.quantile(0.95):.0f} | {one.quantile(0.99):.0f} |"
        f" {max(one.latencies):.0f} |",
        f"| 10 | {ten.rate:.0f} | {ten.median:.0f} | {ten.quantile(0.95):.0f} | {ten.quantile(0.99):.0f} |"
        f" {max(ten.latencies):.0f} |",
        "",
        f"The service took {figures.busy:.0%} of a core for the first row. Load average of the machine at the end:"
        f" {os.getloadavg()[0]:.1f} (2 cores are busy at 2).",
        "",
    ]


async def send(backends: Backends, receiver: Receiver, seconds: int, webhooks: int) -> Outcome:
    """At a steady rate; returns once every webhook had everything."""
    receiver.arrived.clear()
    sent: dict[str, float] = {}
    async with Broker(backends.amqp_url) as broker:
        began = time.perf_counter()
        for number in range(RATE * seconds):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            one = envelope()
            one["time"] = datetime.now(UTC).isoformat()
            entry = {"id": one["id"], "type": BOOKED, "exchange": "events", "subject": "", "body": json.dumps(one)}
            sent[one["id"]] = time.perf_counter()
            assert await broker.publish_all([entry]) == [True]
        await receiver.until(len(sent) * webhooks)
    ends = [(at - sent[key]) * 1000 for key, all_at in receiver.arrived.items() for at in all_at]
    return Outcome(seconds=time.perf_counter() - began, latencies=ends)


async def subscribe(backends: Backends, url: str, count: int) -> None:
    client = driver.connect(backends.mongo_url)
    db = driver.database(client, DATABASE)
    sealing = SealedSecrets(KEY, no_key=NoSecretsKey, unsealable=Unsealable)
    target = WebhookTarget(
        queue=DeliveryQueue(db, lambda _: None),
        endpoints=EndpointStore(db),
        sealing=sealing,
        reach=Reach(inside=True),
        clock=system_clock,
    )
    newest = await db["log"].count_documents({})
    for _ in range(count):
        one = Subscription(
            id=new_id("psb"),
            municipality_id=TOWN,
            client_id="cli_bench",
            name="Banc d’essai",
            profile=PROFILE,
            types=(BOOKED,),
            kind="webhook",
            url=url,
            created_by="acc_bench",
            created_at=system_clock(),
        )
        await target.open(one)
        await SubscriptionStore(db, lambda _: None).add(one)
        await FeedStore(db, uuid7()).add(one.id, TOWN, newest)
    client.close()
    # The feeder finds them by itself.
    await asyncio.sleep(3)


@asynccontextmanager
async def serving(backends: Backends) -> AsyncIterator[Process]:
    """The service, migrated and started."""
    [port] = ports.free(1)
    settings = {
        "HTTP_PORT": str(port),
        "JWKS_URL": "http://127.0.0.1:9/jwks",
        "MONGO_URL": backends.mongo_url,
        "MONGO_DATABASE": DATABASE,
        "AMQP_URL": backends.amqp_url,
        "SECRETS_KEY": KEY,
        "WEBHOOK_ANYWHERE": "true",
        "LOG_LEVEL": "WARNING",
    }
    environment = {**os.environ, **{f"PARTNERS_{name}": value for name, value in settings.items()}}
    command = [sys.executable, "-m", "services.partners"]
    migrated = await asyncio.create_subprocess_exec(*command, "migrate", env=environment)
    assert await migrated.wait() == 0
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        await asyncio.sleep(3)
        yield process
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    server = TestServer(app)
    await server.start_server()
    yield receiver, f"http://127.0.0.1:{server.port}/hook"
    await server.close()


def cpu_of(process: Process) -> float:
    """Seconds of CPU it has taken."""
    return sum(psutil.Process(process.pid).cpu_times()[:2])


if __name__ == "__main__":
    asyncio.run(main())
