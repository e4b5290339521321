"""What a manager does with the log of deliveries: send again, and try whether the endpoint answers."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol

from services.partners.domain.subscriptions import Subscription
from services.partners.domain.webhooks.deliveries import Attempt, Delivery
from services.partners.domain.webhooks.endpoints import Endpoint
from services.partners.domain.webhooks.health import Pulse
from services.partners.domain.webhooks.history import Wanted
from services.partners.domain.webhooks.pinging import ping_of
from services.partners.usecases.webhooks.send import Counter, attempt
from shared.errors import N_, NotFound, Refused


class NoWebhook(Refused):
    code = "no-webhook"
    title = N_("Not a webhook")
    sentence = N_("This subscription is not sent to an address.")
    remedy = N_("Look for a subscription of the kind “webhook”.")


class StillWaiting(Refused):
    code = "delivery-still-waiting"
    title = N_("Still on its way")
    sentence = N_("This event is tried again by itself, next at %(limit)s.")
    remedy = N_("Wait, or resume the subscription when it is paused.")


class Subscriptions(Protocol):
    async def get(self, subscription_id: str, municipality_ids: Collection[str]) -> Subscription:
        """Raises `NotFound`."""


class Endpoints(Protocol):
    async def find(self, subscription_id: str, municipality_id: str) -> Endpoint | None: ...


class PulsingEndpoints(Endpoints, Protocol):
    async def note(self, subscription_id: str, municipality_id: str, pulse: Pulse) -> None: ...


class Queue(Protocol):
    async def hurry(self, subscription_id: str, now: datetime) -> None: ...


class Log(Protocol):
    async def find(self, subscription_id: str, municipality_id: str, delivery_id: str) -> Delivery | None: ...

    async def queue_again(
        self, subscription_id: str, municipality_id: str, wanted: Wanted, now: datetime, *, delivery_id: str = ""
    ) -> int: ...


async def webhook_of(
    subscription_id: str, municipality_ids: Collection[str], *, subscriptions: Subscriptions
) -> Subscription:
    """Raises `NotFound`, `NoWebhook`."""
    found = await subscriptions.get(subscription_id, municipality_ids)
    if found.kind != "webhook":
        raise NoWebhook()
    return found


async def send_again(
    subscription: Subscription, delivery_id: str, now: datetime, *, log: Log, wake: Callable[[str], None]
) -> None:
    """One event of the log, whatever came of it. Raises `NotFound`, `StillWaiting`."""
    found = await log.find(subscription.id, subscription.municipality_id, delivery_id)
    if found is None:
        raise NotFound()
    town = subscription.municipality_id
    if not await log.queue_again(subscription.id, town, Wanted(), now, delivery_id=delivery_id):
        raise StillWaiting(limit=found.due_at)
    wake(subscription.id)


async def send_range_again(
    subscription: Subscription, wanted: Wanted, now: datetime, *, log: Log, wake: Callable[[str], None]
) -> int:
    """All of these that do not wait anyway, in their order; how many."""
    many = await log.queue_again(subscription.id, subscription.municipality_id, wanted, now)
    if many:
        wake(subscription.id)
    return many


async def ping(
    subscription: Subscription,
    ping_id: str,
    *,
    endpoints: PulsingEndpoints,
    queue: Queue,
    counter: Counter,
    rouse: Callable[[str], None],
) -> Attempt:
    """Send a test event now, once, and say what came back; it is in no log and has no position. When it was taken,
    whatever waits for a later try is tried now.

    Raises `NotFound` for a subscription that is not open yet or ended.
    """
    endpoint = await endpoints.find(subscription.id, subscription.municipality_id)
    if endpoint is None:
        raise NotFound()
    body = ping_of(subscription, ping_id, counter.clock())
    tried = await attempt(endpoint, subscription.url, ping_id, body, counter)
    if tried.taken:
        await endpoints.note(subscription.id, subscription.municipality_id, endpoint.pulse.after(tried))
        await queue.hurry(subscription.id, tried.at)
        rouse(subscription.id)
    return tried
