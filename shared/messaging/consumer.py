"""The consumer: each message once through its use case, then acknowledged; failures wait in tiers, the rest is parked.

Messages of one aggregate pass one at a time. A message delivered again runs alone, so that one which kills the
process cannot take its neighbours with it.
"""

import asyncio
from collections import Counter as Tally
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import structlog
from aio_pika import Message
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustQueue
from prometheus_client import Counter, Histogram

from shared import context
from shared.contracts import Event, Told
from shared.errors import Refused, Unavailable
from shared.messaging.broker import Broker
from shared.messaging.envelope import Malformed, unpack
from shared.messaging.topology import DEAD, TIERS_MS, Queue

log = structlog.get_logger()
Handler: TypeAlias = Callable[[Told[Any]], Awaitable[None]]
Subscriptions: TypeAlias = Mapping[type[Event], Handler]

PREFETCH = 50
HANDLER_SECONDS = 30.0
HAND_BACK_SECONDS = 1.0
HEARD = Counter("preau_messages_total", "Messages by what became of them", ["queue", "outcome"])
TOOK = Histogram("preau_message_seconds", "Time from taking a message to acknowledging it", ["queue"])


class Consumer:
    """One queue of a service."""

    def __init__(self, broker: Broker, queue: Queue, subscriptions: Subscriptions) -> None:
        self._broker = broker
        self._queue = queue
        self._contracts = {contract.topic: contract for contract in subscriptions}
        self._handlers = {contract.topic: handler for contract, handler in subscriptions.items()}
        self._lanes = Lanes()
        self._tag: str | None = None

    async def start(self) -> None:
        await self._broker.consuming.set_qos(prefetch_count=PREFETCH)
        queue = await self._broker.consuming.get_queue(self._queue.name)
        # Kept: aio-pika restores after a reconnection only queues somebody still holds.
        self._held: Any = queue
        self._tag = await queue.consume(self._receive)

    async def stop(self) -> None:
        """Take no more, and return once what was taken is done."""
        if self._tag is not None:
            held: AbstractRobustQueue = self._held
            await held.cancel(self._tag)
        await self._lanes.empty()

    async def _receive(self, incoming: AbstractIncomingMessage) -> None:
        with TOOK.labels(self._queue.name).time():
            try:
                outcome = await self._outcome(incoming)
            except Exception:
                # Neither done nor handed on (the broker refused the copy): it stays ours to do.
                log.exception("message_handed_back", queue=self._queue.name, message_id=incoming.message_id)
                await asyncio.sleep(HAND_BACK_SECONDS)
                await incoming.reject(requeue=True)
                return
            HEARD.labels(self._queue.name, outcome).inc()
            await incoming.ack()

    async def _outcome(self, incoming: AbstractIncomingMessage) -> str:
        topic = _topic(incoming)
        try:
            told, envelope = unpack(incoming.body, self._contracts[topic])
        except KeyError:
            return await self._park(incoming, f"no handler for {topic}")
        except Malformed as reason:
            return await self._park(incoming, str(reason))
        context.correlation_id.set(str(envelope.get("correlationid", "")))
        context.causation_id.set(told.id)
        context.traceparent.set(str(envelope.get("traceparent", "")))
        async with self._lanes.lane(told.subject, alone=bool(incoming.redelivered)):
            return await self._handle(incoming, told, topic)

    async def _handle(self, incoming: AbstractIncomingMessage, told: Told[Event], topic: str) -> str:
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                await self._handlers[topic](told)
        except Refused as refusal:
            if isinstance(refusal, Unavailable) or refusal.code == "changed-meanwhile":
                return await self._retry(incoming, refusal.code)
            return await self._park(incoming, refusal.code)
        except Exception as error:
            log.exception("message_failed", queue=self._queue.name, message_id=told.id, topic=topic)
            return await self._retry(incoming, type(error).__name__)
        return "done"

    async def _retry(self, incoming: AbstractIncomingMessage, reason: str) -> str:
        attempt = int(str(incoming.headers.get("x-attempt", 0)))
        tiers = list(TIERS_MS)
        if attempt >= len(tiers):
            return await self._park(incoming, f"gave up after {attempt} retries: {reason}")
        await self._broker.send_later(
            self._queue.tier(tiers[attempt]), _copy(incoming, {"x-attempt": attempt + 1, "x-reason": reason})
        )
        return "retried"

    async def _park(self, incoming: AbstractIncomingMessage, reason: str) -> str:
        log.error("message_parked", queue=self._queue.name, message_id=incoming.message_id, reason=reason)
        await self._broker.publish(DEAD, self._queue.name, _copy(incoming, {"x-reason": reason}))
        return "parked"


def _topic(incoming: AbstractIncomingMessage) -> str:
    """The routing key the message was first published with: a retry tier changes the current one."""
    return str(incoming.headers.get("x-topic") or incoming.routing_key)


def _copy(incoming: AbstractIncomingMessage, headers: dict[str, Any]) -> Message:
    kept = {key: value for key, value in incoming.headers.items() if not key.startswith("x-death")}
    return Message(
        incoming.body,
        message_id=incoming.message_id,
        content_type=incoming.content_type,
        delivery_mode=incoming.delivery_mode,
        headers={**kept, "x-topic": _topic(incoming), **headers},
    )


class Lanes:
    """At most one piece of work per key at a time; `alone` work waits for all others and keeps them out."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._busy: Tally[str] = Tally()
        self._running = 0
        self._alone = False

    @asynccontextmanager
    async def lane(self, key: str, *, alone: bool) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: self._may_start(key, alone))
            self._busy[key] += 1
            self._running += 1
            self._alone = alone
        try:
            yield
        finally:
            async with self._changed:
                del self._busy[key]
                self._running -= 1
                self._alone = False
                self._changed.notify_all()

    def _may_start(self, key: str, alone: bool) -> bool:
        return not self._alone and not self._busy[key] and not (alone and self._running)

    async def empty(self) -> None:
        """Return once nothing runs."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._running)
