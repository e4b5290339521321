"""Reads the stream of all events into the log, in order; one process at a time.

The stream `preau.log` is what every event goes into, whoever listens: reading it costs publishers nothing, its order is
the log's, and what was told before this service was there is read first. How far it was read is saved after what was
read is written, and what is read twice is written once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import aio_pika
import structlog
from aio_pika.abc import AbstractIncomingMessage
from aiohttp import web
from prometheus_client import Counter, Gauge

from services.partners.app.arrivals import Arrivals
from services.partners.domain.recording import Entry, entries_of
from services.partners.store import LogStore, ReadingStore
from shared.background import in_background
from shared.clock import Clock
from shared.contracts.identity import PartnerSet
from shared.messaging import topology
from shared.messaging.broker import HEARTBEAT_SECONDS
from shared.messaging.envelope import Malformed, events_in

log = structlog.get_logger()
READ = Counter("preau_partner_events_read_total", "Events read from the stream")
BEHIND = Gauge("preau_partner_log_behind_seconds", "How long ago the last event was told when it was read")
PREFETCH = 200
MOST_EVENTS = 500
LEASE_SECONDS = 3.0
AGAIN_SECONDS = 2.0
CONNECT_SECONDS = 10.0
QUIET_SECONDS = 1.0

Told = Callable[[Any], Awaitable[None]]


class LogReader:
    """`partner_told`: given each event about a partner account: identity may have told it before this service was."""

    def __init__(
        self,
        url: str,
        *,
        reading: ReadingStore,
        events: LogStore,
        arrivals: Arrivals,
        partner_told: Told,
        keep_for: timedelta,
        clock: Clock,
    ) -> None:
        self._url = url
        self._reading = reading
        self._events = events
        self._arrivals = arrivals
        self._partner_told = partner_told
        self._keep_for = keep_for
        self._clock = clock

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        async with in_background(self._run()):
            yield
        with suppress(Exception):
            await self._reading.leave()

    async def _run(self) -> None:
        while True:
            try:
                if await self._reading.lead():
                    await self._read_on()
            except Exception as error:
                # The broker or the database is away: what was not written is read again.
                log.warning("log_reading_broken_off", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _read_on(self) -> None:
        """Until the lease is lost, or the connection."""
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        last = await self._reading.offset()
        async with asyncio.timeout(CONNECT_SECONDS):
            connection = await aio_pika.connect(self._url, heartbeat=HEARTBEAT_SECONDS)
        async with connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=PREFETCH)
            stream = await channel.get_queue(topology.LOG, ensure=False)
            start = "first" if last is None else last + 1
            await stream.consume(arrived.put, arguments={"x-stream-offset": start})
            lost = asyncio.create_task(_until_closed(channel))
            try:
                await self._write_all(arrived, lost)
            finally:
                lost.cancel()

    async def _write_all(self, arrived: asyncio.Queue[AbstractIncomingMessage], lost: asyncio.Task[None]) -> None:
        leading_until = 0.0
        loop = asyncio.get_running_loop()
        while not lost.done():
            if loop.time() >= leading_until:
                if not await self._reading.lead():
                    return
                leading_until = loop.time() + LEASE_SECONDS
            if messages := await _some(arrived):
                await self._write(messages)

    async def _write(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        entries = [entry for message in messages for entry in await self._entries(message)]
        oldest = self._clock() - self._keep_for
        fresh = [entry for entry in entries if entry.time >= oldest]
        towns = await self._events.append(fresh) if fresh else frozenset()
        last = messages[-1]
        await self._reading.passed(int(str(last.headers["x-stream-offset"])))
        await last.ack(multiple=True)
        READ.inc(len(entries))
        if entries:
            BEHIND.set(max(0.0, (self._clock() - entries[-1].time).total_seconds()))
        self._arrivals.tell(towns)

    async def _entries(self, message: AbstractIncomingMessage) -> list[Entry]:
        try:
            envelopes = events_in(message.body, message.content_type)
        except Malformed as reason:
            log.error("event_not_logged", message_id=message.message_id, reason=str(reason))
            return []
        found: list[Entry] = []
        for envelope in envelopes:
            try:
                found += entries_of(envelope)
            except ValueError as reason:
                log.error("event_not_logged", message_id=message.message_id, reason=str(reason))
                continue
            if envelope["type"] == PartnerSet.topic:
                await self._partner_told(envelope)
        return found


async def _some(arrived: asyncio.Queue[AbstractIncomingMessage]) -> list[AbstractIncomingMessage]:
    """What is there, at least one unless nothing comes for a second."""
    found: list[AbstractIncomingMessage] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(QUIET_SECONDS):
            found.append(await arrived.get())
    while found and len(found) < MOST_EVENTS and not arrived.empty():
        found.append(arrived.get_nowait())
    return found


async def _until_closed(channel: Any) -> None:
    with suppress(Exception):
        await channel.closed()
