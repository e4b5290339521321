"""Two facts nobody tells outside these tests, and listeners that can be waited for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from aio_pika import Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.contracts import Event, Exchange, Told
from shared.messaging.broker import Broker
from shared.messaging.consumer import Consumer, Handler
from shared.messaging.envelope import pack
from shared.messaging.topology import queues_of

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PATIENCE = 20.0
# Three retries within a tenth of a second.
QUICK = {"10ms": 10, "20ms": 20, "30ms": 30}


class ThingHappened(Event):
    topic: ClassVar[str] = "tests.thing_happened.v1"

    number: int


class ThingShown(Event):
    topic: ClassVar[str] = "tests.thing_shown.v1"
    exchange: ClassVar[Exchange] = "profiles"

    name: str


# The name of a real service, so that the policies for its queues hold here too.
EVENTS, PROFILES = (replace(queue, tiers=QUICK) for queue in queues_of("billing", [ThingHappened, ThingShown]))


class Listener:
    """Hears what it is told; `wait_for(n)` returns what it heard once it heard n facts."""

    def __init__(self, react: Callable[[Told[Any]], Any] | None = None) -> None:
        self.heard: list[Told[Any]] = []
        self._react = react
        self._more = asyncio.Condition()

    async def __call__(self, told: Told[Any]) -> None:
        async with self._more:
            self.heard.append(told)
            self._more.notify_all()
        if self._react is not None:
            await self._react(told)

    async def wait_for(self, count: int) -> list[Told[Any]]:
        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(lambda: len(self.heard) >= count)
            return self.heard

    @property
    def numbers(self) -> list[int]:
        return [told.event.number for told in self.heard]


def entries(*numbers: int, subject: str = "thing") -> list[dict[str, str]]:
    """The outbox of a document whose thing happened that often."""
    return [
        entry
        for number in numbers
        for entry in pack(
            [ThingHappened(number=number)], subject=subject, sequence=number, municipality_id="sainte-aurore", at=NOW
        )
    ]


@asynccontextmanager
async def consuming(broker: Broker, handler: Handler) -> AsyncIterator[Consumer]:
    """A consumer at work on the queue of events."""
    consumer = Consumer(broker, EVENTS, {ThingHappened: handler})
    await consumer.start()
    yield consumer
    await consumer.stop()


async def tell(broker: Broker, number: int, *, subject: str = "thing") -> str:
    """Publish one fact as a relay does; its id."""
    (entry,) = entries(number, subject=subject)
    assert await broker.publish_all([entry]) == [True]
    return entry["id"]


async def tell_raw(broker: Broker, body: bytes, *, topic: str = ThingHappened.topic, message_id: str = "raw") -> None:
    await broker.publish("preau.events", topic, Message(body, message_id=message_id))


async def until(holds: Callable[[], bool]) -> None:
    """Return once it holds, and let everything else go on meanwhile."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if holds():
                return
            await asyncio.sleep(0)


async def first_in(channel: AbstractChannel, name: str) -> AbstractIncomingMessage:
    """The next message of a queue, waited for and taken."""
    queue = await channel.get_queue(name)
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    tag = await queue.consume(arrived.put, no_ack=True)
    async with asyncio.timeout(PATIENCE):
        message = await arrived.get()
    await queue.cancel(tag)
    return message


async def waiting_in(channel: AbstractChannel, name: str) -> int:
    """How many messages are in the queue and with no consumer."""
    queue = await channel.declare_queue(name, passive=True)
    return int(queue.declaration_result.message_count or 0)
