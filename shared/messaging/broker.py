"""The two connections of a service to RabbitMQ: one to publish, one to consume, so that neither blocks the other."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import aio_pika
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractRobustConnection

from shared.messaging.envelope import CONTENT_TYPE
from shared.messaging.topology import EXCHANGES, RETRY

PUBLISH_TIMEOUT = 10.0
HEARTBEAT_SECONDS = 10


class Broker:
    """Opened with `async with`; reconnects by itself after a loss."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> Self:
        self._publishing, self._consuming = await asyncio.gather(self._connect(), self._connect())
        self.consuming = await self._consuming.channel()
        channel = await self._publishing.channel(publisher_confirms=True, on_return_raises=True)
        self._exchanges = {name: await channel.get_exchange(name, ensure=False) for name in EXCHANGES}
        return self

    async def _connect(self) -> AbstractRobustConnection:
        return await aio_pika.connect_robust(self._url, reconnect_interval=1, heartbeat=HEARTBEAT_SECONDS)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(self._consuming.close(), self._publishing.close())

    @property
    def connected(self) -> bool:
        """Both connections are up now."""
        return self._is_up(self._publishing) and self._is_up(self._consuming)

    @staticmethod
    def _is_up(connection: AbstractRobustConnection) -> bool:
        return connection.connected.is_set() and not connection.is_closed

    async def publish(self, exchange: str, routing_key: str, message: Message) -> None:
        """Return once the broker has taken the message to its charge, on disk.

        Raises `asyncio.TimeoutError` or an AMQP error otherwise; the message may then have been taken or not.
        """
        await self._exchanges[exchange].publish(message, routing_key, mandatory=True, timeout=PUBLISH_TIMEOUT)

    async def publish_all(self, entries: Sequence[dict[str, str]]) -> list[bool]:
        """Publish outbox entries with pipelined confirms; True at each place the broker confirmed."""
        outcomes = await asyncio.gather(
            *(self.publish(f"preau.{entry['exchange']}", entry["type"], _message(entry)) for entry in entries),
            return_exceptions=True,
        )
        return [outcome is None for outcome in outcomes]

    async def send_later(self, tier: str, message: Message) -> None:
        await self.publish(RETRY, tier, message)


def _message(entry: dict[str, str]) -> Message:
    return Message(
        entry["body"].encode(),
        message_id=entry["id"],
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
    )
