"""The feeder: carries every subscription from its place in the log to its end, each by itself.

A subscription is served by a task of its own, so a slow target holds up nobody else; it holds a hundred events at a
time. Where each one is, is saved every second: after a crash a second's events go out again, under the same ids.
Several processes share the subscriptions by leases.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from aiohttp import web
from prometheus_client import Counter, Gauge

from services.partners.app.arrivals import Arrivals
from services.partners.domain.feeds import Feed, fair_share
from services.partners.domain.subscriptions import Subscription
from services.partners.store import FeedStore, SubscriptionStore
from services.partners.store.recent import RecentLog
from services.partners.usecases.end_subscription import close_ended
from services.partners.usecases.serve_feed import Step, pause_failing, serve_next
from services.partners.usecases.targets import Targets
from shared.background import in_background
from shared.clock import Clock

log = structlog.get_logger()
SERVED = Counter("preau_partner_events_served_total", "Events a subscription was served past", ["kind"])
FAILED = Counter("preau_partner_steps_failed_total", "Steps a target failed in", ["kind"])
SERVING = Gauge("preau_partner_subscriptions_served", "Subscriptions this process serves")

TICK_SECONDS = 1.0
LOOK_SECONDS = 1.0
# Gathers the events of a moment; longer the more subscriptions are awake at once, or each would take single events.
LINGER_SECONDS = 0.02
LINGER_PER_SERVED = 0.002
DELIVER_SECONDS = 60.0
FIRST_BACKOFF, LAST_BACKOFF = 1.0, 60.0
CLOSE_EVERY = 10


@dataclass(eq=False)
class Serving:
    """One subscription in the hands of this process. `saved`: where the database has it."""

    subscription: Subscription
    position: int
    saved: int
    task: asyncio.Task[None] | None = None
    failures: int = 0


class Feeder:
    def __init__(
        self,
        *,
        subscriptions: SubscriptionStore,
        feeds: FeedStore,
        recent: RecentLog,
        targets: Targets,
        arrivals: Arrivals,
        clock: Clock,
    ) -> None:
        self._subscriptions = subscriptions
        self._feeds = feeds
        self._recent = recent
        self._targets = targets
        self._arrivals = arrivals
        self._clock = clock
        self._served: dict[str, Serving] = {}
        self._hint = asyncio.Event()

    def wake(self) -> None:
        """Say that subscriptions changed."""
        self._hint.set()

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        async with in_background(self._run()):
            yield
        await asyncio.gather(*(self._stop(serving) for serving in list(self._served.values())))
        with suppress(Exception):
            await self._save()
            await self._feeds.leave()

    async def _run(self) -> None:
        ticks = 0
        while True:
            try:
                await self.tick()
                if ticks % CLOSE_EVERY == 0:
                    await close_ended(subscriptions=self._subscriptions, targets=self._targets)
            except Exception:
                log.exception("feeder_tick_failed")
            ticks += 1
            self._hint.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._hint.wait()

    async def tick(self) -> None:
        """Save where each is, notice what changed, take over what nobody serves."""
        await self._save()
        places = await self._feeds.renew()
        active = {one.id: one for one in await self._subscriptions.active() if one.kind in self._targets}
        for name, serving in list(self._served.items()):
            if places.get(name) != serving.saved or name not in active:
                await self._stop(serving)
                del self._served[name]
            else:
                serving.subscription = active[name]
        await self._share(active, await self._feeds.present())
        SERVING.set(len(self._served))

    async def _share(self, active: dict[str, Subscription], processes: int) -> None:
        share = fair_share(len(active), processes)
        for name in list(self._served)[share:]:
            await self._let_go(name)
        for name, subscription in active.items():
            if name not in self._served and len(self._served) < share:
                feed = await self._feeds.claim(name)
                if feed is not None:
                    self._start(subscription, feed)

    def _start(self, subscription: Subscription, feed: Feed) -> None:
        serving = Serving(subscription, feed.position, feed.position)
        serving.task = asyncio.create_task(self._serve(serving))
        self._served[subscription.id] = serving

    async def _let_go(self, name: str) -> None:
        serving = self._served.pop(name)
        await self._stop(serving)
        await self._feeds.save({name: (serving.saved, serving.position)})
        await self._feeds.release([name])

    @staticmethod
    async def _stop(serving: Serving) -> None:
        if serving.task is not None:
            serving.task.cancel()
            with suppress(asyncio.CancelledError):
                await serving.task

    async def _save(self) -> None:
        moved = {name: one for name, one in self._served.items() if one.position != one.saved}
        moves = {name: (one.saved, one.position) for name, one in moved.items()}
        await self._feeds.save(moves)
        for name, serving in moved.items():
            # Where it did not work out the next look at the database tells.
            serving.saved = moves[name][1]

    async def _serve(self, serving: Serving) -> None:
        while True:
            town = serving.subscription.municipality_id
            seen = self._arrivals.count(town)
            step = await self._step(serving)
            if step is None:
                return
            if step.wait:
                await asyncio.sleep(step.wait)
            elif not step.read:
                await self._arrivals.wait(town, seen, LOOK_SECONDS)
                await asyncio.sleep(LINGER_SECONDS + LINGER_PER_SERVED * len(self._served))

    async def _step(self, serving: Serving) -> Step | None:
        subscription, kind = serving.subscription, serving.subscription.kind
        try:
            async with asyncio.timeout(DELIVER_SECONDS):
                step = await serve_next(subscription, serving.position, recent=self._recent, target=self._targets[kind])
        except Exception as error:
            FAILED.labels(kind).inc()
            wait = min(LAST_BACKOFF, FIRST_BACKOFF * 2**serving.failures)
            serving.failures += 1
            log.warning("step_failed", subscription=subscription.id, error=type(error).__name__, wait=wait)
            return Step(position=serving.position, read=0, wait=wait)
        serving.failures = 0
        SERVED.labels(kind).inc(step.position - serving.position)
        serving.position = step.position
        if step.pause:
            await pause_failing(subscription, step.pause, subscriptions=self._subscriptions, clock=self._clock)
            self.wake()
            return None
        return step
