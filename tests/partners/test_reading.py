"""The reader carries the stream of all events into the log, from its first event on, and goes on where it was."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from services.partners.app.arrivals import Arrivals
from services.partners.app.reading import LogReader
from services.partners.store import LogStore, ReadingStore
from shared.contracts.identity import PartnerSet
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.mongo import Database
from tests.journeys.clock import eventually
from tests.partners.samples import CLIENT, NOW, OTHER_TOWN, TOWN, envelope


class Told:
    def __init__(self) -> None:
        self.envelopes: list[Any] = []

    async def __call__(self, told: Any) -> None:
        self.envelopes.append(told)


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[Broker]:
    import aio_pika

    async with await aio_pika.connect(amqp_url) as connection:
        await topology.declare(await connection.channel(), [])
    async with Broker(amqp_url) as broker:
        yield broker


@asynccontextmanager
async def reading(db: Database, amqp_url: str, arrivals: Arrivals, told: Told | None = None) -> AsyncIterator[None]:
    reader = LogReader(
        amqp_url,
        reading=ReadingStore(db, "me"),
        events=LogStore(db),
        arrivals=arrivals,
        partner_told=told or Told(),
        keep_for=timedelta(days=30),
        clock=lambda: NOW,
    )
    async with reader.running(None):  # type: ignore[arg-type]  # it needs no application
        yield


async def publish(broker: Broker, *envelopes: dict[str, Any]) -> None:
    import json

    entries = [
        {"id": one["id"], "type": one["type"], "exchange": "events", "subject": "", "body": json.dumps(one)}
        for one in envelopes
    ]
    assert all(await broker.publish_all(entries))


async def logged(db: Database, count: int) -> list[str]:
    async def there() -> bool:
        return await db["log"].count_documents({}) >= count

    await eventually("the log", there, 20)
    found = db["log"].find({}, sort=[("municipality_id", 1), ("position", 1)])
    return [f"{one['municipality_id']} {one['position']} {one['subject']}" async for one in found]


async def test_what_was_told_before_is_read_first_then_what_is_told(
    db: Database, amqp_url: str, broker: Broker
) -> None:
    arrivals = Arrivals()
    await publish(broker, *(envelope(n) for n in range(1, 120)), envelope(120, town=OTHER_TOWN))

    async with reading(db, amqp_url, arrivals):
        before = await logged(db, 120)
        await publish(broker, envelope(121))
        after = await logged(db, 121)

    assert before == [f"{OTHER_TOWN} 1 subject-120", *(f"{TOWN} {n} subject-{n}" for n in range(1, 120))]
    assert after[-1] == f"{TOWN} 120 subject-121"
    assert arrivals.count(TOWN) > 0


async def test_it_goes_on_where_it_was_and_writes_nothing_twice(db: Database, amqp_url: str, broker: Broker) -> None:
    arrivals = Arrivals()
    await publish(broker, envelope(1), envelope(2))
    async with reading(db, amqp_url, arrivals):
        await logged(db, 2)
    offset = await ReadingStore(db, "me").offset()

    # As if it had stopped between writing and saving how far it was.
    await db["reading"].update_one({"_id": "log"}, {"$set": {"offset": (offset or 0) - 1}})
    await publish(broker, envelope(3))
    async with reading(db, amqp_url, arrivals):
        assert await logged(db, 3) == [f"{TOWN} {n} subject-{n}" for n in (1, 2, 3)]


async def test_what_is_no_event_and_what_is_too_old_is_left_out(db: Database, amqp_url: str, broker: Broker) -> None:
    broken = {**envelope(1), "data": "nothing"}
    old = envelope(2, time=(NOW - timedelta(days=31)).isoformat())
    await publish(broker, broken, old, envelope(3, town=""), envelope(4))

    async with reading(db, amqp_url, Arrivals()):
        assert await logged(db, 1) == [f"{TOWN} 1 subject-4"]


async def test_partner_accounts_told_before_are_heard_of(db: Database, amqp_url: str, broker: Broker) -> None:
    told = Told()
    account = {"client_id": CLIENT, "municipality_ids": [TOWN], "scopes": ["events.read"], "active": True}
    await publish(broker, envelope(1, PartnerSet.topic, data=account))

    async with reading(db, amqp_url, Arrivals(), told):
        await logged(db, 1)

    assert [one["data"]["client_id"] for one in told.envelopes] == [CLIENT]


async def test_one_process_reads_at_a_time(db: Database) -> None:
    one, other = ReadingStore(db, "one"), ReadingStore(db, "other")

    assert await one.lead()
    assert not await other.lead()
    assert await one.lead()
    await one.leave()
    assert await eventually("the lease", other.lead, 5)


async def test_who_waits_is_woken_by_what_arrives() -> None:
    arrivals = Arrivals()
    waiting = asyncio.create_task(arrivals.wait(TOWN, arrivals.count(TOWN), 30))
    await asyncio.sleep(0)

    arrivals.tell([TOWN])

    await waiting
    # What arrived since one looked is no reason to wait.
    await arrivals.wait(TOWN, 0, 30)
    assert arrivals.count(TOWN) == 1
