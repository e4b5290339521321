"""One endpoint while this process sends to it: a few events at once, those of a subject one after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from prometheus_client import Counter as Metric

from services.partners.domain.subscriptions import Subscription
from services.partners.domain.webhooks.deliveries import Attempt, Delivery
from services.partners.domain.webhooks.endpoints import Endpoint
from services.partners.domain.webhooks.health import Leave, Pulse
from services.partners.store.deliveries.endpoints import EndpointStore
from services.partners.store.deliveries.queue import DeliveryQueue
from services.partners.usecases.webhooks.send import Counter, try_delivery

log = structlog.get_logger()
TRIES = Metric("preau_webhook_tries_total", "Tries to deliver an event to a webhook", ["outcome"])
AT_ONCE = 16
LINGER_SECONDS = 2.0
# While something flies: soon enough to keep the lease.
LOOK_AGAIN_SECONDS = 5.0
NOTE_EVERY_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What lanes share. `find`: the subscription, when it is to be sent to; `pause`: leave it alone for a reason."""

    queue: DeliveryQueue
    endpoints: EndpointStore
    counter: Counter
    find: Callable[[str], Awaitable[Subscription | None]]
    pause: Callable[[Subscription, Leave], Awaitable[None]]
    hold: Callable[[str], Awaitable[bool]]
    """Take or keep the lease of a subscription; False when another process has it."""
    release: Callable[[str], Awaitable[None]]


class Lane:
    """`run()` until nothing has been due for a moment; `wake()` when something may be due."""

    def __init__(self, subscription_id: str, desk: Desk, linger: float = LINGER_SECONDS) -> None:
        """`linger`: seconds to wait for more once nothing is due."""
        self._id = subscription_id
        self._desk = desk
        self._linger = linger
        self._hint = asyncio.Event()
        self._flying: dict[asyncio.Task[None], str] = {}
        self._pulse = self._kept_pulse = Pulse()
        self._town = ""
        self._stopping = False
        self.failed = False

    def wake(self) -> None:
        self._hint.set()

    def stop(self) -> None:
        """Start nothing more; `run` returns once what flies has landed."""
        self._stopping = True
        self._hint.set()

    @property
    def hinted(self) -> bool:
        return self._hint.is_set()

    @property
    def careful(self) -> bool:
        return self._pulse.careful

    async def run(self) -> None:
        try:
            await self._send_until_idle()
        finally:
            if self._flying:
                await asyncio.wait(self._flying)
            await self._keep_pulse()
            await self._desk.release(self._id)

    async def _send_until_idle(self) -> None:
        while not self._stopping and await self._desk.hold(self._id):
            self._hint.clear()
            found = await self._target()
            if found is None:
                return
            if not self._town:
                self._town = found[1].municipality_id
                self._pulse = self._kept_pulse = found[1].pulse
            await self._start_what_is_due(*found)
            if not await self._landed_or_hinted():
                return
            await self._keep_pulse()

    async def _target(self) -> tuple[Subscription, Endpoint] | None:
        """Read each time: the address, the secrets and whether it is paused may change between two events."""
        subscription = await self._desk.find(self._id)
        if subscription is None:
            return None
        endpoint = await self._desk.endpoints.find(self._id, subscription.municipality_id)
        return None if endpoint is None or endpoint.left_because else (subscription, endpoint)

    async def _start_what_is_due(self, subscription: Subscription, endpoint: Endpoint) -> None:
        room = (1 if self._pulse.careful else AT_ONCE) - len(self._flying)
        if room <= 0:
            return
        for delivery in await self._due(room):
            task = asyncio.create_task(self._try(delivery, subscription, endpoint))
            self._flying[task] = delivery.subject
            task.add_done_callback(self._land)

    async def _due(self, room: int) -> Sequence[Delivery]:
        """With care only what was tried before; something else when nothing that was tried is left to find out by."""
        queue, flying = self._desk.queue, set(self._flying.values())
        careful = self._pulse.careful and (bool(flying) or await queue.has_tried(self._id))
        return await queue.due(self._id, self._desk.counter.clock(), limit=room, without=flying, tried=careful)

    def _land(self, task: asyncio.Task[None]) -> None:
        del self._flying[task]
        self._hint.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("webhook_try_failed", subscription_id=self._id, exc_info=error)
            # What was wrong is ours: the delivery is still due, and is tried when the lane comes by again.
            self.failed = self._stopping = True

    async def _landed_or_hinted(self) -> bool:
        """False when nothing flies and nothing came for a moment."""
        flying = bool(self._flying)
        try:
            async with asyncio.timeout(LOOK_AGAIN_SECONDS if flying else self._linger):
                await self._hint.wait()
        except TimeoutError:
            return flying
        return True

    async def _try(self, delivery: Delivery, subscription: Subscription, endpoint: Endpoint) -> None:
        attempt, why = await try_delivery(
            delivery,
            endpoint=endpoint,
            url=subscription.url,
            last_taken_at=lambda: self._pulse.last_taken_at,
            queue=self._desk.queue,
            counter=self._desk.counter,
        )
        _note(delivery, attempt)
        before, self._pulse = self._pulse, self._pulse.after(attempt)
        if before.careful and not self._pulse.careful:
            await self._desk.queue.hurry(subscription.id, self._desk.counter.clock())
        if why is not None:
            self._stopping = True
            await self._desk.endpoints.leave(subscription.id, subscription.municipality_id, why)
            await self._desk.pause(subscription, why)

    async def _keep_pulse(self) -> None:
        """Written by the lane alone, one after the other, so that an older one never comes last."""
        kept, now = self._kept_pulse, self._pulse
        if self._town and (now.failures != kept.failures or _is_later(now, kept)):
            self._kept_pulse = now
            await self._desk.endpoints.note(self._id, self._town, now)


def _is_later(now: Pulse, before: Pulse) -> bool:
    """Worth writing down: an endpoint that takes a hundred events a second need not be written about as often."""
    if now.last_taken_at is None or before.last_taken_at is None:
        return now.last_taken_at is not None
    return _step(now.last_taken_at) > _step(before.last_taken_at)


def _step(at: datetime) -> int:
    return int(at.timestamp()) // NOTE_EVERY_SECONDS


def _note(delivery: Delivery, attempt: Attempt) -> None:
    outcome = "taken" if attempt.taken else str(attempt.failure or f"{attempt.status // 100}xx")
    TRIES.labels(outcome).inc()
    if not attempt.taken:
        log.warning("webhook_not_taken", delivery=delivery.id, outcome=outcome, status=attempt.status, ms=attempt.ms)
