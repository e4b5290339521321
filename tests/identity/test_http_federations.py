"""What an account page shows of FranceConnect, and taking it away."""

from typing import Any

from services.identity.domain.federations import PivotIdentity
from shared.auth import Caller
from tests.identity.conftest import Door
from tests.identity.samples import MAIL, MovableClock

PERSON = PivotIdentity(issuer="https://fc.example/api/v2", sub="sub-1", given_name="Claire", family_name="Lefèvre")


async def linked(door: Door) -> tuple[dict[str, str], dict[str, Any]]:
    """Claire's headers, and her one link as she sees it."""
    claire = await door.joined()
    _, me = await door.get("me", claire)
    await door.parts.franceconnect.link(me["account_id"], PERSON)
    _, answer = await door.get("me/federations", claire)
    (link,) = answer["items"]
    return claire, link


async def remove(door: Door, federation_id: str, headers: dict[str, str]) -> tuple[int, Any]:
    response = await door.client.delete(f"/api/v1/me/federations/{federation_id}", headers=headers)
    return response.status, await response.json() if response.content_type.endswith("json") else None


async def test_a_link_is_shown_without_what_the_provider_calls_the_person(door: Door) -> None:
    _, link = await linked(door)

    assert link["provider"] == "franceconnect"
    assert link["federation_id"].startswith("fed_")
    assert "sub-1" not in str(link)


async def test_without_franceconnect_there_is_nothing_to_link(door: Door) -> None:
    _, answer = await door.get("me/federations", await door.joined())

    assert answer == {"items": [], "next_cursor": None, "link_href": None}


async def test_unlinking_tells_the_owner_and_happens_once(door: Door) -> None:
    claire, link = await linked(door)

    assert (await remove(door, link["federation_id"], claire))[0] == 204
    assert (await remove(door, link["federation_id"], claire))[0] == 404
    told = [one["data"]["kind"] for one in await door.told("identity.security_noticed.v1")]
    assert told[-2:] == ["franceconnect_linked", "franceconnect_unlinked"]


async def test_unlinking_needs_a_sign_in_of_the_last_minutes(door: Door, clock: MovableClock) -> None:
    _, link = await linked(door)
    (session,) = await door.db["sessions"].find({}).to_list(None)
    clock.pass_(minutes=10, seconds=1)
    late = door.issuer.headers(Caller(account_id=session["account_id"], session_id=session["_id"]))

    status, problem = await remove(door, link["federation_id"], late)

    assert (status, problem["type"]) == (403, "/problems/sign-in-again")
    assert len((await door.get("me/federations", late))[1]["items"]) == 1


async def test_nobody_unlinks_somebody_else_s(door: Door) -> None:
    _, link = await linked(door)

    assert (await remove(door, link["federation_id"], {}))[0] == 401
    status, _ = await remove(door, link["federation_id"], door.issuer.guardian("hsh_other"))
    assert status in (403, 404)


async def test_a_closed_account_leaves_no_link(door: Door) -> None:
    claire, _ = await linked(door)

    status, _ = await door.post("me/closing", {"email": MAIL}, claire)

    assert status == 204
    assert await door.db["federated_identities"].find_one({}) is None
