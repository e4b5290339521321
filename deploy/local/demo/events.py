"""A second consumer, as a partner or an operator might attach: hears every event while the demonstration plays."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from deploy.local import rabbit
from deploy.local.environment import Place
from deploy.local.secrets import Secrets
from shared.messaging.envelope import events_in
from shared.messaging.topology import EVENTS, PROFILES

PATIENCE_SECONDS = 20.0


@dataclass
class Events:
    """Everything heard so far, in order of arrival."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, message: AbstractIncomingMessage) -> None:
        async with self._changed:
            self.heard += events_in(message.body, message.content_type)
            self._changed.notify_all()

    def caused_by(self, correlation: str) -> list[dict[str, Any]]:
        return [event for event in self.heard if event["correlationid"] == correlation]

    async def until(self, correlation: str, topics: Iterable[str]) -> list[dict[str, Any]]:
        """What that call caused, once each of `topics` (a topic may be named twice) has been heard."""
        wanted = sorted(topics)

        def complete() -> bool:
            types = [event["type"] for event in self.caused_by(correlation)]
            return all(types.count(topic) >= wanted.count(topic) for topic in wanted)

        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(complete)
        return self.caused_by(correlation)


@asynccontextmanager
async def listening(place: Place, secrets: Secrets) -> AsyncIterator[Events]:
    """Listen with a queue of our own that disappears with us: no service notices."""
    events = Events()
    url = rabbit.url(*place.inner("amqp"), rabbit.ADMIN, secrets.of("amqp", rabbit.ADMIN))
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        for exchange in (EVENTS, PROFILES):
            await queue.bind(exchange, "#")
        await queue.consume(events.take, no_ack=True)
        yield events
