"""Where events are pushed to: what every kind of subscription that is pushed to has to offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

from services.partners.domain.facts import Outgoing
from services.partners.domain.subscriptions import Subscription


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """`taken`: how many of the batch, from its beginning, are in the target's charge and never to be handed again.

    `wait`: seconds until the next batch may come, 0 for at once. `pause`: why the subscription is to be left alone
    until a manager resumes it, empty to go on.
    """

    taken: int
    wait: float = 0.0
    pause: str = ""


class Target(Protocol):
    def check(self, subscription: Subscription) -> None:
        """Raises what refuses it, before anything is stored."""

    async def open(self, subscription: Subscription) -> Mapping[str, str]:
        """Make what events go into; idempotent. What it returns is shown once, and kept nowhere.

        Raises `Unavailable`.
        """

    async def renew(self, subscription: Subscription, overlap: timedelta) -> Mapping[str, str]:
        """A new secret, shown once; the former one serves for `overlap` more where the target can do that.

        Raises `Unavailable`.
        """

    async def close(self, subscription: Subscription) -> None:
        """Nothing goes there any more, and nobody reads from it; idempotent, tried again until it works."""

    async def deliver(self, subscription: Subscription, batch: Sequence[Outgoing]) -> Receipt:
        """Take some, in order. What it raises leaves the batch where it is, for a later try."""


Targets: TypeAlias = Mapping[str, Target]
