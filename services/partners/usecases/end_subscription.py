"""A subscription ends: nothing is pushed any more, what was made for it goes, and nobody reads from it."""

from collections.abc import Collection
from typing import Protocol

from services.partners.domain.subscriptions import Subscription
from services.partners.usecases.targets import Targets
from shared.errors import Unavailable


class EndedSubscriptions(Protocol):
    async def end(self, subscription: Subscription) -> None: ...
    async def closed(self, subscription_id: str) -> None: ...


class Subscriptions(EndedSubscriptions, Protocol):
    async def get(self, subscription_id: str, municipality_ids: Collection[str]) -> Subscription: ...
    async def to_close(self) -> list[Subscription]: ...


class Feeds(Protocol):
    async def drop(self, subscription_id: str) -> None: ...


async def end_subscription(
    subscription_id: str,
    municipality_ids: Collection[str],
    *,
    subscriptions: Subscriptions,
    feeds: Feeds,
    targets: Targets,
) -> None:
    """Harmless when repeated. Raises `NotFound`, `Conflict`."""
    found = await subscriptions.get(subscription_id, municipality_ids)
    if found.state != "ended":
        await end(found, subscriptions=subscriptions, feeds=feeds, targets=targets)


async def end(subscription: Subscription, *, subscriptions: EndedSubscriptions, feeds: Feeds, targets: Targets) -> None:
    """Its partner's access is taken away now if that is possible, else by the sweep."""
    await subscriptions.end(subscription.ended())
    await feeds.drop(subscription.id)
    await _close(subscription, subscriptions=subscriptions, targets=targets)


async def close_ended(*, subscriptions: Subscriptions, targets: Targets) -> int:
    """What could not be taken away when it ended; how many were now."""
    found = await subscriptions.to_close()
    return sum([await _close(one, subscriptions=subscriptions, targets=targets) for one in found])


async def _close(subscription: Subscription, *, subscriptions: EndedSubscriptions, targets: Targets) -> bool:
    target = targets.get(subscription.kind)
    if target is None:
        return False
    try:
        await target.close(subscription)
    except Unavailable:
        return False
    await subscriptions.closed(subscription.id)
    return True
