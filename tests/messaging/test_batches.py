"""Facts that travel together in one message: each is heard, tried again or parked by itself."""

import asyncio
import json
from typing import Any

import pytest
from aio_pika import Message
from aio_pika.abc import AbstractChannel

from shared.contracts import Told
from shared.errors import Refused
from shared.messaging.broker import BATCH_BYTES, BATCH_EVENTS, Broker
from shared.messaging.consumer import AT_ONCE, Consumer
from shared.messaging.envelope import BATCH_TYPE, CONTENT_TYPE
from shared.messaging.topology import EVENTS as EXCHANGE
from tests.messaging.things import EVENTS, QUICK, Listener, ThingHappened, consuming, entries, first_in, waiting_in


def of_many(count: int) -> list[dict[str, str]]:
    """What so many things tell at the same moment."""
    return [entry for number in range(count) for entry in entries(number, subject=f"thing {number}")]


async def tell_together(broker: Broker, *events: Any) -> None:
    """One message with these events, whatever they are."""
    message = Message(json.dumps(events).encode(), message_id="batch", content_type=BATCH_TYPE)
    await broker.publish(EXCHANGE, ThingHappened.topic, message)


async def test_facts_told_at_the_same_moment_travel_in_one_message_and_each_is_heard(
    broker: Broker, channel: AbstractChannel
) -> None:
    assert await broker.publish_all(of_many(7)) == [True] * 7
    assert await waiting_in(channel, EVENTS.name) == 1
    listener = Listener()
    async with consuming(broker, listener):
        heard = await listener.wait_for(7)

    assert {told.subject for told in heard} == {f"thing {number}" for number in range(7)}
    assert await waiting_in(channel, EVENTS.name) == 0


async def test_a_message_stays_small(broker: Broker, channel: AbstractChannel) -> None:
    """Neither many facts nor long ones make a message that cannot be handled."""
    long = [{**entry, "body": entry["body"] + " " * BATCH_BYTES} for entry in of_many(2)]
    await broker.publish_all([*of_many(BATCH_EVENTS + 1), *long])

    # Fifty together, one that no long one fits beside, and each of the long ones.
    assert await waiting_in(channel, EVENTS.name) == 4


async def test_of_a_batch_only_what_fails_is_tried_again(broker: Broker, channel: AbstractChannel) -> None:
    async def fail_on_two(told: Told[Any]) -> None:
        if told.event.number == 2:
            raise ZeroDivisionError

    listener = Listener(fail_on_two)
    async with consuming(broker, listener):
        told = of_many(4)
        await broker.publish_all(told)
        parked = await first_in(channel, EVENTS.parking)

    assert sorted(listener.numbers) == [0, 1, 2, 2, 2, 2, 3]
    assert (parked.message_id, parked.content_type) == (told[2]["id"], CONTENT_TYPE)
    assert json.loads(parked.body) == json.loads(told[2]["body"])
    assert parked.headers["x-attempt"] == len(QUICK)


@pytest.mark.parametrize("spoilt", [None, 7, [], {}, {"data": {}}], ids=repr)
async def test_of_a_batch_only_what_is_no_event_is_parked(
    broker: Broker, channel: AbstractChannel, spoilt: Any
) -> None:
    good = [json.loads(entry["body"]) for entry in of_many(2)]
    listener = Listener()
    async with consuming(broker, listener):
        await tell_together(broker, good[0], spoilt, good[1])
        await listener.wait_for(2)
        parked = await first_in(channel, EVENTS.parking)

    assert json.loads(parked.body) == spoilt
    assert sorted(listener.numbers) == [0, 1]


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[]", b"7"])
async def test_what_calls_itself_a_batch_and_is_none_is_parked_whole(
    broker: Broker, channel: AbstractChannel, body: bytes
) -> None:
    async with consuming(broker, Listener()):
        message = Message(body, message_id="none", content_type=BATCH_TYPE)
        await broker.publish(EXCHANGE, ThingHappened.topic, message)
        parked = await first_in(channel, EVENTS.parking)

    assert (parked.message_id, parked.body) == ("none", body)


async def test_a_batch_that_kills_again_is_taken_apart(amqp_url: str, broker: Broker, channel: AbstractChannel) -> None:
    """Two consumers die of it; from then on its events come alone, so that the deadly one is parked alone."""
    told = of_many(3)
    await broker.publish_all(told)
    for _ in range(2):
        hung = Listener(lambda _: asyncio.Event().wait())
        async with Broker(amqp_url) as dying:
            await Consumer(dying, EVENTS, {ThingHappened: hung}).start()
            await hung.wait_for(1)

    async def refuse_the_first(fact: Told[Any]) -> None:
        if fact.event.number == 0:
            raise Refused

    listener = Listener(refuse_the_first)
    async with consuming(broker, listener):
        await listener.wait_for(3)
        parked = await first_in(channel, EVENTS.parking)

    assert sorted(listener.numbers) == [0, 1, 2]
    assert (parked.message_id, parked.content_type) == (told[0]["id"], CONTENT_TYPE)
    assert "x-delivery-count" not in parked.headers


async def test_more_events_than_are_worked_on_at_once_are_all_heard_in_the_order_of_their_subjects(
    broker: Broker,
) -> None:
    async def work(_: Told[Any]) -> None:
        await asyncio.sleep(0)

    listener = Listener(work)
    numbers = range(AT_ONCE)
    async with consuming(broker, listener):
        await broker.publish_all([entry for at in numbers for s in "abc" for entry in entries(at, subject=s)])
        heard = await listener.wait_for(3 * AT_ONCE)

    for subject in "abc":
        assert [told.event.number for told in heard if told.subject == subject] == list(numbers)
