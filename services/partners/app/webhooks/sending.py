"""The sender: a lane for each endpoint something is due for, started by a hint or by a look each second.

Of several processes one sends to an endpoint at a time (a lease of its own). An endpoint that seems to be down is asked
again only when one of its events is due again, and a new event is no reason to try.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from aiohttp import web

from services.partners.app.webhooks.lane import Desk, Lane

log = structlog.get_logger()
POLL_SECONDS = 1.0
REST_SECONDS = 5.0
MOST_LANES = 200
SHUTDOWN_SECONDS = 20.0


class Sender:
    """`running` is a context of the application; `wake` is told what was queued."""

    def __init__(self) -> None:
        self._desk: Desk
        self._lanes: dict[str, tuple[Lane, asyncio.Task[None]]] = {}
        self._hinted: set[str] = set()
        self._hint = asyncio.Event()
        self._resting: dict[str, float] = {}
        self._looked_everywhere_at = float("-inf")
        self._stopping = False

    def equip(self, desk: Desk) -> None:
        """The queue hints at its sender, so the two are made one after the other."""
        self._desk = desk

    def wake(self, subscription_id: str) -> None:
        """Something of that subscription may be due."""
        if found := self._lanes.get(subscription_id):
            found[0].wake()
        else:
            self._hinted.add(subscription_id)
            self._hint.set()

    def rouse(self, subscription_id: str) -> None:
        """The same, and there is reason to think that it takes again."""
        self._resting.pop(subscription_id, None)
        self.wake(subscription_id)

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Sends until the application leaves, then lets what flies land."""
        looking = asyncio.create_task(self._run())
        yield
        self._stopping = True
        self._hint.set()
        for lane, _task in self._lanes.values():
            lane.stop()
        tasks = [looking, *(task for _lane, task in self._lanes.values())]
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), SHUTDOWN_SECONDS)

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._look()
            except Exception:
                log.exception("webhooks_not_looked_at")
                await asyncio.sleep(POLL_SECONDS)
            await self._wait()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._hint.wait()

    async def _look(self) -> None:
        """What was hinted at, and whatever is due: of other processes' deliveries there is no hint here."""
        self._hint.clear()
        hinted, self._hinted = self._hinted, set()
        now = asyncio.get_running_loop().time()
        if now - self._looked_everywhere_at >= POLL_SECONDS:
            self._looked_everywhere_at = now
            await self._take_up_resumed()
            hinted |= set(await self._desk.queue.subscriptions_due(self._desk.counter.clock()))
        for subscription_id in hinted - self._lanes.keys():
            if self._resting.get(subscription_id, 0.0) <= now and len(self._lanes) < MOST_LANES:
                self._start(subscription_id)

    async def _take_up_resumed(self) -> None:
        """What was left alone and is active again was resumed by a manager: all that waits is due now."""
        for endpoint in await self._desk.endpoints.left():
            if await self._desk.find(endpoint.id):
                await self._desk.endpoints.take_up(endpoint.id, endpoint.municipality_id)
                await self._desk.queue.hurry(endpoint.id, self._desk.counter.clock(), anew=True)
                self._resting.pop(endpoint.id, None)

    def _start(self, subscription_id: str) -> None:
        lane = Lane(subscription_id, self._desk)
        task = asyncio.create_task(lane.run())
        self._lanes[subscription_id] = (lane, task)
        task.add_done_callback(lambda done: self._end(subscription_id, lane, done))

    def _end(self, subscription_id: str, lane: Lane, task: asyncio.Task[None]) -> None:
        del self._lanes[subscription_id]
        if not task.cancelled() and (error := task.exception()):
            log.error("webhook_lane_failed", subscription_id=subscription_id, exc_info=error)
        if lane.careful or lane.failed:
            self._resting[subscription_id] = asyncio.get_running_loop().time() + REST_SECONDS
        elif lane.hinted:
            # It came while the lane was leaving.
            self.wake(subscription_id)
