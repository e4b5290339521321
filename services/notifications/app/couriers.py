"""The loops that carry pushes and SMS: a few at a time, woken by a hint, looking by themselves every few seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import structlog
from aiohttp import web
from prometheus_client import Counter

from services.notifications.domain.messages import Mail
from services.notifications.usecases.carry import Carried, Carrier, Deliveries, Towns, carry_due
from shared.clock import Clock

log = structlog.get_logger()
CARRIED = Counter(
    "preau_carried_total", "Tries to carry a push or an SMS by what became of them", ["channel", "outcome"]
)
AT_ONCE = 8
POLL_SECONDS = 5.0
SHUTDOWN_SECONDS = 25.0


class Closing(Carrier, Protocol):
    async def close(self) -> None: ...


class Courier:
    """Of one channel. `queued` is set by whoever queues something; `running` is a context of the application."""

    def __init__(
        self, queued: asyncio.Event, *, deliveries: Deliveries, towns: Towns, carrier: Closing, clock: Clock
    ) -> None:
        self._queued = queued
        self._deliveries = deliveries
        self._towns = towns
        self._carrier = carrier
        self._clock = clock
        self._stopping = False

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Carries until the application leaves, then finishes what is at hand."""
        loop = asyncio.create_task(self._run())
        yield
        self._stopping = True
        self._queued.set()
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(loop, SHUTDOWN_SECONDS)
        await self._carrier.close()

    async def _run(self) -> None:
        while not self._stopping:
            self._queued.clear()
            await self.carry_all_due()
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._queued.wait()

    async def carry_all_due(self) -> None:
        """One provider that is down must not hold back those of other devices: a lane goes on to the next."""
        await asyncio.gather(*(self._lane() for _ in range(AT_ONCE)))

    async def _lane(self) -> None:
        try:
            while not self._stopping:
                outcome, mail = await carry_due(
                    deliveries=self._deliveries, towns=self._towns, carrier=self._carrier, clock=self._clock
                )
                if mail is None:
                    return
                _note(outcome, mail)
        except Exception:
            # What was claimed is put back or its claim lapses; the other lanes go on.
            log.exception("carrying_failed", channel=self._carrier.channel)


def _note(outcome: Carried, mail: Mail) -> None:
    CARRIED.labels(mail.channel, outcome.value).inc()
    say = log.info if outcome is Carried.SENT else log.warning
    say("message_carried", outcome=outcome.value, message=mail.id, channel=mail.channel, attempt=mail.attempts)
