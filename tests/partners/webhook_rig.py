"""Webhooks on a real database, sent to a receiver of this process; the clock stands still unless a test moves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from services.partners.app.webhooks.lane import Desk, Lane
from services.partners.app.webhooks.target import WebhookTarget
from services.partners.app.webhooks.wire import Wire
from services.partners.domain.facts import Outgoing
from services.partners.domain.subscriptions import Subscription
from services.partners.domain.webhooks.addresses import Reach
from services.partners.domain.webhooks.deliveries import Delivery
from services.partners.domain.webhooks.health import Leave
from services.partners.domain.webhooks.history import Wanted
from services.partners.store.deliveries.endpoints import EndpointStore
from services.partners.store.deliveries.leases import SenderLeases
from services.partners.store.deliveries.log import DeliveryLog
from services.partners.store.deliveries.queue import DeliveryQueue
from services.partners.usecases.webhooks.secrets import NoSecretsKey, Unsealable
from services.partners.usecases.webhooks.send import Counter
from shared.mongo import Database
from shared.sealed import SealedSecrets

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = f"k1:{'0a' * 32}"
TOWN = "sainte-aurore"


def subscription(url: str = "https://partner.fr/hook", **changes: Any) -> Subscription:
    made = Subscription(
        id="psb_1",
        municipality_id=TOWN,
        client_id="ptn_1",
        name="Cuisine centrale",
        profile="kitchen",
        kind="webhook",
        url=url,
        created_by="acc_1",
        created_at=NOW,
    )
    return replace(made, **changes)


def event(position: int, subject: str = "", kind: str = "reservations.meal_order_frozen.v1") -> Outgoing:
    body = f'{{"id":"evt_{position}","subject":"{subject or position}"}}'.encode()
    return Outgoing(id=f"evt_{position}", type=kind, subject=subject or f"mor_{position}", position=position, body=body)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@dataclass(kw_only=True)
class Rig:
    """`left`: why the subscription was paused; `subscription` is what the sender finds, None when it may not send."""

    clock: Clock
    queue: DeliveryQueue
    endpoints: EndpointStore
    log: DeliveryLog
    desk: Desk
    target: WebhookTarget
    counter: Counter
    subscription: Subscription | None
    left: list[Leave]

    async def open(self) -> str:
        assert self.subscription
        return (await self.target.open(self.subscription))["secret"]

    async def queued(self, *events: Outgoing) -> None:
        assert self.subscription
        assert (await self.target.deliver(self.subscription, events)).taken == len(events)

    def target_for(self, most_waiting: int) -> WebhookTarget:
        """The same, with less room."""
        return WebhookTarget(
            queue=self.queue,
            endpoints=self.endpoints,
            sealing=self.counter.sealing,
            reach=self.counter.reach,
            clock=self.clock,
            most_waiting=most_waiting,
        )

    async def all(self) -> list[Delivery]:
        """Oldest first."""
        return list(reversed(await self.log.page("psb_1", TOWN, Wanted(), before=None, limit=1000)))

    async def send(self) -> None:
        """Everything that is due now."""
        await Lane("psb_1", self.desk, linger=0).run()


@asynccontextmanager
async def rig(database: Database, url: str) -> AsyncIterator[Rig]:
    clock, reach = Clock(), Reach(inside=True)
    queue, endpoints = DeliveryQueue(database, lambda _: None), EndpointStore(database)
    sealing = SealedSecrets(KEY, no_key=NoSecretsKey, unsealable=Unsealable)
    wire = Wire(reach, timeout=aiohttp.ClientTimeout(total=5))
    counter = Counter(wire=wire, sealing=sealing, reach=reach, clock=clock, draw=lambda: 0.0)
    leases = SenderLeases(database)
    left: list[Leave] = []

    async def find(_: str) -> Subscription | None:
        return made.subscription

    async def pause(_: Subscription, why: Leave) -> None:
        left.append(why)
        made.subscription = None

    desk = Desk(
        queue=queue,
        endpoints=endpoints,
        counter=counter,
        find=find,
        pause=pause,
        hold=leases.hold,
        release=leases.release,
    )
    made = Rig(
        clock=clock,
        queue=queue,
        endpoints=endpoints,
        log=DeliveryLog(database),
        desk=desk,
        target=WebhookTarget(queue=queue, endpoints=endpoints, sealing=sealing, reach=reach, clock=clock),
        counter=counter,
        subscription=subscription(url),
        left=left,
    )
    async with wire.running(None):
        yield made
