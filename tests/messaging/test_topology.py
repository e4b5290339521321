"""Exchanges, queues and policies on a real broker."""

import asyncio
import re

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import ChannelPreconditionFailed

from shared.contracts import Event
from shared.contracts.catalogue import all_events
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.topology import TIERS_MS, Queue, policies, queues_of
from tests.messaging.things import (
    EVENTS,
    PATIENCE,
    PROFILES,
    ThingHappened,
    ThingShown,
    first_in,
    tell,
    tell_raw,
    waiting_in,
)


async def test_declaring_twice_is_harmless(channel: AbstractChannel, broker: Broker) -> None:
    await tell(broker, 1)

    await topology.declare(channel, [EVENTS, PROFILES])

    assert await waiting_in(channel, EVENTS.name) == 1


async def test_a_changed_tier_is_not_declared_in_silence(amqp_url: str, channel: AbstractChannel) -> None:
    longer = Queue(EVENTS.service, EVENTS.exchange, EVENTS.topics, {"10ms": 11})

    with pytest.raises(ChannelPreconditionFailed):
        await topology.declare(channel, [longer])


async def test_a_new_topic_is_bound_by_declaring_again(channel: AbstractChannel, broker: Broker) -> None:
    more = Queue(EVENTS.service, EVENTS.exchange, (*EVENTS.topics, "tests.other.v1"), EVENTS.tiers)

    await topology.declare(channel, [more])
    await tell_raw(broker, b"x", topic="tests.other.v1")

    assert await waiting_in(channel, EVENTS.name) == 1


async def from_the_log(amqp_url: str, count: int) -> list[str | None]:
    """The ids of the first messages of the log."""
    read: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=10)
        log = await channel.get_queue("preau.log")
        await log.consume(read.put, arguments={"x-stream-offset": "first"})
        async with asyncio.timeout(PATIENCE):
            messages = [await read.get() for _ in range(count)]
        for message in messages:
            await message.ack()
    return [message.message_id for message in messages]


async def test_what_is_told_can_be_read_again_from_the_log(amqp_url: str, broker: Broker) -> None:
    told = [await tell(broker, number) for number in (1, 2, 3)]

    assert await from_the_log(amqp_url, 3) == told


async def test_personal_data_never_reaches_the_log(amqp_url: str, channel: AbstractChannel, broker: Broker) -> None:
    await broker.publish("preau.profiles", ThingShown.topic, aio_pika.Message(b"a name"))
    told = await tell(broker, 1)

    assert await waiting_in(channel, PROFILES.name) == 1
    assert await from_the_log(amqp_url, 1) == [told]


async def test_a_message_that_keeps_killing_its_consumer_ends_in_parking(
    amqp_url: str, channel: AbstractChannel, broker: Broker
) -> None:
    await tell(broker, 1)

    for _ in range(topology.CRASHES_BEFORE_PARKING + 1):
        async with await aio_pika.connect(amqp_url) as connection:
            await first_taken_and_dropped(connection)

    parked = await first_in(channel, EVENTS.parking)
    assert parked.routing_key == EVENTS.name


async def first_taken_and_dropped(connection: aio_pika.abc.AbstractConnection) -> None:
    """Take a message and leave without a word, as a crash does."""
    queue = await (await connection.channel()).get_queue(EVENTS.name)
    taken: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    await queue.consume(taken.put)
    async with asyncio.timeout(PATIENCE):
        await taken.get()


def test_a_service_has_one_queue_per_exchange_it_listens_to() -> None:
    assert [(queue.name, queue.topics) for queue in queues_of("billing", [ThingShown, ThingHappened])] == [
        ("billing.events", (ThingHappened.topic,)),
        ("billing.profiles", (ThingShown.topic,)),
    ]


def test_a_service_that_hears_no_profiles_has_no_queue_for_them() -> None:
    assert [queue.name for queue in queues_of("billing", [ThingHappened])] == ["billing.events"]


def test_every_work_queue_has_its_policy_and_no_other_queue_has() -> None:
    pattern = next(one["pattern"] for one in policies(["billing"]) if one["name"] == "work-billing-events")

    assert re.search(pattern, "billing.events")
    assert not any(re.search(pattern, name) for name in (EVENTS.parking, EVENTS.tier("5s"), "billing.profiles"))


def test_a_failed_message_waits_longer_each_time() -> None:
    assert list(TIERS_MS.values()) == sorted(TIERS_MS.values())


@pytest.mark.parametrize("contract", all_events(), ids=lambda contract: contract.topic)
def test_every_event_of_the_house_has_an_exchange_of_the_house(contract: type[Event]) -> None:
    assert f"preau.{contract.exchange}" in topology.EXCHANGES
