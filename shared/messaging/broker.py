"""The two connections of a service to RabbitMQ: one to publish, one to consume, so that neither blocks the other."""

import asyncio
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

import aio_pika
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractRobustConnection

from shared.messaging.envelope import BATCH_TYPE, CONTENT_TYPE
from shared.messaging.topology import EXCHANGES, RETRY

PUBLISH_TIMEOUT = 10.0
HEARTBEAT_SECONDS = 10
# What a message carries at most: many facts about bookings, one invoice.
BATCH_EVENTS = 50
BATCH_BYTES = 64 * 1024


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
        parcels = list(_parcels(entries))
        outcomes = await asyncio.gather(
            *(self._publish_parcel([entries[at] for at in parcel]) for parcel in parcels), return_exceptions=True
        )
        confirmed = [False] * len(entries)
        for parcel, outcome in zip(parcels, outcomes, strict=True):
            for at in parcel:
                confirmed[at] = outcome is None
        return confirmed

    async def _publish_parcel(self, entries: Sequence[dict[str, str]]) -> None:
        first = entries[0]
        await self.publish(f"preau.{first['exchange']}", first["type"], _message(entries))

    async def send_later(self, tier: str, message: Message) -> None:
        await self.publish(RETRY, tier, message)


def _parcels(entries: Sequence[dict[str, str]]) -> Iterator[list[int]]:
    """Which entries travel together, in their order: those of one type, as long as the message stays small."""
    filling: dict[tuple[str, str], list[int]] = {}
    sizes: dict[tuple[str, str], int] = {}
    for at, entry in enumerate(entries):
        kind, size = (entry["exchange"], entry["type"]), len(entry["body"])
        parcel = filling.get(kind, [])
        if parcel and (len(parcel) == BATCH_EVENTS or sizes[kind] + size > BATCH_BYTES):
            yield filling.pop(kind)
        filling.setdefault(kind, []).append(at)
        sizes[kind] = size if len(filling[kind]) == 1 else sizes[kind] + size
    yield from filling.values()


def _message(entries: Sequence[dict[str, str]]) -> Message:
    bodies = [entry["body"] for entry in entries]
    alone = len(bodies) == 1
    return Message(
        (bodies[0] if alone else f"[{','.join(bodies)}]").encode(),
        message_id=entries[0]["id"],
        content_type=CONTENT_TYPE if alone else BATCH_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
    )
