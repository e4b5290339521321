"""The AMQP target: a queue of its own for each subscription, on the partners' virtual host."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import cast

import aio_pika
import structlog
from aio_pika import DeliveryMode
from aio_pika.abc import AbstractChannel, AbstractRobustConnection
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity, DeliveryError, PublishError
from aiohttp import web
from aiormq.channel import Channel as InnerChannel
from pamqp.commands import Basic

from services.partners.app.door import Door
from services.partners.domain.facts import Outgoing
from services.partners.domain.subscriptions import Subscription, queue_of
from services.partners.usecases.targets import Receipt
from shared.errors import Unavailable
from shared.messaging.broker import HEARTBEAT_SECONDS
from shared.messaging.envelope import CONTENT_TYPE

log = structlog.get_logger()
PUBLISH_SECONDS = 10.0
# A full queue is asked again after that long.
FULL_SECONDS = 5.0
# The broker counts a little late: so many places are left free, or it would refuse some between two it takes.
MARGIN = 500
SECRET_BYTES = 24
AWAY = (AMQPError, ConnectionError, TimeoutError, RuntimeError)


class AmqpTarget:
    """`address`: where partners are told to connect to."""

    def __init__(self, door: Door, *, url: str, address: str, queue_length: int) -> None:
        self._door = door
        self._url = url
        self._address = address
        self._length = queue_length
        self._rooms: dict[str, int] = {}
        self._missing: set[str] = set()
        self._connection: AbstractRobustConnection | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Connects when first needed: the rest of the service works without the partners' broker."""
        yield
        if self._connection is not None:
            with suppress(*AWAY):
                await self._connection.close()

    def check(self, subscription: Subscription) -> None:
        """Nothing to refuse."""

    async def open(self, subscription: Subscription) -> Mapping[str, str]:
        password = f"preau_{secrets.token_urlsafe(SECRET_BYTES)}"
        await self._door.let_in(subscription.id, password)
        return {
            "address": self._address,
            "user": subscription.id,
            "password": password,
            "queue": queue_of(subscription.id),
        }

    async def renew(self, subscription: Subscription, overlap: timedelta) -> Mapping[str, str]:
        """RabbitMQ knows one password per user: connections stay for `overlap` 0 only as long as it takes to end them.

        With an overlap they stay until they end by themselves; nobody gets in by the former password either way.
        """
        handed = await self.open(subscription)
        if not overlap:
            await self._door.hang_up(subscription.id)
        return handed

    async def close(self, subscription: Subscription) -> None:
        self._rooms.pop(subscription.id, None)
        self._missing.discard(subscription.id)
        await self._door.shut_out(subscription.id)

    async def deliver(self, subscription: Subscription, batch: Sequence[Outgoing]) -> Receipt:
        """In order: as many as there is room for, of which those count that the broker took before the first it did
        not. Raises `Unavailable` while the broker is away."""
        try:
            room = await self._room(subscription.id)
            if room <= 0:
                return Receipt(taken=0, wait=FULL_SECONDS)
            taken = await self._publish(subscription.id, batch[:room])
        except AWAY as error:
            self._rooms.pop(subscription.id, None)
            raise Unavailable() from error
        self._rooms[subscription.id] = room - taken
        if taken < min(room, len(batch)):
            del self._rooms[subscription.id]
            return Receipt(taken=taken, wait=FULL_SECONDS)
        return Receipt(taken=taken)

    async def _publish(self, subscription_id: str, batch: Sequence[Outgoing]) -> int:
        # The library's inner channel: waiting for each frame to leave before the next is written costs a third more.
        channel = cast(InnerChannel, await (await self._channel()).get_underlay_channel())
        queue = queue_of(subscription_id)
        outcomes = await asyncio.gather(*(_send(channel, queue, one) for one in batch), return_exceptions=True)
        for number, outcome in enumerate(outcomes):
            if isinstance(outcome, PublishError):
                await self._missed(subscription_id)
                return number
            if isinstance(outcome, DeliveryError):
                return number
            if isinstance(outcome, BaseException):
                raise outcome
        return len(batch)

    async def _room(self, subscription_id: str) -> int:
        """Messages the queue surely has room for; only this service puts any in, so it is asked once it runs out."""
        if self._rooms.get(subscription_id, 0) <= 0:
            self._rooms[subscription_id] = self._length - MARGIN - await self._waiting(subscription_id)
        return self._rooms[subscription_id]

    async def _missed(self, subscription_id: str) -> None:
        """There is no such queue: either the subscription is just being ended, or somebody lost the broker's data. The
        first is known to everybody a moment later; so it is made again when it is missed a second time.
        """
        if subscription_id in self._missing:
            self._missing.remove(subscription_id)
            await self._door.make_queue(subscription_id)
        else:
            self._missing.add(subscription_id)

    async def _waiting(self, subscription_id: str) -> int:
        connection = await self._connected()
        try:
            # A channel of its own: the broker closes it when there is no such queue.
            async with connection.channel(publisher_confirms=False) as channel:
                found = await channel.declare_queue(queue_of(subscription_id), passive=True)
        except ChannelNotFoundEntity:
            await self._missed(subscription_id)
            return self._length
        return int(found.declaration_result.message_count or 0)

    async def _channel(self) -> AbstractChannel:
        async with self._opening:
            connection = await self._connect()
            if self._publishing is None or self._publishing.is_closed:
                self._publishing = await connection.channel(publisher_confirms=True, on_return_raises=True)
            return self._publishing

    async def _connected(self) -> AbstractRobustConnection:
        async with self._opening:
            return await self._connect()

    async def _connect(self) -> AbstractRobustConnection:
        if self._connection is None:
            async with asyncio.timeout(PUBLISH_SECONDS):
                self._connection = await aio_pika.connect_robust(
                    self._url, reconnect_interval=1, heartbeat=HEARTBEAT_SECONDS
                )
        if not self._connection.connected.is_set():
            raise ConnectionError("the partners' broker is away")
        return self._connection

    _publishing: AbstractChannel | None = None


async def _send(channel: InnerChannel, queue: str, one: Outgoing) -> None:
    """Raises `PublishError` when there is no such queue, `DeliveryError` when it is full."""
    properties = Basic.Properties(
        message_id=one.id, message_type=one.type, content_type=CONTENT_TYPE, delivery_mode=DeliveryMode.PERSISTENT
    )
    await channel.basic_publish(
        one.body, routing_key=queue, properties=properties, mandatory=True, wait=False, timeout=PUBLISH_SECONDS
    )
