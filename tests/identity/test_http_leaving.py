"""Leaving a town, staying in the others, and coming back."""

from tests.identity.accounts import delete, opened
from tests.identity.conftest import Door, bearer, registration
from tests.identity.samples import AURORE, DORE, EMILE, JEANNE, MAIL


async def joined_twice(door: Door) -> dict[str, str]:
    claire = await door.joined()
    code = await door.invited({**JEANNE, "reference_famille": "X7"}, town=DORE)
    assert (await door.post("adhesions", {"code": code}, claire))[0] == 201
    return claire


async def test_leaving_a_town_keeps_the_others_and_the_children(door: Door) -> None:
    claire = await joined_twice(door)
    status, household = await delete(door, f"adhesions/{AURORE}", claire)

    assert (status, [town["municipality_id"] for town in household["towns"]]) == (200, [DORE])
    assert len(household["children"]) == 2
    assert (await door.get("me", claire))[1]["municipality_ids"] == [DORE]


async def test_leaving_is_told_with_the_household_as_it_is_then(door: Door) -> None:
    claire = await joined_twice(door)
    _, household = await delete(door, f"adhesions/{AURORE}", claire)
    (ended,) = await door.told("identity.adhesion_ended.v1")
    profile = (await door.told("identity.household_profiled.v1"))[-1]

    assert (ended["data"]["household_id"], ended["data"]["municipality_id"]) == (household["household_id"], AURORE)
    assert ended["municipality"] == AURORE
    assert ended["sequence"] == profile["sequence"] == 3
    assert profile["data"]["municipality_ids"] == [DORE]


async def test_the_used_code_does_not_come_back_to_life(door: Door) -> None:
    code = await door.invited()
    nadia = await opened(door)
    await door.post("adhesions", {"code": code}, nadia)
    await delete(door, f"adhesions/{AURORE}", nadia)

    again = await door.post("adhesions", {"code": code}, nadia)
    assert (again[0], again[1]["type"]) == (410, "/problems/invitation-expired")
    assert (await door.post("invitations/lookup", {"code": code, "email": MAIL}))[0] == 410


async def test_a_town_that_was_left_is_joined_again_with_a_new_code(door: Door) -> None:
    claire = await door.joined()
    _, before = await door.get("household", claire)
    await delete(door, f"adhesions/{AURORE}", claire)
    await door.post("invitations/renewal", {"email": MAIL})
    await door.parts.errands.done()
    status, after = await door.post("adhesions", {"code": (await door.codes(MAIL))[-1]}, claire)

    assert status == 201, after
    assert after["children"] == before["children"]
    assert after["towns"][0]["children"] == before["towns"][0]["children"]


async def test_a_child_whose_name_the_family_corrected_is_the_same_child_when_it_comes_back(door: Door) -> None:
    form = registration(await door.invited())
    form["children"][0]["first_name"] = "Jehanne"
    _, session = await door.post("registrations", form)
    claire = bearer(session)
    _, before = await door.get("household", claire)
    await delete(door, f"adhesions/{AURORE}", claire)
    _, after = await door.post("adhesions", {"code": await door.invited()}, claire)

    assert after["children"] == before["children"]
    assert after["towns"][0]["children"] == before["towns"][0]["children"]


async def test_the_town_may_invite_again_whom_it_likes(door: Door) -> None:
    claire = await door.joined()
    await delete(door, f"adhesions/{AURORE}", claire)
    code = await door.invited(JEANNE, EMILE)

    assert (await door.post("adhesions", {"code": code}, await opened(door)))[0] == 201


async def test_a_town_that_is_not_one_s_own_is_not_found(door: Door) -> None:
    claire = await door.joined()

    assert (await delete(door, f"adhesions/{DORE}", claire))[0] == 404
    assert (await delete(door, "adhesions/nulle-part", claire))[0] == 404


async def test_leaving_twice_is_not_possible(door: Door) -> None:
    claire = await door.joined()
    assert (await delete(door, f"adhesions/{AURORE}", claire))[0] == 200

    assert (await delete(door, f"adhesions/{AURORE}", claire))[0] in {403, 404}
