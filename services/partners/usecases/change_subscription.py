"""What a manager changes about a subscription: what it is told of, whether it goes on, its secret, where it is."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from services.partners.domain.refusals import NothingToRenew, SubscriptionEnded
from services.partners.domain.subscriptions import BY_MANAGER, Subscription
from services.partners.usecases.subscribe import target_of
from services.partners.usecases.targets import Targets
from shared.clock import Clock
from shared.contracts import Event
from shared.versions import check_version

BEGINNING = "beginning"


class Subscriptions(Protocol):
    async def get(self, subscription_id: str, municipality_ids: Collection[str]) -> Subscription: ...
    async def save(self, subscription: Subscription, at: datetime, *events: Event) -> Subscription: ...


class Feeds(Protocol):
    async def move(self, subscription_id: str, municipality_id: str, position: int) -> None: ...


class Log(Protocol):
    async def newest(self, municipality_id: str) -> int: ...
    async def oldest(self, municipality_id: str) -> int: ...
    async def position_at(self, municipality_id: str, instant: datetime) -> int: ...


async def describe_subscription(
    subscription_id: str,
    municipality_ids: Collection[str],
    if_match: str,
    *,
    name: str,
    profile: str,
    types: Collection[str],
    url: str,
    subscriptions: Subscriptions,
    targets: Targets,
    clock: Clock,
) -> Subscription:
    """Raises `NotFound`, `VersionMissing`, `VersionPassed`, `SubscriptionEnded`, `ProfileUnknown`, `TypeNotInProfile`,
    what the target refuses, `Conflict`."""
    found = await subscriptions.get(subscription_id, municipality_ids)
    check_version(if_match, found.version)
    described = found.described(name=name, profile=profile, types=tuple(sorted(set(types))), url=url)
    if target := targets.get(found.kind):
        target.check(described)
    return await subscriptions.save(described, clock())


async def pause_subscription(
    subscription_id: str, municipality_ids: Collection[str], *, subscriptions: Subscriptions, clock: Clock
) -> Subscription:
    """Nothing goes to the partner, nor is it given anything when it comes. Raises `NotFound`, `SubscriptionEnded`."""
    found = await subscriptions.get(subscription_id, municipality_ids)
    if found.paused_because == BY_MANAGER:
        return found
    return await subscriptions.save(found.paused(BY_MANAGER), clock())


async def resume_subscription(
    subscription_id: str, municipality_ids: Collection[str], *, subscriptions: Subscriptions, clock: Clock
) -> Subscription:
    """It goes on where it was. Raises `NotFound`, `SubscriptionEnded`, `SubscriptionNotPaused`."""
    found = await subscriptions.get(subscription_id, municipality_ids)
    return await subscriptions.save(found.resumed(), clock())


async def renew_secret(
    subscription_id: str,
    municipality_ids: Collection[str],
    overlap: timedelta,
    *,
    subscriptions: Subscriptions,
    targets: Targets,
) -> tuple[Subscription, Mapping[str, str]]:
    """Raises `NotFound`, `SubscriptionEnded`, `NothingToRenew`, `KindNotOffered`, `Unavailable`."""
    found = await subscriptions.get(subscription_id, municipality_ids)
    if found.state == "ended":
        raise SubscriptionEnded()
    target = target_of(found.kind, targets)
    if target is None:
        raise NothingToRenew()
    return found, await target.renew(found, overlap)


async def replay(
    subscription_id: str,
    municipality_ids: Collection[str],
    start: str | int | datetime,
    *,
    subscriptions: Subscriptions,
    feeds: Feeds,
    events: Log,
    clock: Clock,
) -> tuple[int, int]:
    """Push again from the oldest event (`beginning`), a position or an instant on; from which position to which.

    Raises `NotFound`, `SubscriptionEnded`, `NothingToReplay`, `Conflict`.
    """
    found = await subscriptions.get(subscription_id, municipality_ids)
    await subscriptions.save(found.replayed(clock()), clock())
    town = found.municipality_id
    newest, oldest = await events.newest(town), await events.oldest(town)
    if isinstance(start, datetime):
        first = await events.position_at(town, start)
    else:
        first = oldest if isinstance(start, str) else start
    first = max(oldest, min(first, newest + 1))
    await feeds.move(found.id, town, first - 1)
    return first, newest
