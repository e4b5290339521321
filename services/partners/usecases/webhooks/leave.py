"""An endpoint that said it is gone, or takes nothing: its subscription is paused, and the town is told."""

from datetime import datetime
from typing import Protocol

from services.partners.domain.subscriptions import Subscription
from services.partners.domain.webhooks.health import Leave
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict, NotFound

TRIES = 3


class Subscriptions(Protocol):
    async def get(self, subscription_id: str, municipality_ids: set[str]) -> Subscription: ...
    async def save(self, subscription: Subscription, at: datetime, *events: Event) -> Subscription: ...


async def leave_alone(subscription: Subscription, why: Leave, *, subscriptions: Subscriptions, clock: Clock) -> None:
    """Harmless when it is paused or ended already. Raises `Conflict` when it changes all the time."""
    for _ in range(TRIES):
        try:
            found = await subscriptions.get(subscription.id, {subscription.municipality_id})
        except NotFound:
            return
        if found.state != "active":
            return
        paused = found.paused(why)
        try:
            await subscriptions.save(paused, clock(), paused.told_paused())
        except Conflict:
            continue
        return
    raise Conflict()
