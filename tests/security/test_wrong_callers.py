"""Every route of every service against everybody who has no business there: refused, without a word too much."""

import pytest

from services.gateway.routes import SERVICE_OF, resource_of
from shared.web import Route
from tests.journeys.people import PROBLEM, Answered, Door, Person
from tests.security.call import MISSING, Call
from tests.security.calls import CALLS, ROUTES, call_of
from tests.security.families import home, row_of
from tests.security.tokens import expired
from tests.security.untouched import changes, contents
from tests.security.world import World

GUARDED = sorted(name for name, (_, route) in ROUTES.items() if not route.who.anonymous)
FORGED = {
    "X-User": "acc_1",
    "X-User-Id": "acc_1",
    "X-Account-Id": "acc_1",
    "X-Household-Id": "hsh_1",
    "X-Tenant": "sainte-aurore",
    "X-Municipality-Id": "sainte-aurore",
    "X-Roles": "manager",
    "X-Forwarded-User": "acc_1",
    "X-Forwarded-For": "127.0.0.1",
    "X-Client-Address": "127.0.0.1",
    "X-Authenticated": "true",
    "X-Original-Authorization": "Bearer x",
}


def test_every_route_has_a_call() -> None:
    assert set(ROUTES) == set(CALLS)


def test_every_route_is_behind_the_gateway() -> None:
    public = {name: service for name, (service, _) in ROUTES.items() if " /api/" in name}

    assert {name: SERVICE_OF.get(resource_of(name.split(" ", 1)[1])) for name in public} == public


@pytest.mark.parametrize("name", GUARDED)
async def test_a_wrong_caller_is_refused_and_learns_nothing(name: str, world: World) -> None:
    service, route = ROUTES[name]
    call = await call_of(name, world)
    about = world.owner.household_id if route.who.guardian else ""
    for hall in (world.aurore, world.dore):
        await world.partner(hall)
    before = await contents(world.preau, about)

    for door in (world.preau.door(service), world.preau.gateway):
        await refuses_strangers(door, route, world, call)
        await refuses_the_wrong_kind(door, route, world, call)
        await refuses_other_towns(door, route, world, call)
        await refuses_other_households(door, route, world, call)
        await refuses_other_partners(door, route, world, call)

    assert changes(before, await contents(world.preau, about)) == {}
    rightful = await call.send(await entitled(world, route), route)
    assert rightful.status < 300 or name in REFUSED_FOR_OTHER_REASONS, rightful.content
    if name in ("DELETE /api/v1/sessions/current", "DELETE /api/v1/sessions"):
        world.owner.token_ends = 0
        await world.owner.access_token()


# The code, app, address or town in these calls is nobody's, whoever sends it; or it would end the world's.
REFUSED_FOR_OTHER_REASONS = {
    "POST /api/v1/adhesions",
    "POST /api/v1/waiting-list-offers/{offer_id}/acceptance",
    "POST /api/v1/waiting-list-offers/{offer_id}/refusal",
    "DELETE /api/v1/adhesions/{municipality_id}",
    "POST /api/v1/guardian-acceptances",
    "POST /api/v1/household/guardians",
    "POST /api/v1/household/guardians/{guardian_id}/invitation",
    "PUT /api/v1/me/password",
    # The town does not ask the national service, or it was asked often enough today.
    "PUT /api/v1/quotient-consents/{municipality_id}",
    "POST /api/v1/me/closing",
    "POST /api/v1/news/{news_id}/reads",
    # Contested by an earlier call of the same invoice.
    "POST /api/v1/invoices/{invoice_id}/lines/{line}/contestations",
    "POST /api/v1/me/totp/confirmation",
    "DELETE /api/v1/me/federations/{federation_id}",
    "DELETE /api/v1/me/consents/{client_id}",
    "GET /api/v1/erasures/{erasure_id}",
    "DELETE /api/v1/me/totp",
    "POST /api/v1/me/recovery-codes",
    "POST /api/v1/me/passkeys",
    "DELETE /api/v1/me/passkeys/{passkey_id}",
}


# Ends whoever calls it, and nobody else: the world's families are still needed.
FINAL = "/api/v1/me/erasure"


async def entitled(world: World, route: Route) -> Person:
    if route.who.partner or route.who.scope:
        return await world.partner(world.aurore)
    if route.path == FINAL:
        return (await home(world, await row_of(world))).family
    return world.owner if route.who.guardian else world.aurore.manager


def through(door: Door, person: Person) -> Person:
    return Person(door=door, clock=person.clock, email=person.email, token=person.token, token_ends=person.token_ends)


async def answered(door: Door, person: Person, route: Route, call: Call, **other: str) -> Answered:
    """Asked there with the token the person has, which the gateway gave."""
    await person.access_token() if person.email else None
    answer: Answered = await call.send(through(door, person), route, **other)
    if answer.status >= 300:
        assert answer.headers["Content-Type"].startswith(PROBLEM), answer.content
    return answer


async def refuses_strangers(door: Door, route: Route, world: World, call: Call) -> None:
    anyone = world.preau.anyone
    late = await expired(world.preau, world.owner)
    for headers in ({}, FORGED, {"Authorization": f"Bearer {late}"}, {"Authorization": "Bearer "}):
        data = call.body if call.content is None else call.content
        keys = {"Idempotency-Key": "a-fresh-random-key"} if route.keyed else {}
        person = through(door, anyone)
        answer = await person.door.ask(
            route.method, call.path(route), data, media=call.media, headers={**headers, **keys}
        )
        assert answer.status == 401, (headers, answer.content)
        assert answer.json["type"] == "/problems/unauthenticated"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def refuses_the_wrong_kind(door: Door, route: Route, world: World, call: Call) -> None:
    """A parent at an agent's desk, an agent at a parent's, an agent without the role."""
    wrong: list[Person] = [] if route.who.guardian else [world.owner, world.neighbour, world.robert]
    wrong += world.agent_without(route.who.roles)
    if not route.who.roles:
        wrong.append(world.aurore.manager)
    for person in wrong:
        answer = await answered(door, person, route, call)
        assert answer.status == 403, (person.email, answer.content)
        assert answer.json["type"] == "/problems/forbidden"


async def refuses_other_towns(door: Door, route: Route, world: World, call: Call) -> None:
    """An agent who may do this, in another town."""
    if route.who.roles:
        answer = await answered(door, world.dore.manager, route, call)
        await says_nothing(door, world.dore.manager, route, call, answer, world)


async def refuses_other_partners(door: Door, route: Route, world: World, call: Call) -> None:
    """A partner of another town, and one of this town where partners have no business."""
    elsewhere, here = await world.partner(world.dore), await world.partner(world.aurore)
    if route.who.partner or route.who.scope:
        await says_nothing(door, elsewhere, route, call, await answered(door, elsewhere, route, call), world)
        return
    for partner in (elsewhere, here):
        assert (await answered(door, partner, route, call)).status == 403


async def refuses_other_households(door: Door, route: Route, world: World, call: Call) -> None:
    """A parent who may do this, with their own things: of the same town and of another."""
    if route.who.guardian and route.path != FINAL:
        for person in (world.neighbour, world.robert):
            answer = await answered(door, person, route, call)
            await says_nothing(door, person, route, call, answer, world)


async def says_nothing(door: Door, person: Person, route: Route, call: Call, answer: Answered, world: World) -> None:
    if answer.status < 300:
        assert not call.names, f"{person.email} was let in: {answer.content!r}"
        assert not [secret for secret in world.secrets if secret in answer.content.decode("latin-1")]
    elif call.names:
        assert answer.status in (403, 404), answer.content
    if call.names and call.ids and answer.status == 404:
        first = next(iter(call.ids))
        missing = await answered(door, person, route, call, **{first: MISSING})
        assert missing.status == 404
        assert {**missing.json, "instance": ""} == {**answer.json, "instance": ""}
