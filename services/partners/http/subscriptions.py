"""Subscriptions, for the managers of the town that lets the partner hear of it."""

from datetime import datetime, timedelta
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from services.partners.domain.refusals import ReplayStartUnknown
from services.partners.domain.subscriptions import Subscription
from services.partners.http.parts import EVENTS, FEEDS, PARTNERS, SUBSCRIPTIONS, TARGETS, WAKE
from services.partners.http.shapes import (
    DescriptionBody,
    HandedSubscriptionAnswer,
    OfTown,
    OverlapBody,
    SubscriptionAnswer,
    SubscriptionBody,
    handed,
    shown,
)
from services.partners.usecases import change_subscription as changing
from services.partners.usecases.end_subscription import end_subscription
from services.partners.usecases.subscribe import subscribe
from shared.auth import Caller, Role
from shared.versions import etag
from shared.web import CLOCK, Answer, Body, Int, Route, agent

log = structlog.get_logger()
MANAGERS = agent(Role.MANAGER)
INSTANT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


class SubscriptionsAnswer(Answer):
    items: list[SubscriptionAnswer]


class ReplayBody(Body):
    """`start`: “beginning” for the oldest event that is kept, a position, or an instant with its zone."""

    start: Annotated[str, Field(max_length=40)] | Annotated[Int, Field(ge=0)]


class ReplayAnswer(Answer):
    """What is pushed again, then goes on: positions, both included; nothing when `last_position` is below."""

    first_position: int
    last_position: int


async def create_partner_subscription(
    request: web.Request, caller: Caller, query: OfTown, body: SubscriptionBody
) -> HandedSubscriptionAnswer:
    """Let a partner hear what happens in the town; what it needs besides its account is shown this once."""
    app = request.app
    made, once = await subscribe(
        caller.agent_of(query.municipality_id, Role.MANAGER),
        body.client_id,
        name=body.name,
        profile=body.profile,
        types=body.types,
        kind=body.kind,
        url=body.url,
        from_beginning=body.start == "beginning",
        created_by=caller.account_id,
        partners=app[PARTNERS],
        subscriptions=app[SUBSCRIPTIONS],
        feeds=app[FEEDS],
        events=app[EVENTS],
        targets=app[TARGETS],
        clock=app[CLOCK],
    )
    app[WAKE]()
    log.info("partner_subscribed", subscription=made.id, client_id=made.client_id, kind=made.kind, profile=made.profile)
    return handed(made, await _position(request, made), once)


async def list_partner_subscriptions(request: web.Request, caller: Caller, query: OfTown) -> SubscriptionsAnswer:
    """Who is told what of the town, how, and how far."""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    positions = await request.app[FEEDS].positions(town)
    found = await request.app[SUBSCRIPTIONS].of_town(town)
    return SubscriptionsAnswer(items=[shown(one, positions.get(one.id)) for one in found])


async def show_partner_subscription(request: web.Request, caller: Caller) -> web.Response:
    """One of them; its ETag is needed to change it."""
    return await _answered(request, await request.app[SUBSCRIPTIONS].get(_id(request), _managed(caller)))


async def change_partner_subscription(request: web.Request, caller: Caller, body: DescriptionBody) -> web.Response:
    """Another name, profile, types or address, from the next event on."""
    app = request.app
    changed = await changing.describe_subscription(
        _id(request),
        _managed(caller),
        request.headers.get("If-Match", ""),
        name=body.name,
        profile=body.profile,
        types=body.types,
        url=body.url,
        subscriptions=app[SUBSCRIPTIONS],
        targets=app[TARGETS],
        clock=app[CLOCK],
    )
    app[WAKE]()
    log.info("partner_subscription_changed", subscription=changed.id, profile=changed.profile)
    return await _answered(request, changed)


async def end_partner_subscription(request: web.Request, caller: Caller) -> None:
    """Nothing goes to the partner any more; its queue and its log-in go, and with them its connections."""
    app = request.app
    await end_subscription(
        _id(request), _managed(caller), subscriptions=app[SUBSCRIPTIONS], feeds=app[FEEDS], targets=app[TARGETS]
    )
    app[WAKE]()
    log.info("partner_subscription_ended", subscription=_id(request))


async def pause_partner_subscription(request: web.Request, caller: Caller) -> web.Response:
    """Push nothing for the moment, and let nothing be read; what happens stays in the log."""
    app = request.app
    paused = await changing.pause_subscription(
        _id(request), _managed(caller), subscriptions=app[SUBSCRIPTIONS], clock=app[CLOCK]
    )
    app[WAKE]()
    return await _answered(request, paused)


async def resume_partner_subscription(request: web.Request, caller: Caller) -> web.Response:
    """Go on where it was."""
    app = request.app
    resumed = await changing.resume_subscription(
        _id(request), _managed(caller), subscriptions=app[SUBSCRIPTIONS], clock=app[CLOCK]
    )
    app[WAKE]()
    return await _answered(request, resumed)


async def renew_partner_subscription_secret(
    request: web.Request, caller: Caller, body: OverlapBody
) -> HandedSubscriptionAnswer:
    """A new password, or a new signing secret, shown this once."""
    app = request.app
    found, once = await changing.renew_secret(
        _id(request),
        _managed(caller),
        timedelta(hours=body.overlap_hours),
        subscriptions=app[SUBSCRIPTIONS],
        targets=app[TARGETS],
    )
    log.info("partner_subscription_secret_renewed", subscription=found.id)
    return handed(found, await _position(request, found), once)


async def replay_partner_subscription(request: web.Request, caller: Caller, body: ReplayBody) -> ReplayAnswer:
    """Push again what was told from there on, as long as it is kept."""
    app = request.app
    first, last = await changing.replay(
        _id(request),
        _managed(caller),
        _start(body.start),
        subscriptions=app[SUBSCRIPTIONS],
        feeds=app[FEEDS],
        events=app[EVENTS],
        clock=app[CLOCK],
    )
    app[WAKE]()
    log.info("partner_subscription_replayed", subscription=_id(request), first=first, last=last)
    return ReplayAnswer(first_position=first, last_position=last)


def _start(asked: str | int) -> str | int | datetime:
    """Raises `ReplayStartUnknown`."""
    if isinstance(asked, int) or asked == changing.BEGINNING:
        return asked
    try:
        return INSTANT.validate_python(asked)
    except ValidationError:
        raise ReplayStartUnknown() from None


def _id(request: web.Request) -> str:
    return request.match_info["subscription_id"]


def _managed(caller: Caller) -> frozenset[str]:
    """The towns whose subscriptions these are to manage: of others there is nothing to be found."""
    return frozenset(town for town, names in caller.roles.items() if Role.MANAGER in names)


async def _position(request: web.Request, subscription: Subscription) -> int | None:
    positions = await request.app[FEEDS].positions(subscription.municipality_id)
    return positions.get(subscription.id)


async def _answered(request: web.Request, subscription: Subscription) -> web.Response:
    answer = shown(subscription, await _position(request, subscription))
    headers = {"ETag": etag(subscription.version)}
    return web.Response(text=answer.model_dump_json(), content_type="application/json", headers=headers)


PATH = "/api/v1/partner-subscriptions"
ONE = f"{PATH}/{{subscription_id}}"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=create_partner_subscription,
        who=MANAGERS,
        query=OfTown,
        body=SubscriptionBody,
        answer=HandedSubscriptionAnswer,
        status=201,
    ),
    Route(
        method="GET",
        path=PATH,
        handler=list_partner_subscriptions,
        who=MANAGERS,
        query=OfTown,
        answer=SubscriptionsAnswer,
    ),
    Route(method="GET", path=ONE, handler=show_partner_subscription, who=MANAGERS, answer=SubscriptionAnswer),
    Route(
        method="PUT",
        path=ONE,
        handler=change_partner_subscription,
        who=MANAGERS,
        body=DescriptionBody,
        answer=SubscriptionAnswer,
    ),
    Route(method="DELETE", path=ONE, handler=end_partner_subscription, who=MANAGERS),
    Route(
        method="POST",
        path=f"{ONE}/pause",
        handler=pause_partner_subscription,
        who=MANAGERS,
        answer=SubscriptionAnswer,
    ),
    Route(
        method="POST",
        path=f"{ONE}/resumption",
        handler=resume_partner_subscription,
        who=MANAGERS,
        answer=SubscriptionAnswer,
    ),
    Route(
        method="POST",
        path=f"{ONE}/secrets",
        handler=renew_partner_subscription_secret,
        who=MANAGERS,
        body=OverlapBody,
        answer=HandedSubscriptionAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path=f"{ONE}/replays",
        handler=replay_partner_subscription,
        who=MANAGERS,
        body=ReplayBody,
        answer=ReplayAnswer,
        status=201,
    ),
]
