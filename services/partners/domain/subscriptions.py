"""What a town lets a partner hear of: which events, with which fields, and the way they go."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.partners.domain.refusals import (
    NothingToReplay,
    ProfileUnknown,
    SubscriptionEnded,
    SubscriptionNotPaused,
    TypeNotInProfile,
)
from shared.contracts.disclosure import DISCLOSED, PROFILES
from shared.contracts.partners import SubscriptionPaused

Kind = Literal["amqp", "webhook", "none"]
State = Literal["opening", "active", "paused", "ended"]
KINDS: tuple[Kind, ...] = ("amqp", "webhook", "none")
BY_MANAGER = "manager"


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """`kind` `none`: the partner comes and reads by itself. `types`: none means all of the profile.

    `url`: of a webhook. `paused_because`: `manager`, or what the target said. `opening`: what events go into is not
    there yet.
    """

    id: str
    municipality_id: str
    client_id: str
    name: str
    profile: str
    types: tuple[str, ...] = ()
    kind: Kind = "none"
    url: str = ""
    state: State = "active"
    paused_because: str = ""
    created_by: str
    created_at: datetime
    replayed_at: datetime | None = None
    """When a manager last asked for a replay: what was told before goes out again."""
    version: int = 0

    @property
    def pushed(self) -> bool:
        return self.kind != "none"

    @property
    def queue(self) -> str | None:
        """What the partner reads from by AMQP."""
        return queue_of(self.id) if self.kind == "amqp" else None

    @property
    def readable(self) -> bool:
        """Its partner may come for events: also while the way they are pushed is out of order."""
        return self.state == "active" or (self.state == "paused" and self.paused_because != BY_MANAGER)

    @property
    def topics(self) -> frozenset[str]:
        """The types it is told of."""
        return frozenset(self.types) if self.types else topics_of(self.profile)

    def opened(self) -> "Subscription":
        return replace(self, state="active")

    def described(self, *, name: str, profile: str, types: tuple[str, ...], url: str) -> "Subscription":
        """Raises `SubscriptionEnded`, `ProfileUnknown`, `TypeNotInProfile`."""
        self._refuse_ended()
        check_choice(profile, types)
        return replace(self, name=name, profile=profile, types=types, url=url)

    def paused(self, because: str) -> "Subscription":
        """Raises `SubscriptionEnded`."""
        self._refuse_ended()
        return replace(self, state="paused", paused_because=because)

    def resumed(self) -> "Subscription":
        """Raises `SubscriptionEnded`, `SubscriptionNotPaused`."""
        self._refuse_ended()
        if self.state != "paused":
            raise SubscriptionNotPaused()
        return replace(self, state="active", paused_because="")

    def replayed(self, at: datetime) -> "Subscription":
        """Raises `SubscriptionEnded`, `NothingToReplay`."""
        self._refuse_ended()
        if not self.pushed:
            raise NothingToReplay()
        return replace(self, replayed_at=at)

    def ended(self) -> "Subscription":
        return replace(self, state="ended", paused_because="")

    def told_paused(self) -> SubscriptionPaused:
        return SubscriptionPaused(
            subscription_id=self.id,
            municipality_id=self.municipality_id,
            client_id=self.client_id,
            kind=self.kind,
            reason=self.paused_because,
        )

    def _refuse_ended(self) -> None:
        if self.state == "ended":
            raise SubscriptionEnded()


def queue_of(subscription_id: str) -> str:
    return f"partner.{subscription_id}.in"


def topics_of(profile: str) -> frozenset[str]:
    return frozenset(topic for topic, profiles in DISCLOSED.items() if profile in profiles)


def check_choice(profile: str, types: tuple[str, ...]) -> None:
    """Raises `ProfileUnknown`, `TypeNotInProfile`."""
    if profile not in PROFILES:
        raise ProfileUnknown(known=", ".join(PROFILES))
    if others := sorted(set(types) - topics_of(profile)):
        raise TypeNotInProfile(profile=profile, types=", ".join(others))
