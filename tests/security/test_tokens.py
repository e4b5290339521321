"""A token is believed by nobody unless identity signed it for this use, this time and these people."""

import pytest

from deploy.local.environment import DOMAIN
from tests.security.tokens import claims_of, forged, header_of, sign
from tests.security.world import World

PARTS = (*DOMAIN, "gateway")
# A parent has no business there, and is told so by name: believed all the same.
BELIEVED = {"partners": 403}
GUARDED = {
    "identity": "/me",
    "reservations": "/children",
    "billing": "/invoices",
    "notifications": "/messages",
    "requests": "/requests",
    "partners": "/partner-subscriptions?municipality_id=sainte-aurore",
    "gateway": "/children",
}


@pytest.mark.parametrize("part", PARTS)
async def test_no_service_believes_a_forged_token(part: str, world: World) -> None:
    door, answers = world.preau.door(part), {}

    for wrong, token in (await forged(world.preau, world.owner)).items():
        answer = await door.ask("GET", GUARDED[part], headers={"Authorization": f"Bearer {token}"})
        answers[wrong] = (answer.status, answer.json["type"])

    assert {wrong: found for wrong, found in answers.items() if found != (401, "/problems/unauthenticated")} == {}


@pytest.mark.parametrize("part", PARTS)
async def test_the_same_claims_well_signed_are_believed(part: str, world: World) -> None:
    token = sign(world.preau, await header_of(world.owner), await claims_of(world.owner))

    answer = await world.preau.door(part).ask("GET", GUARDED[part], headers={"Authorization": f"Bearer {token}"})

    assert answer.status == BELIEVED.get(part, 200)


@pytest.mark.parametrize("part", PARTS)
async def test_a_token_is_read_from_its_header_only(part: str, world: World) -> None:
    token = await world.owner.access_token()
    door = world.preau.door(part)
    elsewhere = [
        (f"{GUARDED[part]}?access_token={token}", {}),
        (GUARDED[part], {"Cookie": f"access_token={token}; token={token}"}),
        (GUARDED[part], {"X-Authorization": f"Bearer {token}"}),
        (GUARDED[part], {"Authorization": f"Basic {token}"}),
        (GUARDED[part], {"Authorization": token}),
    ]

    answers = [await door.ask("GET", path, headers=headers) for path, headers in elsewhere]

    assert {answer.status for answer in answers} == {401}


async def test_roles_and_household_in_headers_are_worth_nothing(world: World) -> None:
    token = await world.neighbour.access_token()
    forged_headers = {
        "Authorization": f"Bearer {token}",
        "X-Roles": "manager",
        "X-Household-Id": world.owner.household_id,
        "X-Forwarded-User": world.owner.email,
    }

    for door in (world.preau.door("identity"), world.preau.gateway):
        files = await door.ask("GET", "/family-files?municipality_id=sainte-aurore", headers=forged_headers)
        household = await door.ask("GET", "/household", headers=forged_headers)
        assert files.status == 403
        assert household.json["household_id"] == world.neighbour.household_id


async def test_a_session_that_was_closed_is_not_refreshed(world: World) -> None:
    person = world.neighbour
    asked = {"email": person.email, "password": person.password}
    session = await world.preau.anyone.post("/sessions", asked)
    header = {"Authorization": f"Bearer {session['access_token']}"}

    closed = await world.preau.gateway.ask("DELETE", "/sessions/current", headers=header)

    refresh = {"refresh_token": session["refresh_token"]}
    problem = await world.preau.anyone.refused(401, "POST", "/sessions/refresh", refresh)
    assert (closed.status, problem["type"]) == (204, "/problems/session-over")


async def test_a_refresh_token_used_twice_ends_the_session(world: World) -> None:
    asked = {"email": world.neighbour.email, "password": world.neighbour.password}
    first = await world.preau.anyone.post("/sessions", asked)
    second = await world.preau.anyone.post("/sessions/refresh", {"refresh_token": first["refresh_token"]})

    stolen = await world.preau.anyone.refused(
        401, "POST", "/sessions/refresh", {"refresh_token": first["refresh_token"]}
    )
    victim = await world.preau.anyone.refused(
        401, "POST", "/sessions/refresh", {"refresh_token": second["refresh_token"]}
    )

    assert stolen["type"] == victim["type"] == "/problems/session-over"
