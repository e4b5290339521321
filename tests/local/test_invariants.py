"""The invariants find what breaks them, on real databases and queues."""

from datetime import UTC, datetime, timedelta

import aio_pika
import pytest

from deploy.local import invariants, rabbit
from deploy.local.check import hold_against
from deploy.local.invariants import Invariant, System
from shared.messaging import topology
from shared.messaging.topology import Queue

PENDING = {"_id": "bkg_1", "outbox": [{"id": "evt_1"}, {"id": "evt_2"}]}


async def none(_queue):
    return None


@pytest.fixture
def system(database):
    return System({"billing": database}, none)


async def test_an_event_that_nobody_fetches_is_found(system, database):
    await database.invoices.insert_one(PENDING)
    assert await invariants.events_that_stay(system, patience=0) == [
        "billing: event evt_1 waits in invoices",
        "billing: event evt_2 waits in invoices",
    ]


async def test_an_empty_outbox_is_in_order(system, database):
    await database.invoices.insert_one({"outbox": []})
    assert await invariants.events_that_stay(system, patience=0) == []


async def test_a_relay_that_leads_is_in_order_and_one_that_stopped_is_found(system, database):
    leads = datetime.now(UTC) + timedelta(minutes=5)
    await database.leases.insert_one({"_id": "relay", "holder": "a", "until": leads})
    assert await invariants.relays_not_at_work(system) == []
    await database.leases.update_one({"_id": "relay"}, {"$set": {"until": leads - timedelta(minutes=10)}})
    assert await invariants.relays_not_at_work(system) == ["billing"]


async def test_a_parked_message_is_found(amqp_url, database):
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await topology.declare(channel, [Queue("billing", "events", ())])
        dead = await channel.get_exchange(topology.DEAD, ensure=False)
        await dead.publish(aio_pika.Message(b"{}"), "billing.events", timeout=10)

        async def waiting(queue):
            count = await rabbit.count(connection, queue)
            return count if isinstance(count, int) else None

        found = await invariants.parked_messages(System({"billing": database}, waiting))
    assert found == ["billing.events.parking: 1 messages"]


async def test_each_invariant_is_told_and_one_broken_is_enough():
    async def holds(_):
        return []

    async def breaks(_):
        return ["inv_1: 12 is not 13"]

    said = []
    system = System({}, none)
    assert await hold_against(system, said.append, [Invariant("sums agree", holds)])
    assert not await hold_against(system, said.append, [Invariant("sums agree", holds), Invariant("all paid", breaks)])
    assert said[1:] == ["holds   sums agree", "broken  all paid", "          inv_1: 12 is not 13"]
