"""What becomes of each message: done, retried, parked; on a real broker."""

import asyncio
import json
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from shared.contracts import Event, Told
from shared.errors import Conflict, NotFound, Refused, Unavailable
from shared.messaging.broker import Broker
from shared.messaging.consumer import Consumer
from shared.messaging.topology import EVENTS as EXCHANGE
from shared.mongo import Database
from tests.messaging.things import (
    EVENTS,
    PATIENCE,
    QUICK,
    Listener,
    ThingHappened,
    consuming,
    entries,
    first_in,
    tell,
    tell_raw,
    waiting_in,
)


class Failing:
    """Raises what it is given, as many times, then does nothing."""

    def __init__(self, error: Exception, times: int = 1_000) -> None:
        self._error = error
        self._left = times

    async def __call__(self, _: Told[Event]) -> None:
        if self._left:
            self._left -= 1
            raise self._error


async def test_a_fact_is_heard_with_its_envelope(broker: Broker) -> None:
    listener = Listener()
    async with consuming(broker, listener):
        told_id = await tell(broker, 7)
        (told,) = await listener.wait_for(1)

    assert (told.id, told.event, told.subject, told.sequence) == (told_id, ThingHappened(number=7), "thing", 7)


async def test_a_fact_delivered_twice_has_one_effect(broker: Broker, database: Database) -> None:
    """The consumer hands on every delivery; the natural key makes the second one harmless."""

    async def keep(told: Told[Any]) -> None:
        await database["things"].update_one({"_id": told.id}, {"$setOnInsert": {"heard": True}}, upsert=True)

    listener = Listener(keep)
    (entry,) = entries(1)
    async with consuming(broker, listener):
        await broker.publish_all([entry, entry])
        await listener.wait_for(2)

    assert await database["things"].count_documents({}) == 1


async def test_what_is_done_leaves_the_queue(broker: Broker, channel: AbstractChannel) -> None:
    listener = Listener()
    async with consuming(broker, listener):
        await tell(broker, 1)
        await listener.wait_for(1)

    assert await waiting_in(channel, EVENTS.name) == 0


# --- what no handler can do anything with ---------------------------------------------------------------------------


def without(member: str) -> bytes:
    body = json.loads(entries(1)[0]["body"])
    del body[member]
    return json.dumps(body).encode()


MALFORMED = {
    "no JSON": b"{",
    "no UTF-8": b"\xff\xfe\x00",
    "no object": b"[]",
    "no data": without("data"),
    "no sequence": without("sequence"),
    "no subject": without("subject"),
    "another shape": entries(1)[0]["body"].replace('"number":1', '"number":"x"').encode(),
    "bottomless": b"[" * 100_000,
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_message_is_parked_with_its_reason_and_the_next_is_heard(
    broker: Broker, channel: AbstractChannel, body: bytes
) -> None:
    listener = Listener()
    async with consuming(broker, listener):
        await tell_raw(broker, body, message_id="bad")
        await tell(broker, 2)
        await listener.wait_for(1)

    parked = await first_in(channel, EVENTS.parking)
    assert (parked.message_id, parked.body) == ("bad", body)
    assert parked.headers["x-reason"]
    assert parked.headers["x-topic"] == ThingHappened.topic
    assert listener.numbers == [2]


async def test_a_message_of_a_type_nobody_handles_is_parked(broker: Broker, channel: AbstractChannel) -> None:
    """As when a binding outlives the code that asked for it."""
    queue = await channel.get_queue(EVENTS.name)
    await queue.bind(EXCHANGE, "tests.forgotten.v1")
    listener = Listener()
    async with consuming(broker, listener):
        await tell_raw(broker, b"{}", topic="tests.forgotten.v1")
        await tell(broker, 2)
        await listener.wait_for(1)

    parked = await first_in(channel, EVENTS.parking)
    assert parked.headers["x-reason"] == "no handler for tests.forgotten.v1"


# --- failures ------------------------------------------------------------------------------------------------------


async def test_a_failing_handler_is_tried_in_every_tier_and_then_parked(
    broker: Broker, channel: AbstractChannel
) -> None:
    listener = Listener(Failing(ZeroDivisionError()))
    async with consuming(broker, listener):
        told_id = await tell(broker, 1)
        heard = await listener.wait_for(1 + len(QUICK))
        parked = await first_in(channel, EVENTS.parking)

    assert {told.id for told in heard} == {told_id} == {parked.message_id}
    assert parked.headers["x-attempt"] == len(QUICK)
    assert parked.headers["x-reason"] == "gave up after 3 retries: ZeroDivisionError"
    assert len(listener.heard) == 1 + len(QUICK)


@pytest.mark.parametrize("error", [RuntimeError(), Unavailable(), Conflict()], ids=lambda error: type(error).__name__)
async def test_a_passing_failure_is_overcome(broker: Broker, channel: AbstractChannel, error: Exception) -> None:
    listener = Listener(Failing(error, times=2))
    async with consuming(broker, listener):
        await tell(broker, 1)
        await listener.wait_for(3)

    assert await waiting_in(channel, EVENTS.parking) == 0
    assert await waiting_in(channel, EVENTS.name) == 0


@pytest.mark.parametrize("refusal", [Refused(), NotFound()], ids=lambda error: type(error).__name__)
async def test_what_the_rules_refuse_is_parked_at_once(
    broker: Broker, channel: AbstractChannel, refusal: Refused
) -> None:
    listener = Listener(Failing(refusal))
    async with consuming(broker, listener):
        await tell(broker, 1)
        parked = await first_in(channel, EVENTS.parking)

    assert parked.headers["x-reason"] == refusal.code
    assert len(listener.heard) == 1


async def test_a_failing_message_does_not_hold_back_the_others(broker: Broker) -> None:
    async def fail_on_one(told: Told[Any]) -> None:
        if told.event.number == 1:
            raise ZeroDivisionError

    listener = Listener(fail_on_one)
    async with consuming(broker, listener):
        await tell(broker, 1, subject="a")
        for number in (2, 3, 4):
            await tell(broker, number, subject="b")
        await listener.wait_for(4)

    assert {2, 3, 4} <= set(listener.numbers)


async def test_a_parked_message_can_be_put_back_and_is_heard(broker: Broker, channel: AbstractChannel) -> None:
    listener = Listener(Failing(Refused(), times=1))
    async with consuming(broker, listener):
        await tell(broker, 1)
        parked = await first_in(channel, EVENTS.parking)
        await channel.default_exchange.publish(
            aio_pika.Message(parked.body, message_id=parked.message_id, headers={"x-topic": parked.headers["x-topic"]}),
            EVENTS.name,
        )
        heard = await listener.wait_for(2)

    assert {told.event.number for told in heard} == {1}


# --- order ---------------------------------------------------------------------------------------------------------


async def test_facts_of_one_subject_pass_one_at_a_time_in_order(broker: Broker) -> None:
    running: list[int] = []
    overlaps: list[int] = []

    async def work(told: Told[Any]) -> None:
        running.append(told.event.number)
        overlaps.append(len(running))
        await asyncio.sleep(0)
        running.remove(told.event.number)

    listener = Listener(work)
    async with consuming(broker, listener):
        await broker.publish_all(entries(*range(1, 31)))
        await listener.wait_for(30)

    assert listener.numbers == list(range(1, 31))
    assert set(overlaps) == {1}


async def test_facts_of_different_subjects_overlap(broker: Broker) -> None:
    meeting = asyncio.Barrier(3)

    async def meet(_: Told[Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            await meeting.wait()

    listener = Listener(meet)
    async with consuming(broker, listener):
        for number, subject in enumerate("abc"):
            await tell(broker, number, subject=subject)
        await listener.wait_for(3)

    assert not meeting.broken


async def test_what_is_delivered_again_runs_alone(amqp_url: str, broker: Broker) -> None:
    """A first consumer takes five messages and its connection dies; who takes over does them one by one."""
    for number in range(5):
        await tell(broker, number, subject=f"thing {number}")
    hung = Listener(lambda _: asyncio.Event().wait())
    async with Broker(amqp_url) as dying:
        first = Consumer(dying, EVENTS, {ThingHappened: hung})
        await first.start()
        await hung.wait_for(5)

    together: list[int] = []
    running = 0

    async def work(_: Told[Any]) -> None:
        nonlocal running
        running += 1
        together.append(running)
        await asyncio.sleep(0)
        running -= 1

    listener = Listener(work)
    async with consuming(broker, listener):
        await listener.wait_for(5)

    assert together == [1] * 5


# --- leaving -------------------------------------------------------------------------------------------------------


async def test_stopping_waits_for_what_was_taken_and_takes_no_more(broker: Broker, channel: AbstractChannel) -> None:
    may_end = asyncio.Event()
    listener = Listener(lambda _: may_end.wait())
    consumer = Consumer(broker, EVENTS, {ThingHappened: listener})
    await consumer.start()
    for number in (1, 2):
        # The second waits for its turn: it was taken too.
        await tell(broker, number)
    await listener.wait_for(1)

    stopping = asyncio.create_task(consumer.stop())
    done, _ = await asyncio.wait([stopping], timeout=0.2)
    assert not done
    await tell(broker, 3)
    may_end.set()
    await stopping

    assert listener.numbers == [1, 2]
    assert await waiting_in(channel, EVENTS.name) == 1


async def test_stopping_returns_only_when_the_broker_was_told_that_all_is_done(
    amqp_url: str, channel: AbstractChannel
) -> None:
    listener = Listener()
    async with Broker(amqp_url) as broker, consuming(broker, listener):
        await broker.publish_all(entries(*range(20)))
        await listener.wait_for(20)

    assert await waiting_in(channel, EVENTS.name) == 0


async def test_stopping_twice_and_stopping_what_never_started_is_harmless(broker: Broker) -> None:
    consumer = Consumer(broker, EVENTS, {ThingHappened: Listener()})

    await consumer.stop()
    await consumer.start()
    await consumer.stop()
    await consumer.stop()

    assert broker.connected
