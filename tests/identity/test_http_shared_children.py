"""One child of two households of one town: one id, both ways in, and custody weeks over both."""

from typing import Any

import pytest

from services.identity.store import ChildReferences
from services.identity.store.invariants import weeks_of_strangers
from shared.auth import Role
from tests.identity.conftest import Door, bearer
from tests.identity.homes import AT_FATHERS, FATHER_MAIL, Home, fathers, home_of, mothers
from tests.identity.samples import AURORE, DORE, EMILE, JEANNE, OTHER_TOWN, PASSWORD, table

JOINED = "identity.adhesion_joined.v1"
WEEKS = "from=2060-09-06&until=2060-09-26"


async def test_separated_parents_share_one_child_and_nothing_else(door: Door) -> None:
    mother, father = await mothers(door), await fathers(door)

    assert father.child() == mother.child()
    assert [one["first_name"] for one in father.children] == ["Jeanne"]
    assert father.id != mother.id
    assert "Claire" not in str(father.household)
    assert "Émile" not in str(father.household)


async def test_services_hear_the_same_child_of_both(door: Door) -> None:
    mother, father = await mothers(door), await fathers(door)

    told = {one["data"]["household_id"]: one["data"]["children"] for one in await door.told(JOINED)}
    assert {"child_id": mother.child(), "reference": "E1"} in told[mother.id]
    assert told[father.id] == [{"child_id": mother.child(), "reference": "E1"}]


async def test_the_other_way_in_shares_the_child_too(door: Door) -> None:
    """Thomas already has an account from another town, where Jeanne is not known, and joins with his code."""
    mother = await mothers(door)
    elsewhere = {**AT_FATHERS, "reference_enfant": "V9", "enfant_prenom": "Lou", "enfant_naissance": "01/02/2050"}
    code = await door.invited(elsewhere, town=DORE, email=FATHER_MAIL)
    form = {
        "code": code,
        "email": FATHER_MAIL,
        "password": PASSWORD,
        "family_name": "Roche",
        "guardians": [{"civility": "M.", "first_name": "Thomas", "last_name": "Roche"}],
        "children": [{"reference": "V9", "first_name": "Lou", "last_name": "Lefèvre"}],
    }
    _, session = await door.post("registrations", form)
    headers = bearer(session)
    second = await door.invited(AT_FATHERS, email=FATHER_MAIL)
    status, _ = await door.post("adhesions", {"code": second, "email": FATHER_MAIL}, headers)

    father = await home_of(door, headers)
    assert status == 201
    assert {one["first_name"] for one in father.children} == {"Lou", "Jeanne"}
    assert father.child() == mother.child()


async def test_a_newborn_in_both_files_is_one_child(door: Door) -> None:
    mother, father = await mothers(door), await fathers(door)
    born = {"reference_enfant": "E7", "enfant_prenom": "Nina", "enfant_naissance": "01/08/2060"}
    lines = [JEANNE, EMILE, {**JEANNE, **born}, AT_FATHERS, {**AT_FATHERS, **born}]

    status, report = await door.send(f"family-imports?municipality_id={AURORE}", table(*lines), door.registrar)

    assert (status, report["updated"]) == (201, 2)
    mother, father = await home_of(door, mother.headers), await home_of(door, father.headers)
    assert mother.child("Nina") == father.child("Nina")


async def test_two_references_are_one_child_once_an_agent_says_so(door: Door) -> None:
    mother = await mothers(door)
    other = {**AT_FATHERS, "reference_enfant": "E77"}
    await door.invited(other, email=FATHER_MAIL)
    body = {"municipality_id": AURORE, "reference": "E77", "same_as": "E1"}

    status, said = await door.post("shared-children", body, door.registrar)

    assert (status, said["child_id"]) == (201, mother.child())
    assert (await fathers(door, other)).child() == mother.child()


@pytest.mark.parametrize(
    ("change", "reference", "status", "code"),
    [
        ({}, "E404", 404, "reference-unknown"),
        ({"enfant_naissance": "15/03/2052"}, "E77", 409, "not-the-same-child"),
    ],
)
async def test_a_slip_of_the_agent_is_refused(
    door: Door, change: dict[str, str], reference: str, status: int, code: str
) -> None:
    await door.invited(JEANNE)
    await door.invited({**AT_FATHERS, "reference_enfant": "E77", **change}, email=FATHER_MAIL)
    body = {"municipality_id": AURORE, "reference": reference, "same_as": "E1"}

    answered, problem = await door.post("shared-children", body, door.registrar)

    assert (answered, problem["type"]) == (status, f"/problems/{code}")


async def test_children_that_joined_apart_are_for_the_list_of_duplicates(door: Door) -> None:
    await mothers(door)
    await fathers(door, {**AT_FATHERS, "reference_enfant": "E77"})
    body = {"municipality_id": AURORE, "reference": "E77", "same_as": "E1"}

    status, problem = await door.post("shared-children", body, door.registrar)

    assert (status, problem["type"]) == (409, "/problems/children-known-apart")


async def test_references_of_households_that_joined_before_are_filled_in_once(door: Door) -> None:
    mother = await mothers(door)
    await door.db["child_references"].delete_many({})

    for _ in range(2):
        await ChildReferences(door.db).fill(door.db)

    assert (await fathers(door)).child() == mother.child()


# --- custody weeks ----------------------------------------------------------------------------------------------------


def weeks(child: str, even: str, odd: str, **more: Any) -> dict[str, Any]:
    return {"municipality_id": AURORE, "child_id": child, "even_weeks": even, "odd_weeks": odd, **more}


async def shared(door: Door) -> tuple[Home, Home]:
    return await mothers(door), await fathers(door)


async def own_weeks(door: Door, home: Home) -> Any:
    status, found = await door.get(f"household/children/{home.child()}/custody?{WEEKS}", home.headers)
    assert status == 200, found
    return found


async def test_each_parent_sees_which_days_are_theirs(door: Door) -> None:
    """Monday 6 September 2060 begins week 37; the exception gives Sunday 12 away."""
    mother, father = await shared(door)
    swap = {"from": "2060-09-12", "until": "2060-09-12", "household_id": father.id}

    body = weeks(mother.child(), father.id, mother.id, exceptions=[swap])
    status, kept = await door.post("children-custody", body, door.registrar)

    assert status == 201, kept
    assert kept["exceptions"] == [swap]
    (hers,), (his,) = await own_weeks(door, mother), await own_weeks(door, father)
    assert hers["days"] == [
        {"from": "2060-09-06", "until": "2060-09-11", "ours": True},
        {"from": "2060-09-12", "until": "2060-09-19", "ours": False},
        {"from": "2060-09-20", "until": "2060-09-26", "ours": True},
    ]
    assert [one["ours"] for one in his["days"]] == [False, True, False]
    assert father.id not in str(hers)


async def test_weeks_are_told_by_ids_to_the_world_and_whole_to_services(door: Door) -> None:
    mother, father = await shared(door)
    body = weeks(mother.child(), mother.id, father.id)

    for _ in range(2):
        await door.post("children-custody", body, door.registrar)

    (world,) = await door.told("identity.custody_set.v1")
    (services,) = await door.told("identity.custody_planned.v1")
    assert world["data"]["household_ids"] == sorted([mother.id, father.id])
    assert services["data"]["plan"]["even_weeks"] == mother.id
    assert services["subject"] == f"{AURORE}/{mother.child()}"


async def test_weeks_taken_away_leave_every_day_to_both(door: Door) -> None:
    mother, father = await shared(door)
    await door.post("children-custody", weeks(mother.child(), mother.id, father.id), door.registrar)

    path = f"/api/v1/children-custody/{mother.child()}?municipality_id={AURORE}"
    gone = await door.client.delete(path, headers=door.registrar)
    again = await door.client.delete(path, headers=door.registrar)

    assert (gone.status, again.status) == (204, 404)
    assert await own_weeks(door, mother) == []
    assert (await door.told("identity.custody_planned.v1"))[-1]["data"]["plan"] is None


async def test_weeks_need_both_households_in_the_town(door: Door) -> None:
    mother = await mothers(door)

    status, problem = await door.post("children-custody", weeks(mother.child(), mother.id, mother.id), door.registrar)

    assert (status, problem["type"]) == (409, "/problems/child-not-shared")


async def test_a_household_that_does_not_have_the_child_is_no_part_of_its_weeks(door: Door) -> None:
    mother, _ = await shared(door)

    status, problem = await door.post(
        "children-custody", weeks(mother.child(), mother.id, f"hsh_{'0' * 32}"), door.registrar
    )

    assert (status, problem["type"]) == (422, "/problems/custody-unfit")
    assert [error["field"] for error in problem["errors"]] == ["odd_weeks"]
    assert problem["errors"][0]["message"]


async def test_weeks_of_a_child_are_nobody_elses_business(door: Door) -> None:
    mother, father = await shared(door)
    await door.post("children-custody", weeks(mother.child(), mother.id, father.id), door.registrar)
    stranger = door.issuer.guardian("hsh_" + "9" * 32, AURORE)
    other_town = door.issuer.agent(OTHER_TOWN["id"], Role.MANAGER)
    asked = f"children-custody?municipality_id={AURORE}&child_id={mother.child()}"

    assert (await door.get(f"household/children/{mother.child()}/custody?{WEEKS}", stranger))[0] == 404
    assert (await door.get(asked, other_town))[0] == 403
    assert (await door.get(asked, door.registrar))[1]["odd_weeks"] == father.id
    assert (await door.post("children-custody", weeks(mother.child(), mother.id, father.id), other_town))[0] == 403
    foreign = {**weeks(mother.child(), mother.id, father.id), "municipality_id": DORE}
    assert (await door.post("children-custody", foreign, other_town))[0] == 404


@pytest.mark.parametrize("query", ["from=2060-09-07&until=2060-09-06", "from=2060-01-01&until=2062-01-01", "from=x"])
async def test_spans_that_make_no_sense_are_refused(door: Door, query: str) -> None:
    mother = await mothers(door)

    status, problem = await door.get(f"household/children/{mother.child()}/custody?{query}", mother.headers)

    assert status == 422
    assert problem["errors"]


async def test_weeks_follow_a_household_that_is_merged_into_another_and_come_back(door: Door) -> None:
    """The father was written down twice: the file that stays has not had Jeanne yet."""
    mother, father = await shared(door)
    await door.post("children-custody", weeks(mother.child(), mother.id, father.id), door.registrar)
    twice = {**AT_FATHERS, "reference_famille": "F10", "email": "thomas@poste.example"}
    lou = {**twice, "reference_enfant": "E10", "enfant_prenom": "Lou", "enfant_naissance": "01/02/2050"}
    await joined_alone(door, lou)
    _, page = await door.get(f"family-files?municipality_id={AURORE}", door.registrar)
    ids = {one["reference"]: one["family_file_id"] for one in page["items"]}
    body = {"municipality_id": AURORE, "kept_file_id": ids["F10"], "merged_file_id": ids["F9"], "children": []}

    status, made = await door.post("merges", body, door.registrar)

    assert status == 201, made
    now = await kept_weeks(door, mother.child())
    assert now["even_weeks"] == mother.id
    assert now["odd_weeks"] in set(now["household_ids"]) - {mother.id, father.id}
    assert await weeks_of_strangers(door.db) == []
    assert (await door.told("identity.custody_planned.v1"))[-1]["data"]["plan"]["odd_weeks"] == now["odd_weeks"]

    undone = await door.client.delete(f"/api/v1/merges/{made['merge_id']}", headers=door.registrar)

    assert undone.status == 204
    assert (await kept_weeks(door, mother.child()))["odd_weeks"] == father.id


async def joined_alone(door: Door, line: dict[str, str]) -> None:
    code = await door.invited(line, email=line["email"])
    form = {
        "code": code,
        "email": line["email"],
        "password": PASSWORD,
        "family_name": "Roche",
        "guardians": [{"civility": "M.", "first_name": "Thomas", "last_name": "Roche"}],
        "children": [{"reference": line["reference_enfant"], "first_name": "Lou", "last_name": "Lefèvre"}],
    }
    status, session = await door.post("registrations", form)
    assert status == 201, session


async def kept_weeks(door: Door, child: str) -> Any:
    return (await door.get(f"children-custody?municipality_id={AURORE}&child_id={child}", door.registrar))[1]
