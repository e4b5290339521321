"""Reads the log (`preau.log`) from some minutes ago on, for as long as the process runs, whatever the broker does.

A stream of RabbitMQ is read without taking anything from anybody: every replica reads all of it, in the same order.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
import structlog
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError

from services.gateway.stream.facts import fact_of
from services.gateway.stream.hub import Hub
from shared.messaging.envelope import Malformed, events_in
from shared.messaging.topology import LOG

log = structlog.get_logger()
PREFETCH = 200
HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 10.0
AWAY = (AMQPError, OSError, TimeoutError, RuntimeError)
SLOWEST_RETRY = 5.0
# What the broker took before it went may have been written in an order we did not see the end of.
OVERLAP = timedelta(minutes=1)
PLACES_SECONDS = 2.0


class LogReader:
    """`run()` until cancelled: it never ends by itself, and nobody waits for it."""

    def __init__(self, url: str, hub: Hub) -> None:
        self._url = url
        self._hub = hub
        self.connected = False

    async def run(self) -> None:
        """Facts as they are written, places gathered over a moment."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_for_ever())
            group.create_task(self._tell_places())

    async def _tell_places(self) -> None:
        while True:
            await asyncio.sleep(PLACES_SECONDS)
            self._hub.tell_places()

    async def _read_for_ever(self) -> None:
        delay = 0.5
        while True:
            try:
                await self._read()
            except AWAY as error:
                log.warning("log_unreachable", error=type(error).__name__)
            except asyncio.CancelledError:
                # aio-pika's own word for some lost connections; ours only when somebody cancels this task.
                if _is_cancelled():
                    raise
                log.warning("log_unreachable", error="lost")
            delay = 0.5 if self.connected else min(delay * 2, SLOWEST_RETRY)
            self.connected = False
            await asyncio.sleep(delay)

    async def _read(self) -> None:
        """Until the connection or its channel is lost."""
        connection = await aio_pika.connect(self._url, heartbeat=HEARTBEAT_SECONDS, timeout=CONNECT_SECONDS)
        async with connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=PREFETCH)
            queue = await channel.get_queue(LOG, ensure=False)
            await queue.consume(self._hear, arguments={"x-stream-offset": self._from()}, timeout=CONNECT_SECONDS)
            self.connected = True
            log.info("log_followed")
            lost = [asyncio.ensure_future(closed) for closed in (connection.closed(), channel.closed())]
            await asyncio.wait(lost, return_when=asyncio.FIRST_COMPLETED)
            for each in lost:
                each.cancel()

    def _from(self) -> datetime:
        window = self._hub.window
        seen = datetime.fromtimestamp(max(window.newest_ms, window.since_ms) / 1000, UTC)
        return seen - OVERLAP if window.newest_ms else seen

    async def _hear(self, incoming: AbstractIncomingMessage) -> None:
        try:
            for envelope in events_in(incoming.body, incoming.content_type):
                self._tell(envelope)
        except Malformed:
            log.warning("log_entry_passed_over", message_id=incoming.message_id)
        except Exception:
            # One fact less in the streams; left unacknowledged, a few of them would stop all that follow.
            log.exception("log_entry_failed", message_id=incoming.message_id)
        # Gone with its connection: the next one reads it again, and the window knows it.
        with suppress(*AWAY):
            await incoming.ack()

    def _tell(self, envelope: Any) -> None:
        if fact := fact_of(envelope):
            self._hub.tell(fact)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@asynccontextmanager
async def following(url: str, hub: Hub | None) -> AsyncIterator[None]:
    """The log is read for as long as the block runs; nothing is where there is no hub."""
    reading = None if hub is None else asyncio.create_task(LogReader(url, hub).run())
    yield
    if reading is not None:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
