"""A partner's own system comes and reads: the reference channel; queues and webhooks only bring the same sooner."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field, StringConstraints

from services.partners.domain.refusals import WaitingAlready
from services.partners.http.parts import ARRIVALS, BASE, EVENTS, FEEDS, SUBSCRIPTIONS, WAITING
from services.partners.http.shapes import SubscriptionAnswer, Town, shown
from services.partners.usecases.read_events import Page, subscription_to_read, wait_for_events
from shared.auth import Caller
from shared.web import Answer, Body, Route, partner

SCOPE = "events.read"
BATCH_TYPE = "application/cloudevents-batch+json"
PATH = "/api/v1/partner-events"
LONGEST_WAIT = 20
WAITS_AT_ONCE = 4
NEXT, NEWEST = "Preau-Next-After", "Preau-Newest"


class EventsQuery(Body):
    """`after`: the position of the last event read, none or 0 for the oldest that is kept. `types`: of the
    subscription's, apart by commas. `wait`: for how many seconds an empty answer may be waited with.
    `subscription_id`: which one, for a partner with several in the town.
    """

    municipality_id: Town
    after: int | None = Field(None, ge=0)
    types: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.,]*$", max_length=4000)] = ""
    limit: int = Field(100, ge=1, le=500)
    wait: int = Field(0, ge=0, le=LONGEST_WAIT)
    subscription_id: Annotated[str, StringConstraints(max_length=60)] = ""


class OwnSubscriptionsAnswer(Answer):
    items: list[SubscriptionAnswer]


async def list_partner_events(request: web.Request, caller: Caller, query: EventsQuery) -> web.Response:
    """What happened in the town after a position: a CloudEvents batch, in order, each event with its `position`.

    `Preau-Next-After` says what to give as `after` next, also when nothing came; `Link` has it ready.
    """
    app = request.app
    town = caller.partner_in(query.municipality_id, SCOPE)
    subscription = await subscription_to_read(
        caller.account_id, town, query.subscription_id, subscriptions=app[SUBSCRIPTIONS]
    )
    types = [one for one in query.types.split(",") if one]
    with _waiting(app[WAITING], caller.account_id, query.wait):
        page = await wait_for_events(
            subscription,
            query.after,
            types,
            query.limit,
            query.wait,
            base=app[BASE],
            events=app[EVENTS],
            arrivals=app[ARRIVALS],
        )
    return _answered(page, query)


async def list_own_partner_subscriptions(request: web.Request, caller: Caller) -> OwnSubscriptionsAnswer:
    """What the partner behind the token is told of, in all its towns."""
    app = request.app
    found = await app[SUBSCRIPTIONS].of_partner(caller.account_id, caller.municipality_ids)
    positions: dict[str, int] = {}
    for town in {one.municipality_id for one in found}:
        positions |= await app[FEEDS].positions(town)
    return OwnSubscriptionsAnswer(items=[shown(one, positions.get(one.id)) for one in found])


@contextmanager
def _waiting(calls: Counter[str], client_id: str, seconds: int) -> Iterator[None]:
    """Raises `WaitingAlready`."""
    if not seconds:
        yield
        return
    if calls[client_id] >= WAITS_AT_ONCE:
        raise WaitingAlready(most=WAITS_AT_ONCE)
    calls[client_id] += 1
    try:
        yield
    finally:
        calls[client_id] -= 1
        if not calls[client_id]:
            del calls[client_id]


def _answered(page: Page, query: EventsQuery) -> web.Response:
    asked = {**query.model_dump(exclude={"after"}, exclude_defaults=True), "after": page.after}
    headers = {
        NEXT: str(page.after),
        NEWEST: str(page.newest),
        "Link": f'<{PATH}?{urlencode(asked)}>; rel="next"',
        "Cache-Control": "no-store",
    }
    body = b"[" + b",".join(one.body for one in page.events) + b"]"
    return web.Response(body=body, content_type=BATCH_TYPE, headers=headers)


ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=list_partner_events,
        who=partner(SCOPE),
        query=EventsQuery,
        gives=BATCH_TYPE,
    ),
    Route(
        method="GET",
        path=f"{PATH}/subscriptions",
        handler=list_own_partner_subscriptions,
        who=partner(SCOPE),
        answer=OwnSubscriptionsAnswer,
    ),
]
