"""Subscriptions as managers and partners see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.partners.domain.subscriptions import Kind, State, Subscription
from shared.web import Answer, Body, Int

Town = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Topic = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+\.v[0-9]+$", max_length=100)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Url = Annotated[str, StringConstraints(max_length=500)]
Types = Annotated[list[Topic], Field(max_length=100)]


class OfTown(Body):
    municipality_id: Town


class DescriptionBody(Body):
    """`types`: none means all of the profile. `url`: of a webhook."""

    name: Name
    profile: Annotated[str, StringConstraints(max_length=40)]
    types: Types = Field(default_factory=list)
    url: Url = ""


class SubscriptionBody(DescriptionBody):
    """`client_id`: of the partner account. `kind`: `amqp` for a queue of its own, `webhook` for calls to `url`, `none`
    when the partner comes and reads. `start`: what it is pushed first.
    """

    client_id: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    kind: Kind = "none"
    start: Literal["now", "beginning"] = "now"


class OverlapBody(Body):
    """For how many hours the former secret goes on serving, where that can be; 0 ends it at once."""

    overlap_hours: Annotated[Int, Field(ge=0, le=168)] = 24


class SubscriptionAnswer(Answer):
    """`position`: how far the town's events were pushed; null for one that is not pushed to. `queue`: of an AMQP one.

    `paused_because`: `manager`, or what the partner's side answered last.
    """

    subscription_id: str
    municipality_id: str
    client_id: str
    name: str
    profile: str
    types: list[str]
    kind: Kind
    url: str
    state: State
    paused_because: str
    position: int | None
    queue: str | None
    created_at: datetime
    version: int


class HandedSubscriptionAnswer(SubscriptionAnswer):
    """`shown_once`: what the partner needs, and nobody is shown again. Of AMQP `address`, `user`, `password`, `queue`;
    of a webhook `secret`; nothing of one the partner reads by its account.
    """

    shown_once: dict[str, str]


def shown(subscription: Subscription, position: int | None) -> SubscriptionAnswer:
    return SubscriptionAnswer(**_fields(subscription, position))


def handed(subscription: Subscription, position: int | None, once: Mapping[str, str]) -> HandedSubscriptionAnswer:
    return HandedSubscriptionAnswer(**_fields(subscription, position), shown_once=dict(once))


def _fields(subscription: Subscription, position: int | None) -> dict[str, object]:
    one = subscription
    return {
        "subscription_id": one.id,
        "municipality_id": one.municipality_id,
        "client_id": one.client_id,
        "name": one.name,
        "profile": one.profile,
        "types": list(one.types),
        "kind": one.kind,
        "url": one.url,
        "state": one.state,
        "paused_because": one.paused_because,
        "position": position,
        "queue": one.queue,
        "created_at": one.created_at,
        "version": one.version,
    }
