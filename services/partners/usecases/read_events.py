"""A partner comes and reads: the events of a town after a position, as its profile has them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.partners.domain.facts import Fact, Outgoing
from services.partners.domain.minimising import outgoing
from services.partners.domain.refusals import (
    CursorAhead,
    CursorTooOld,
    NotSubscribed,
    SubscriptionPaused,
    TypeNotInProfile,
    WhichSubscription,
)
from services.partners.domain.subscriptions import BY_MANAGER, Subscription


class Subscriptions(Protocol):
    async def of_partner(self, client_id: str, municipality_ids: Collection[str]) -> list[Subscription]: ...


class Log(Protocol):
    async def newest(self, municipality_id: str) -> int: ...
    async def oldest(self, municipality_id: str) -> int: ...
    async def page(self, municipality_id: str, after: int, limit: int, types: Collection[str]) -> list[Fact]: ...


class Arrivals(Protocol):
    def count(self, town: str) -> int: ...
    async def wait(self, town: str, count: int, seconds: float) -> None: ...


LOOK_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Page:
    """`after`: what to ask with next; `newest`: the position of the town's last event."""

    events: Sequence[Outgoing]
    after: int
    newest: int


async def subscription_to_read(
    client_id: str, municipality_id: str, subscription_id: str, *, subscriptions: Subscriptions
) -> Subscription:
    """The one the partner reads by. Raises `NotSubscribed`, `WhichSubscription`, `SubscriptionPaused`."""
    found = await subscriptions.of_partner(client_id, [municipality_id])
    if subscription_id:
        found = [one for one in found if one.id == subscription_id]
    if not found:
        raise NotSubscribed()
    readable = [one for one in found if one.readable]
    if not readable:
        if all(one.paused_because == BY_MANAGER for one in found):
            raise SubscriptionPaused()
        raise NotSubscribed()
    if len(readable) > 1:
        raise WhichSubscription(ids=", ".join(one.id for one in readable))
    return readable[0]


async def read_events(
    subscription: Subscription, after: int | None, types: Collection[str], limit: int, *, base: str, events: Log
) -> Page:
    """From the oldest event that is kept for who has read none: `after` is None or 0.

    `base`: the gateway as partners see it. Raises `TypeNotInProfile`, `CursorTooOld`, `CursorAhead`.
    """
    if others := sorted(set(types) - subscription.topics):
        raise TypeNotInProfile(profile=subscription.profile, types=", ".join(others))
    town = subscription.municipality_id
    newest = await events.newest(town)
    start = after or await events.oldest(town) - 1
    if start > newest:
        raise CursorAhead(after=start, newest=newest)
    facts = await events.page(town, start, limit, types or subscription.topics)
    # Asked after reading: what the page may have missed is said.
    oldest = await events.oldest(town)
    if after and after < oldest - 1:
        raise CursorTooOld(after=after, oldest=oldest)
    told = [one for fact in facts if (one := outgoing(fact, subscription.profile, base))]
    last = facts[-1].position if facts else start
    return Page(events=told, after=last if len(facts) == limit else max(newest, last), newest=max(newest, last))


async def wait_for_events(
    subscription: Subscription,
    after: int | None,
    types: Collection[str],
    limit: int,
    seconds: float,
    *,
    base: str,
    events: Log,
    arrivals: Arrivals,
) -> Page:
    """The same, but an empty page only after that many seconds. Raises the same."""
    town, left = subscription.municipality_id, seconds
    while True:
        count = arrivals.count(town)
        page = await read_events(subscription, after, types, limit, base=base, events=events)
        if page.events or left <= 0:
            return page
        after = page.after
        await arrivals.wait(town, count, min(left, LOOK_SECONDS))
        left -= LOOK_SECONDS
