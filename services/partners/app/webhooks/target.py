"""Webhooks as a target of subscriptions: events are queued here, and the sender does the rest."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.partners.domain.facts import Outgoing
from services.partners.domain.subscriptions import Subscription
from services.partners.domain.webhooks.addresses import Reach, address_of
from services.partners.domain.webhooks.deliveries import Delivery
from services.partners.domain.webhooks.signatures import KEY_BYTES
from services.partners.store.deliveries.endpoints import EndpointStore
from services.partners.store.deliveries.queue import DeliveryQueue
from services.partners.usecases.targets import Receipt
from services.partners.usecases.webhooks.secrets import Sealing, open_endpoint, renew_secret
from shared.clock import Clock

# The rest waits in the log, where a partner that is away for days costs nothing.
MOST_WAITING = 10_000
FULL_SECONDS = 10.0


def draw_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


class WebhookTarget:
    """`usecases.targets.Target` for subscriptions of the kind `webhook`."""

    def __init__(
        self,
        *,
        queue: DeliveryQueue,
        endpoints: EndpointStore,
        sealing: Sealing,
        reach: Reach,
        clock: Clock,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._most_waiting = most_waiting
        self._queue = queue
        self._endpoints = endpoints
        self._sealing = sealing
        self._reach = reach
        self._clock = clock

    def check(self, subscription: Subscription) -> None:
        """Raises `AddressRefused`."""
        address_of(subscription.url, self._reach)

    async def open(self, subscription: Subscription) -> Mapping[str, str]:
        """`secret`: what its messages are signed with. Raises `NoSecretsKey`, `Unsealable`."""
        secret = await open_endpoint(
            subscription.id,
            subscription.municipality_id,
            endpoints=self._endpoints,
            sealing=self._sealing,
            draw=draw_key,
            clock=self._clock,
        )
        return {"secret": secret}

    async def renew(self, subscription: Subscription, overlap: timedelta) -> Mapping[str, str]:
        """`secret` and `secret_id`. Raises `NotFound`, `TooManySecrets`, `NoSecretsKey`, `Conflict`."""
        kept, secret = await renew_secret(
            subscription.id,
            subscription.municipality_id,
            overlap,
            endpoints=self._endpoints,
            sealing=self._sealing,
            draw=draw_key,
            clock=self._clock,
        )
        return {"secret": secret, "secret_id": kept.id}

    async def close(self, subscription: Subscription) -> None:
        """The secrets go and nothing more is sent; the log of deliveries stays for its time."""
        await self._endpoints.remove(subscription.id, subscription.municipality_id)
        await self._queue.drop(subscription.id)

    async def deliver(self, subscription: Subscription, batch: Sequence[Outgoing]) -> Receipt:
        """Queue as many as there is room for."""
        room = self._most_waiting - await self._queue.waiting(subscription.id, self._most_waiting)
        taken = batch[: max(room, 0)]
        if not taken:
            return Receipt(taken=0, wait=FULL_SECONDS)
        now = self._clock()
        await self._queue.add([_delivery(one, subscription, now) for one in taken], subscription.replayed_at)
        return Receipt(taken=len(taken))


def _delivery(one: Outgoing, subscription: Subscription, now: datetime) -> Delivery:
    return Delivery(
        id=f"{subscription.id}.{one.position}",
        subscription_id=subscription.id,
        municipality_id=subscription.municipality_id,
        event_id=one.id,
        position=one.position,
        type=one.type,
        subject=one.subject,
        body=one.body.decode(),
        queued_at=now,
        due_at=now,
    )
