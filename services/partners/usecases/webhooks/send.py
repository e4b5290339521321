"""One try of one delivery, and what it means for the endpoint."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.partners.domain.webhooks.addresses import Address, AddressRefused, Reach, address_of
from services.partners.domain.webhooks.deliveries import Attempt, Delivery, Failure
from services.partners.domain.webhooks.endpoints import Endpoint
from services.partners.domain.webhooks.health import Leave, leave
from services.partners.domain.webhooks.signatures import headers
from services.partners.usecases.webhooks.secrets import Sealing, keys_of
from shared.clock import Clock


class Post(Protocol):
    async def post(self, address: Address, headers: Mapping[str, str], body: bytes, at: datetime) -> Attempt:
        """Never raises for what the receiver, its name or the way there does."""


class Queue(Protocol):
    async def due(
        self, subscription_id: str, now: datetime, *, limit: int, without: Collection[str], tried: bool
    ) -> Sequence[Delivery]:
        """The first that waits of each subject, where that one is due: the oldest first, of no subject in `without`;
        with `tried` only those that failed before.
        """

    async def settle(self, delivery: Delivery) -> None:
        """What a try made of it."""


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What sending needs besides the endpoint. `draw`: from 0 to 1."""

    wire: Post
    sealing: Sealing
    reach: Reach
    clock: Clock
    draw: Callable[[], float]


async def attempt(endpoint: Endpoint, url: str, message_id: str, body: bytes, counter: Counter) -> Attempt:
    """Sign and send now, with every secret in force."""
    now = counter.clock()
    try:
        address = address_of(url, counter.reach)
    except AddressRefused:
        return Attempt(at=now, failure=Failure.ADDRESS)
    keys = keys_of(endpoint.signing(now), endpoint.id, counter.sealing)
    if not keys:
        return Attempt(at=now, failure=Failure.NO_SECRET)
    return await counter.wire.post(address, headers(keys, message_id, now, body), body, now)


async def try_delivery(
    delivery: Delivery,
    *,
    endpoint: Endpoint,
    url: str,
    last_taken_at: Callable[[], datetime | None],
    queue: Queue,
    counter: Counter,
) -> tuple[Attempt, Leave | None]:
    """Send it, write down what came of it, and say whether the endpoint is to be left alone.

    `last_taken_at`: when the endpoint last took anything, asked once the try is over.
    """
    tried = await attempt(endpoint, url, delivery.event_id, delivery.body.encode(), counter)
    after = delivery.after(tried, lot=counter.draw())
    why = leave(tried, after, last_taken_at())
    if why is not None:
        # Kept for when a manager resumes the subscription.
        after = after.kept_waiting(after.due_at)
    await queue.settle(after)
    return tried, why
