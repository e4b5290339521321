"""One step of serving a subscription: what comes next in the log, as its profile has it, into its target."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.partners.domain.facts import Fact, Outgoing
from services.partners.domain.subscriptions import Subscription
from services.partners.usecases.targets import Target
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict

BATCH = 100


class Recent(Protocol):
    async def after(self, town: str, position: int, limit: int) -> Sequence[Fact]: ...
    def minimised(self, fact: Fact, profile: str) -> Outgoing | None: ...


class Subscriptions(Protocol):
    async def save(self, subscription: Subscription, at: datetime, *events: Event) -> Subscription: ...


@dataclass(frozen=True, kw_only=True)
class Step:
    """`position`: served up to there. `read`: how many events were looked at, 0 when there are none yet.

    `wait`: seconds until the next step may come. `pause`: why there is to be none.
    """

    position: int
    read: int
    wait: float = 0.0
    pause: str = ""


async def serve_next(subscription: Subscription, position: int, *, recent: Recent, target: Target) -> Step:
    """What the target raises is the caller's: nothing moved."""
    facts = await recent.after(subscription.municipality_id, position, BATCH)
    topics = subscription.topics
    wanted = [fact for fact in facts if fact.type in topics]
    batch = [one for fact in wanted if (one := recent.minimised(fact, subscription.profile))]
    if not batch:
        return Step(position=facts[-1].position if facts else position, read=len(facts))
    receipt = await target.deliver(subscription, batch)
    whole = receipt.taken >= len(batch)
    served = facts[-1].position if whole else batch[receipt.taken].position - 1
    return Step(position=served, read=len(facts), wait=receipt.wait, pause=receipt.pause)


async def pause_failing(
    subscription: Subscription, because: str, *, subscriptions: Subscriptions, clock: Clock
) -> None:
    """The town is told. When it was changed meanwhile it goes on, and the target says so again."""
    paused = subscription.paused(because)
    try:
        await subscriptions.save(paused, clock(), paused.told_paused())
    except Conflict:
        return
