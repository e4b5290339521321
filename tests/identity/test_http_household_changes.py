"""Contact data at once; names, children and custody by way of the town."""

import asyncio
from typing import Any

import pytest

from shared.auth import Role
from tests.identity.conftest import Door
from tests.identity.homes import Home, fathers, home_of, mothers
from tests.identity.samples import AURORE, DORE

CHANGES = "household/changes"


async def put(door: Door, home: Home, body: Any, if_match: str | None = None) -> tuple[int, Any, str]:
    headers = {**home.headers, **({} if if_match is None else {"If-Match": if_match})}
    answer = await door.client.put("/api/v1/household/contact", json=body, headers=headers)
    return answer.status, await answer.json(), answer.headers.get("ETag", "")


async def version(door: Door, home: Home) -> str:
    answer = await door.client.get("/api/v1/household", headers=home.headers)
    return answer.headers["ETag"]


def contact(home: Home, **changes: Any) -> dict[str, Any]:
    first = home.guardians[0]
    return {
        "address": "3 rue Neuve, 37999 Sainte-Aurore",
        "guardians": [{"guardian_id": first["guardian_id"], "phone": "06 39 98 44 44", **changes}],
    }


async def test_contact_data_changes_at_once_and_everybody_hears(door: Door) -> None:
    home = await mothers(door)

    status, after, tag = await put(door, home, contact(home, secondary_phone="02 61"), await version(door, home))

    assert status == 200, after
    assert after["address"] == "3 rue Neuve, 37999 Sainte-Aurore"
    assert (after["guardians"][0]["phone"], after["guardians"][0]["secondary_phone"]) == ("06 39 98 44 44", "02 61")
    assert tag == await version(door, home)
    (changed,) = await door.told("identity.household_changed.v1")
    assert changed["data"] == {"household_id": home.id, "municipality_ids": [AURORE], "changed": ["contact"]}
    assert (await door.told("identity.household_profiled.v1"))[-1]["data"]["address"].startswith("3 rue Neuve")
    (me,) = [(await door.get("me", home.headers))[1]]
    assert me.get("phone", "06 39 98 44 44") == "06 39 98 44 44"


async def test_nobody_overwrites_what_they_never_saw(door: Door) -> None:
    home = await mothers(door)
    read = await version(door, home)
    await put(door, home, contact(home), read)

    assert (await put(door, home, contact(home, phone="06 1"), read))[0] == 412
    status, problem, _ = await put(door, home, contact(home, phone="06 1"))
    assert (status, problem["type"]) == (428, "/problems/version-missing")


async def test_a_change_that_changes_nothing_tells_nothing(door: Door) -> None:
    home = await mothers(door)
    await put(door, home, contact(home), await version(door, home))
    before = await version(door, home)

    assert (await put(door, home, contact(home), before))[2] == before
    assert len(await door.told("identity.household_changed.v1")) == 1


async def test_the_log_in_address_is_not_changed_here(door: Door) -> None:
    home = await mothers(door)

    status, problem, _ = await put(door, home, contact(home, email="autre@poste.example"), "*")

    assert (status, problem["errors"][0]["field"]) == (422, "guardians.0.email")


# --- change requests --------------------------------------------------------------------------------------------------


def renaming(home: Home, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "child_name",
        "child_id": home.child(),
        "first_name": "Jehanne",
        "last_name": "Lefèvre",
        "justification": "Ainsi s'écrit son acte de naissance.",
        **changes,
    }


async def requested(door: Door, home: Home, body: dict[str, Any]) -> dict[str, Any]:
    status, change = await door.post(CHANGES, body, home.headers)
    assert status == 201, change
    return dict(change)


async def decide(door: Door, change: dict[str, Any], **decision: Any) -> tuple[int, Any]:
    path = f"household-changes/{change['change_id']}/decision"
    return await door.post(path, {"accepted": True, **decision}, door.registrar)


async def test_a_request_shows_the_old_and_the_new_value_to_family_and_town(door: Door) -> None:
    home = await mothers(door)

    change = await requested(door, home, renaming(home))

    assert change["old"] == {"first_name": "Jeanne", "last_name": "Lefèvre"}
    assert change["new"] == {"first_name": "Jehanne", "last_name": "Lefèvre"}
    assert (change["state"], change["municipality_id"], change["child_id"]) == ("requested", AURORE, home.child())
    assert (await door.get(CHANGES, home.headers))[1] == [change]
    _, page = await door.get(f"household-changes?municipality_id={AURORE}&state=requested", door.registrar)
    (seen,) = page["items"]
    assert seen == {**change, "household_id": home.id, "household_name": "Lefèvre"}
    assert (await home_of(door, home.headers)).child("Jeanne")


async def test_an_accepted_request_is_done_and_told(door: Door) -> None:
    home = await mothers(door)
    change = await requested(door, home, renaming(home))

    status, decided = await decide(door, change, reason="Merci.")

    assert (status, decided["state"], decided["reason"]) == (200, "accepted", "Merci.")
    assert (await home_of(door, home.headers)).child("Jehanne") == home.child()
    (told,) = await door.told("identity.change_decided.v1")
    assert told["data"]["outcome"] == "accepted"
    (letter,) = await door.told("identity.change_answered.v1")
    assert letter["data"]["reason"] == "Merci."
    (child,) = await door.told("identity.child_changed.v1")
    assert child["data"] == {"household_id": home.id, "child_id": home.child(), "change": "name"}


async def test_a_refused_request_changes_nothing_and_needs_a_reason(door: Door) -> None:
    home = await mothers(door)
    change = await requested(door, home, renaming(home))

    assert (await decide(door, change, accepted=False))[0] == 422
    status, decided = await decide(door, change, accepted=False, reason="Il manque une pièce.")

    assert (status, decided["state"]) == (200, "refused")
    assert (await home_of(door, home.headers)).child("Jeanne")
    assert (await door.get(CHANGES, home.headers))[1][0]["reason"] == "Il manque une pièce."


async def test_a_request_is_decided_once_also_at_the_same_moment(door: Door) -> None:
    home = await mothers(door)
    change = await requested(door, home, renaming(home))

    answers = await asyncio.gather(
        *(decide(door, change, accepted=accepted, reason="Vu.") for accepted in (True, False, True, False))
    )

    assert sorted(status for status, _ in answers) == [200, 409, 409, 409]
    assert len(await door.told("identity.change_decided.v1")) == 1


async def test_a_request_can_be_taken_back_until_it_is_answered(door: Door) -> None:
    home = await mothers(door)
    change = await requested(door, home, renaming(home))
    path = f"/api/v1/{CHANGES}/{change['change_id']}"

    assert (await door.client.delete(path, headers=home.headers)).status == 204
    assert (await door.client.delete(path, headers=home.headers)).status == 409
    assert (await decide(door, change))[0] == 409
    await requested(door, home, renaming(home))


async def test_the_same_request_waits_once(door: Door) -> None:
    home = await mothers(door)
    answers = await asyncio.gather(*(door.post(CHANGES, renaming(home), home.headers) for _ in range(3)))

    assert sorted(status for status, _ in answers) == [201, 409, 409]
    refused = next(problem for status, problem in answers if status == 409)
    assert refused["type"] == "/problems/change-waits"


async def test_a_request_for_what_is_written_so_already_is_refused(door: Door) -> None:
    home = await mothers(door)

    status, problem = await door.post(CHANGES, renaming(home, first_name="Jeanne"), home.headers)

    assert (status, problem["type"]) == (422, "/problems/nothing-changes")


async def test_a_guardians_name_is_for_the_first_town(door: Door) -> None:
    home = await mothers(door)
    first = home.guardians[0]
    body = {
        "kind": "guardian_name",
        "guardian_id": first["guardian_id"],
        "first_name": "Claire",
        "last_name": "Dupont",
    }
    change = await requested(door, home, body)

    await decide(door, change)

    assert change["old"]["civility"] == change["new"]["civility"] == "Mme"
    assert (await home_of(door, home.headers)).guardians[0]["last_name"] == "Dupont"


async def test_a_new_child_gets_the_towns_reference_when_it_is_accepted(door: Door) -> None:
    home = await mothers(door)
    body = {"kind": "child_added", "first_name": "Zoé", "last_name": "Lefèvre", "birth_date": "2060-08-02"}
    change = await requested(door, home, body)

    assert (await decide(door, change))[1]["type"] == "/problems/reference-needed"
    assert (await decide(door, change, reference="E1"))[1]["type"] == "/problems/reference-taken"
    status, _ = await decide(door, change, reference="E9")

    after = await home_of(door, home.headers)
    assert status == 200
    (told,) = [one for one in await door.told("identity.adhesion_joined.v1") if one["sequence"] > 1]
    assert {"child_id": after.child("Zoé"), "reference": "E9"} in told["data"]["children"]
    _, page = await door.get(f"family-files?municipality_id={AURORE}", door.registrar)
    assert [one["reference"] for one in page["items"][0]["children"]] == ["E1", "E2", "E9"]


async def test_a_child_taken_off_leaves_household_and_file(door: Door) -> None:
    home = await mothers(door)
    change = await requested(door, home, {"kind": "child_removed", "child_id": home.child("Émile")})

    await decide(door, change)

    after = await home_of(door, home.headers)
    assert [one["first_name"] for one in after.children] == ["Jeanne"]
    told = (await door.told("identity.adhesion_joined.v1"))[-1]
    assert [one["reference"] for one in told["data"]["children"]] == ["E1"]


async def test_custody_weeks_asked_by_a_parent_are_set_when_the_town_accepts(door: Door) -> None:
    mother, father = await mothers(door), await fathers(door)
    swap = {"starts": "2060-12-19", "ends": "2060-12-26", "household": "theirs"}
    weeks = {"even_weeks": "ours", "changeover": 5, "exceptions": [swap]}
    change = await requested(door, mother, {"kind": "custody", "child_id": mother.child(), "weeks": weeks})
    assert father.id not in str(change)
    assert (change["new"]["even_weeks"], change["new"]["odd_weeks"]) == ("ours", "theirs")

    _, decided = await decide(door, change)

    assert decided["new"]["odd_weeks"] == father.id
    path = f"children-custody?municipality_id={AURORE}&child_id={mother.child()}"
    _, kept = await door.get(path, door.registrar)
    assert (kept["even_weeks"], kept["odd_weeks"], kept["changeover"]) == (mother.id, father.id, 5)
    assert kept["exceptions"] == [{"from": "2060-12-19", "until": "2060-12-26", "household_id": father.id}]
    assert len(await door.told("identity.custody_planned.v1")) == 1


async def test_custody_weeks_that_changed_meanwhile_are_not_overwritten(door: Door) -> None:
    mother, father = await mothers(door), await fathers(door)
    body = {"kind": "custody", "child_id": mother.child(), "weeks": {"even_weeks": "ours"}}
    change = await requested(door, mother, body)
    kept = {"municipality_id": AURORE, "child_id": mother.child(), "even_weeks": father.id, "odd_weeks": mother.id}
    await door.post("children-custody", kept, door.registrar)

    status, problem = await decide(door, change)

    assert (status, problem["type"]) == (409, "/problems/change-outdated")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"kind": "child_name", "first_name": "A"}, ["child_id", "last_name"]),
        ({"kind": "child_removed", "child_id": "chd_1", "first_name": "A"}, ["first_name"]),
        ({"kind": "custody"}, ["child_id", "weeks"]),
        ({"kind": "child_added", "first_name": "A", "last_name": "B"}, ["birth_date"]),
    ],
)
async def test_each_kind_has_its_own_fields(door: Door, body: dict[str, Any], fields: list[str]) -> None:
    home = await mothers(door)

    status, problem = await door.post(CHANGES, body, {**home.headers, "Accept-Language": "fr"})

    assert status == 422
    assert [error["field"] for error in problem["errors"]] == fields
    assert "cette sorte" in problem["errors"][0]["message"]


async def test_requests_are_the_households_and_the_towns_alone(door: Door) -> None:
    mother, father = await mothers(door), await fathers(door)
    change = await requested(door, mother, renaming(mother))
    other_town = door.issuer.agent(DORE, Role.MANAGER)
    cashier = door.issuer.agent(AURORE, Role.CASHIER)
    path = f"household-changes/{change['change_id']}/decision"

    assert (await door.get(CHANGES, father.headers))[1] == []
    assert (await door.client.delete(f"/api/v1/{CHANGES}/{change['change_id']}", headers=father.headers)).status == 404
    assert (await door.post(path, {"accepted": True}, other_town))[0] == 404
    assert (await door.post(path, {"accepted": True}, cashier))[0] == 403
    assert (await door.get(f"household-changes?municipality_id={AURORE}", other_town))[0] == 403
    foreign = renaming(mother, child_id=mother.child("Émile"))
    assert (await door.post(CHANGES, foreign, father.headers))[0] == 404


async def test_the_list_goes_on_where_the_page_ended(door: Door) -> None:
    home = await mothers(door)
    for name in ("Un", "Deux", "Trois"):
        body = {"kind": "child_added", "first_name": name, "last_name": "Lefèvre", "birth_date": "2060-08-02"}
        await requested(door, home, body)

    path = f"household-changes?municipality_id={AURORE}&limit=2"
    _, first = await door.get(path, door.registrar)
    _, second = await door.get(f"{path}&cursor={first['next_cursor']}", door.registrar)

    names = [one["new"]["first_name"] for one in first["items"] + second["items"]]
    assert (names, second["next_cursor"]) == (["Trois", "Deux", "Un"], None)
