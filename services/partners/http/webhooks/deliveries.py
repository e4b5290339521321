"""The log of deliveries: what was sent when, what came back, and sending it again."""

from datetime import datetime
from typing import Annotated, Literal

import structlog
from aiohttp import web
from pydantic import AwareDatetime, Field, StringConstraints

from services.partners.domain.webhooks.deliveries import Delivery, State
from services.partners.domain.webhooks.history import Wanted
from services.partners.http.webhooks.parts import (
    MANAGERS,
    PATH,
    WEBHOOKS,
    AttemptAnswer,
    asked_for,
    shown_attempt,
)
from services.partners.usecases.webhooks.history import send_again, send_range_again
from shared.auth import Caller
from shared.web import CLOCK, Answer, Body, Int, Route

log = structlog.get_logger()
Type = Annotated[str, StringConstraints(max_length=100)]
# No town has had as many events, and no database counts farther.
FARTHEST = 2**53
Position = Annotated[Int, Field(ge=1, le=FARTHEST)]


class DeliveriesPage(Body):
    """`before`: the `next_before` of the page before. `since` and `until`: when the event was queued."""

    state: Literal["waiting", "delivered", "given_up"] | None = None
    type: Type = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: int | None = Field(None, ge=1, le=FARTHEST)
    limit: int = Field(50, ge=1, le=200)


class Again(Body):
    """Which deliveries of the log to send again; those that still wait are sent anyway. Nothing said: all."""

    state: State | None = None
    type: Type = ""
    first_position: Position | None = None
    last_position: Position | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class DeliveryAnswer(Answer):
    """`event_id` is the `webhook-id` it was sent with. `due_at`: of the next try, while it waits."""

    delivery_id: str
    event_id: str
    position: int
    type: str
    subject: str
    state: State
    queued_at: datetime
    due_at: datetime | None
    settled_at: datetime | None
    tries: int
    attempts: list[AttemptAnswer]


class DeliveriesAnswer(Answer):
    items: list[DeliveryAnswer]
    next_before: int | None


class QueuedAnswer(Answer):
    """How many are sent again."""

    queued: int


async def list_deliveries(request: web.Request, caller: Caller, query: DeliveriesPage) -> DeliveriesAnswer:
    """What was sent to a webhook, the newest event first, with every try."""
    found = await asked_for(request, caller)
    state = State(query.state) if query.state else None
    wanted = Wanted(state=state, type=query.type, since=query.since, until=query.until)
    page = await request.app[WEBHOOKS].log.page(
        found.id, found.municipality_id, wanted, before=query.before, limit=query.limit + 1
    )
    shown = page[: query.limit]
    more = len(page) > query.limit
    return DeliveriesAnswer(items=[_shown(one) for one in shown], next_before=shown[-1].position if more else None)


async def replay_delivery(request: web.Request, caller: Caller) -> None:
    """Send one event of the log again, with the same id; after it, later events of its subject that wait."""
    found, delivery_id = await asked_for(request, caller), request.match_info["delivery_id"]
    parts = request.app[WEBHOOKS]
    await send_again(found, delivery_id, request.app[CLOCK](), log=parts.log, wake=parts.rouse)
    log.info("delivery_replayed", subscription_id=found.id, delivery=delivery_id)


async def replay_deliveries(request: web.Request, caller: Caller, body: Again) -> QueuedAnswer:
    """Send a range of the log again, each with its id, in order per subject."""
    found = await asked_for(request, caller)
    parts = request.app[WEBHOOKS]
    queued = await send_range_again(found, Wanted(**dict(body)), request.app[CLOCK](), log=parts.log, wake=parts.rouse)
    log.info("deliveries_replayed", subscription_id=found.id, queued=queued)
    return QueuedAnswer(queued=queued)


def _shown(delivery: Delivery) -> DeliveryAnswer:
    return DeliveryAnswer(
        delivery_id=delivery.id,
        event_id=delivery.event_id,
        position=delivery.position,
        type=delivery.type,
        subject=delivery.subject,
        state=delivery.state,
        queued_at=delivery.queued_at,
        due_at=delivery.due_at if delivery.state is State.WAITING else None,
        settled_at=delivery.settled_at,
        tries=delivery.tries,
        attempts=[shown_attempt(one) for one in delivery.attempts],
    )


DELIVERIES = f"{PATH}/deliveries"
ROUTES = [
    Route(
        method="GET",
        path=DELIVERIES,
        handler=list_deliveries,
        who=MANAGERS,
        query=DeliveriesPage,
        answer=DeliveriesAnswer,
    ),
    Route(
        method="POST",
        path=f"{DELIVERIES}/replays",
        handler=replay_deliveries,
        who=MANAGERS,
        body=Again,
        answer=QueuedAnswer,
    ),
    Route(method="POST", path=f"{DELIVERIES}/{{delivery_id}}/replay", handler=replay_delivery, who=MANAGERS),
]
