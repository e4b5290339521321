"""The consumer: each message once through its use case, then acknowledged; failures wait in tiers, the rest is parked.

A message carries one event or a batch of them, each of which is settled by itself. Events of one aggregate pass one at
a time. What is delivered again runs alone, and a batch that comes a third time is taken apart, so that an event which
kills the process cannot take its neighbours with it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import structlog
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustQueue
from aio_pika.exceptions import AMQPError
from prometheus_client import Counter, Histogram

from shared import context
from shared.contracts import Event, Told
from shared.errors import Conflict, Refused, Unavailable
from shared.messaging.broker import Broker
from shared.messaging.delivery import Piece, deliveries_before, pieces_of
from shared.messaging.envelope import Malformed, unpack
from shared.messaging.topology import DEAD, Queue

log = structlog.get_logger()
Handler: TypeAlias = Callable[[Told[Any]], Awaitable[None]]
Subscriptions: TypeAlias = Mapping[type[Event], Handler]

PREFETCH = 50
# Events in work: as many as one round trip to the database answers (`Together`).
AT_ONCE = 100
FAILURES_BEFORE_TAKING_APART = 2
HANDLER_SECONDS = 30.0
HAND_BACK_SECONDS = 1.0
CONFLICTS_AT_ONCE = 3
CANCEL_SECONDS = 5.0
HEARD = Counter("preau_messages_total", "Events by what became of them", ["queue", "outcome"])
TOOK = Histogram("preau_message_seconds", "Time from taking a message to acknowledging it", ["queue"])


class Consumer:
    """One queue of a service."""

    def __init__(self, broker: Broker, queue: Queue, subscriptions: Subscriptions) -> None:
        self._broker = broker
        self._queue = queue
        self._contracts = {contract.topic: contract for contract in subscriptions}
        self._handlers = {contract.topic: handler for contract, handler in subscriptions.items()}
        self._lanes = Lanes()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tag: str | None = None
        self._taken = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        await self._broker.consuming.set_qos(prefetch_count=PREFETCH)
        queue = await self._broker.consuming.get_queue(self._queue.name)
        # Kept: aio-pika restores after a reconnection only queues somebody still holds.
        self._held: Any = queue
        self._tag = await queue.consume(self._receive)

    async def stop(self) -> None:
        """Take no more, and return once what was taken is done and acknowledged."""
        if self._tag is not None:
            held: AbstractRobustQueue = self._held
            tag, self._tag = self._tag, None
            # Without a connection there is nothing to cancel, and the wait for it would have no end.
            with suppress(TimeoutError, AMQPError):
                async with asyncio.timeout(CANCEL_SECONDS):
                    await held.cancel(tag)
        await self._idle.wait()

    async def _receive(self, incoming: AbstractIncomingMessage) -> None:
        self._taken += 1
        self._idle.clear()
        try:
            await self._settle(incoming)
        finally:
            self._taken -= 1
            if not self._taken:
                self._idle.set()

    async def _settle(self, incoming: AbstractIncomingMessage) -> None:
        with TOOK.labels(self._queue.name).time():
            try:
                outcomes = await self._outcomes(incoming)
            except Exception:
                # Neither done nor handed on (the broker refused the copy): it stays ours to do.
                log.exception("message_handed_back", queue=self._queue.name, message_id=incoming.message_id)
                await asyncio.sleep(HAND_BACK_SECONDS)
                await incoming.reject(requeue=True)
                return
            for outcome in outcomes:
                HEARD.labels(self._queue.name, outcome).inc()
            await incoming.ack()

    async def _outcomes(self, incoming: AbstractIncomingMessage) -> list[str]:
        """What became of each event of the message, once all are settled."""
        try:
            pieces = pieces_of(incoming)
        except Malformed as reason:
            return [await self._park(Piece(incoming), str(reason))]
        settle = self._outcome
        if len(pieces) > 1 and deliveries_before(incoming) >= FAILURES_BEFORE_TAKING_APART:
            settle = self._send_alone
        outcomes = await asyncio.gather(*(settle(piece) for piece in pieces), return_exceptions=True)
        settled = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
        if failed := [outcome for outcome in outcomes if isinstance(outcome, BaseException)]:
            raise failed[0]
        return settled

    async def _outcome(self, piece: Piece) -> str:
        topic = piece.topic
        async with self._room:
            try:
                told, envelope = unpack(piece.event, self._contracts[topic])
            except KeyError:
                return await self._park(piece, f"no handler for {topic}")
            except Malformed as reason:
                return await self._park(piece, str(reason))
            context.correlation_id.set(str(envelope.get("correlationid", "")))
            context.causation_id.set(told.id)
            context.traceparent.set(str(envelope.get("traceparent", "")))
            async with self._lanes.lane(told.subject, alone=bool(piece.incoming.redelivered)):
                return await self._handle(piece, told, topic)

    async def _send_alone(self, piece: Piece) -> str:
        """Through the first tier, as a message of its own."""
        first = next(iter(self._queue.tiers))
        await self._broker.send_later(self._queue.tier(first), piece.copy({}))
        return "taken apart"

    async def _handle(self, piece: Piece, told: Told[Event], topic: str) -> str:
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                await self._attempt(told, topic)
        except Refused as refusal:
            if isinstance(refusal, Unavailable | Conflict):
                return await self._retry(piece, refusal.code)
            return await self._park(piece, refusal.code)
        except Exception as error:
            log.exception("message_failed", queue=self._queue.name, message_id=told.id, topic=topic)
            return await self._retry(piece, type(error).__name__)
        return "done"

    async def _attempt(self, told: Told[Event], topic: str) -> None:
        """Someone else changed the same thing at the same moment: reading again at once settles it, mostly."""
        for _ in range(CONFLICTS_AT_ONCE):
            try:
                return await self._handlers[topic](told)
            except Conflict:
                continue
        return await self._handlers[topic](told)

    async def _retry(self, piece: Piece, reason: str) -> str:
        attempt, tiers = piece.attempt, list(self._queue.tiers)
        if attempt >= len(tiers):
            return await self._park(piece, f"gave up after {attempt} retries: {reason}")
        copy = piece.copy({"x-attempt": attempt + 1, "x-reason": reason})
        await self._broker.send_later(self._queue.tier(tiers[attempt]), copy)
        return "retried"

    async def _park(self, piece: Piece, reason: str) -> str:
        copy = piece.copy({"x-reason": reason})
        log.error("message_parked", queue=self._queue.name, message_id=copy.message_id, reason=reason)
        await self._broker.publish(DEAD, self._queue.name, copy)
        return "parked"


class Lanes:
    """At most one piece of work per key at a time, in order of arrival.

    `alone` work waits for all before it and keeps out all after it, or a busy queue would never leave it a moment.
    """

    def __init__(self) -> None:
        self._waiting: list[_Place] = []
        self._busy: set[str] = set()
        self._alone = False

    @asynccontextmanager
    async def lane(self, key: str, *, alone: bool) -> AsyncIterator[None]:
        place = _Place(key, alone, asyncio.get_running_loop().create_future())
        self._waiting.append(place)
        self._admit()
        try:
            await place.turn
            yield
        finally:
            self._leave(place)
            self._admit()

    def _admit(self) -> None:
        held = set(self._busy)
        for place in tuple(self._waiting):
            if self._alone or (place.alone and self._busy):
                return
            if place.key not in held:
                self._start(place)
            held.add(place.key)

    def _start(self, place: "_Place") -> None:
        self._waiting.remove(place)
        self._busy.add(place.key)
        self._alone = place.alone
        place.started = True
        if not place.turn.done():
            place.turn.set_result(None)

    def _leave(self, place: "_Place") -> None:
        if place.started:
            self._busy.remove(place.key)
            self._alone = False
        else:
            self._waiting.remove(place)


@dataclass(eq=False)
class _Place:
    """One piece of work that waits for its turn or has it."""

    key: str
    alone: bool
    turn: asyncio.Future[None]
    started: bool = False
