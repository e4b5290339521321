"""A manager subscribes a partner: what it is told of, and the way it goes."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from services.partners.domain.refusals import KindNotOffered, PartnerUnknown, TooManySubscriptions
from services.partners.domain.subscriptions import Kind, Subscription, check_choice
from services.partners.usecases.targets import Target, Targets
from shared.clock import Clock
from shared.contracts import Event
from shared.ids import new_id

MOST_PER_TOWN = 50


class Partners(Protocol):
    async def may_read_in(self, client_id: str, municipality_id: str) -> bool: ...


class Subscriptions(Protocol):
    async def add(self, subscription: Subscription) -> Subscription: ...
    async def count(self, municipality_id: str) -> int: ...
    async def save(self, subscription: Subscription, at: datetime, *events: Event) -> Subscription: ...
    async def end(self, subscription: Subscription) -> None: ...


class Feeds(Protocol):
    async def add(self, subscription_id: str, municipality_id: str, position: int) -> None: ...


class Log(Protocol):
    async def newest(self, municipality_id: str) -> int: ...


async def subscribe(
    municipality_id: str,
    client_id: str,
    *,
    name: str,
    profile: str,
    types: Collection[str],
    kind: Kind,
    url: str,
    from_beginning: bool,
    created_by: str,
    partners: Partners,
    subscriptions: Subscriptions,
    feeds: Feeds,
    events: Log,
    targets: Targets,
    clock: Clock,
) -> tuple[Subscription, Mapping[str, str]]:
    """It, and what is shown of it this once. It hears what happens from now on, or from the oldest event that is kept.

    Raises `ProfileUnknown`, `TypeNotInProfile`, `PartnerUnknown`, `TooManySubscriptions`, `KindNotOffered`, what the
    target refuses, `Unavailable`.
    """
    check_choice(profile, tuple(types))
    target = target_of(kind, targets)
    if not await partners.may_read_in(client_id, municipality_id):
        raise PartnerUnknown(client_id=client_id)
    if await subscriptions.count(municipality_id) >= MOST_PER_TOWN:
        raise TooManySubscriptions(most=MOST_PER_TOWN)
    asked = Subscription(
        id=new_id("psb"),
        municipality_id=municipality_id,
        client_id=client_id,
        name=name,
        profile=profile,
        types=tuple(sorted(set(types))),
        kind=kind,
        url=url,
        state="opening" if target else "active",
        created_by=created_by,
        created_at=clock(),
    )
    if target is None:
        return await subscriptions.add(asked), {}
    target.check(asked)
    start = 0 if from_beginning else await events.newest(municipality_id)
    made = await subscriptions.add(asked)
    return await _opened(made, target, start, subscriptions=subscriptions, feeds=feeds, clock=clock)


async def _opened(
    made: Subscription, target: Target, start: int, *, subscriptions: Subscriptions, feeds: Feeds, clock: Clock
) -> tuple[Subscription, Mapping[str, str]]:
    try:
        handed = await target.open(made)
    except Exception:
        # Whatever is there of it by now is taken away by the sweep.
        await subscriptions.end(made.ended())
        raise
    await feeds.add(made.id, made.municipality_id, start)
    return await subscriptions.save(made.opened(), clock()), handed


def target_of(kind: Kind, targets: Targets) -> Target | None:
    """None for the kind that is not pushed to. Raises `KindNotOffered`."""
    if kind == "none":
        return None
    if kind not in targets:
        raise KindNotOffered(kind=kind)
    return targets[kind]
