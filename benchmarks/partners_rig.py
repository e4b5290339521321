"""The parts of the partners' benchmark: backends of its own, the service and a partner as processes of their own."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aio_pika
import aiohttp
import uvloop

from deploy.local import mongo, ports, rabbit
from deploy.local.secrets import Secrets
from services.partners.app.amqp import AmqpTarget
from services.partners.app.arrivals import Arrivals
from services.partners.app.door import Door
from services.partners.app.feeding import Feeder
from services.partners.app.reading import LogReader
from services.partners.settings import Settings
from services.partners.store import FeedStore, LogStore, ReadingStore, SubscriptionStore
from services.partners.store.recent import RecentLog
from shared import mongo as driver
from shared.ids import new_id, uuid7
from shared.messaging import topology
from shared.mongo import Database

TOWN = "sainte-aurore"
BOOKED = "reservations.booking_confirmed.v1"
NOW = datetime.now(UTC)
BASE = "https://preau.example"


@dataclass(frozen=True)
class Backends:
    mongo_url: str
    amqp_url: str
    api_url: str
    door_url: str


def envelope() -> dict[str, Any]:
    """A booking of three days, about as long as most."""
    event_id = uuid7()
    days = [{"activity_id": f"{TOWN}.repas", "date": f"2026-11-{day}", "late": ""} for day in (23, 24, 26)]
    data = {
        "municipality_id": TOWN,
        "household_id": new_id("hsh"),
        "child_id": new_id("chd"),
        "programme_id": f"{TOWN}.restaurant",
        "month": "2026-11",
        "billing_mode": "postpaid",
        "regulation_version": 1,
        "days": days,
    }
    head = {"specversion": "1.0", "id": event_id, "source": "/preau/reservations", "type": BOOKED}
    more = {"time": NOW.isoformat(), "subject": new_id("sht"), "datacontenttype": "application/json"}
    extensions = {"municipality": TOWN, "sequence": 1, "correlationid": event_id, "causationid": event_id}
    return {**head, **more, **extensions, "dataschema": f"/api/v1/schemas/{BOOKED}.json", "data": data}


@asynccontextmanager
async def started() -> AsyncIterator[Backends]:
    """MongoDB and RabbitMQ of its own, as `make run` has them."""
    secrets = Secrets(os.urandom(32))
    with tempfile.TemporaryDirectory(prefix="preau-bench-") as name:
        folder = Path(name)
        database_port, amqp_port, api_port = ports.free(3)
        admin, key = secrets.of("mongo", mongo.ADMIN), secrets.of("mongo", "replica set")
        server = await mongo.start(
            folder / "mongo", database_port, log=folder / "mongo.log", admin_password=admin, key=key
        )
        password = secrets.of("amqp", rabbit.ADMIN)
        plan = rabbit.Plan([rabbit.admin(password)], topology.policies(["billing", "notifications"]))
        broker = await rabbit.start(
            folder / "rabbit", amqp_port, log=folder / "rabbit.log", plan=plan, management_port=api_port
        )
        try:
            yield Backends(
                mongo_url=server.url(),
                amqp_url=rabbit.url(ports.LOOPBACK, amqp_port, rabbit.ADMIN, password),
                api_url=f"http://{rabbit.ADMIN}:{password}@{ports.LOOPBACK}:{api_port}",
                door_url=rabbit.url(ports.LOOPBACK, amqp_port, rabbit.ADMIN, password, rabbit.PARTNERS_VHOST),
            )
        finally:
            await broker.stop()
            await server.stop()


# --- the partners service, in a process of its own -----------------------------------------------------------------


@asynccontextmanager
async def serving(backends: Backends, *, reads: bool) -> AsyncIterator[tuple[Database, AmqpTarget]]:
    """Its reader and its feeder."""
    client = driver.connect(backends.mongo_url)
    db = driver.database(client, "partners")
    async with aiohttp.ClientSession() as session:
        door = Door(session, amqp_url=backends.door_url, api_url=backends.api_url)
        target = AmqpTarget(door, url=backends.door_url, address="", queue_length=100_000)
        arrivals, holder, events = Arrivals(), uuid7(), LogStore(db)
        feeder = Feeder(
            subscriptions=SubscriptionStore(db, lambda _: None),
            feeds=FeedStore(db, holder),
            recent=RecentLog(events, BASE),
            targets={"amqp": target},
            arrivals=arrivals,
            clock=lambda: datetime.now(UTC),
        )
        reader = LogReader(
            backends.amqp_url,
            reading=ReadingStore(db, holder),
            events=events,
            arrivals=arrivals,
            partner_told=_nothing,
            keep_for=timedelta(days=30),
            clock=lambda: datetime.now(UTC),
        )
        app: Any = None
        async with target.running(app), feeder.running(app):
            if reads:
                async with reader.running(app):
                    yield db, target
            else:
                yield db, target
    client.close()


async def _nothing(_: Any) -> None: ...


def serve(backends: Backends, ready: Any, stop: Any) -> None:
    """As a process, and as far back as the service stands: until asked to stop."""
    os.nice(Settings.model_fields["nice"].default)

    async def main() -> None:
        async with serving(backends, reads=True):
            ready.set()
            await asyncio.to_thread(stop.wait)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def drain(backends: Backends, queue: str, count: int, done: Any) -> None:
    """A partner's system: takes and acknowledges."""

    async def main() -> None:
        left, over = count, asyncio.Event()

        async def take(message: Any) -> None:
            nonlocal left
            left -= 1
            if left % 200 == 0 or not left:
                await message.ack(multiple=True)
            if not left:
                over.set()

        async with await aio_pika.connect(backends.door_url) as connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=1_000)
            there = await channel.get_queue(queue, ensure=False)
            await there.consume(take)
            await over.wait()
        done.set()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
