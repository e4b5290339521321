"""Second consumers, as a partner or an operator might attach: the replay log from its start, and the profiles."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.messaging.envelope import CONTENT_TYPE, Malformed, events_in
from shared.messaging.topology import LOG, PROFILES
from tests.journeys.clock import PATIENCE_SECONDS

Envelope = dict[str, Any]
PREFETCH = 500


@dataclass(frozen=True)
class Raw:
    """One event as it came, in a message of its own."""

    message: AbstractIncomingMessage
    envelope: Envelope

    @property
    def exchange(self) -> str:
        return self.message.exchange or ""

    @property
    def message_id(self) -> str:
        return str(self.envelope["id"])

    @property
    def content_type(self) -> str:
        return CONTENT_TYPE

    @property
    def body(self) -> bytes:
        return json.dumps(self.envelope, ensure_ascii=False).encode()


@dataclass
class Heard:
    """Everything told so far, in order of arrival; events come from the replay log, profiles from their exchange."""

    all: list[Envelope] = field(default_factory=list)
    raw: list["Raw"] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def facts(self) -> list[Envelope]:
        """What happened, without the notes of who looked at it."""
        return [one for one in self.all if not one["type"].startswith("audit.")]

    async def take(self, message: AbstractIncomingMessage) -> None:
        """What is no event is left out: tests send such messages too."""
        try:
            found = events_in(message.body, message.content_type)
        except Malformed:
            return
        async with self._changed:
            for envelope in found:
                if isinstance(envelope, dict) and {"type", "data"} <= envelope.keys():
                    self.all.append(envelope)
                    self.raw.append(Raw(message, envelope))
            self._changed.notify_all()

    async def take_logged(self, message: AbstractIncomingMessage) -> None:
        await self.take(message)
        # A stream sends no more than its prefetch until it is told that it was read.
        await message.ack()

    def of(self, topic: str, **data: Any) -> list[Envelope]:
        """Those of a topic whose data, or envelope, has these values."""
        return [one for one in self.all if one["type"] == topic and _has(one, data)]

    async def until(self, topic: str, times: int = 1, **data: Any) -> list[Envelope]:
        """Them, as soon as there are so many."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
                await self._changed.wait_for(lambda: len(self.of(topic, **data)) >= times)
        except TimeoutError:
            raise AssertionError(f"{topic} {data} was told {len(self.of(topic, **data))} times, not {times}") from None
        return self.of(topic, **data)


def _has(envelope: Envelope, data: dict[str, Any]) -> bool:
    return all(envelope["data"].get(name, envelope.get(name)) == value for name, value in data.items())


@asynccontextmanager
async def listening(amqp_url: str) -> AsyncIterator[Heard]:
    """With queues and offsets of our own: no service notices."""
    heard = Heard()
    async with await aio_pika.connect(amqp_url) as connection:
        logged = await connection.channel()
        await logged.set_qos(prefetch_count=PREFETCH)
        log = await logged.get_queue(LOG)
        await log.consume(heard.take_logged, arguments={"x-stream-offset": "first"})
        channel = await connection.channel()
        profiles = await channel.declare_queue(exclusive=True)
        await profiles.bind(PROFILES, "#")
        await profiles.consume(heard.take, no_ack=True)
        yield heard
