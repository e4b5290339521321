"""Files that may be one family's are found; merged they are one, and undone they are two again."""

from typing import Any

import pytest

from services.identity.domain.duplicates import likes_of, pair_of
from shared.auth import Role
from tests.identity.conftest import Door, bearer, registration
from tests.identity.samples import AURORE, BENALI, DORE, EMILE, JEANNE, child, family, family_file, table

TWIN_MAIL = "thomas.lefevre@messagerie.example"
# The same family, entered again by another office: one child is there already, one is not.
TWIN: dict[str, str] = {
    **JEANNE,
    "reference_famille": "F7",
    "nom_famille": "LEFEVRE",
    "email": TWIN_MAIL,
    "telephone": "+33 6 39 98 00 00",
    "adresse": "Résidence Bel Air",
    "resp1_civilite": "M.",
    "resp1_prenom": "Thomas",
    "resp2_civilite": "",
    "resp2_nom": "",
    "resp2_prenom": "",
    "reference_enfant": "E7",
    "enfant_prenom": "jeanne",
    "enfant_nom": "LEFEVRE",
}
NINA = {**TWIN, "reference_enfant": "E8", "enfant_prenom": "Nina", "enfant_naissance": "05/05/2056"}
PAIRS = [{"kept_reference": "E1", "merged_reference": "E7"}]


# --- what two files share -------------------------------------------------------------------------------------------


def other(**changes: Any) -> Any:
    nothing = {"reference": "F9", "name": "Autre", "email": "x@y.example", "phone": "", "address": "", "guardians": ()}
    return family_file(id="ff_2", family=family(**{**nothing, "children": (child("E9", "Autre"),), **changes}))


@pytest.mark.parametrize(
    ("shared", "reasons"),
    [
        ({"children": (child("E9", "JEANNE"),)}, ("child",)),
        ({"email": "claire.lefevre@messagerie.example"}, ("email",)),
        ({"phone": "0033639980000"}, ("phone",)),
        ({"name": "lefevre", "address": "22, Résidence Bel Air 37999 Sainte-Aurore"}, ("address",)),
        ({"children": (child("E9", "JEANNE"),), "phone": "0639980000"}, ("child", "phone")),
    ],
)
def test_files_that_share_something_are_a_pair_with_the_reason(shared: dict[str, Any], reasons: tuple[str, ...]):
    pair = pair_of(family_file(), other(**shared))
    assert pair is not None
    assert pair.reasons == reasons
    assert set(likes_of(family_file().family)) & set(likes_of(other(**shared).family))


@pytest.mark.parametrize("shared", [{}, {"name": "Lefèvre"}, {"address": "22 résidence Bel-Air, 37999 Sainte-Aurore"}])
def test_a_name_or_an_address_alone_makes_no_pair(shared: dict[str, Any]):
    assert pair_of(family_file(), other(**shared)) is None


def test_more_in_common_says_more_and_never_more_than_certainty():
    whole = pair_of(family_file(), other(**vars(family())))
    part = pair_of(family_file(), other(phone="0639980000"))
    assert whole is not None
    assert part is not None
    assert part.score < whole.score == 100


def test_what_is_indexed_says_nothing_of_whom_it_is_about():
    assert all(isinstance(like, int) and 0 < like < 2**63 for like in likes_of(family()))


# --- over HTTP ------------------------------------------------------------------------------------------------------


async def imported(door: Door, *lines: dict[str, str], town: str = AURORE) -> dict[str, str]:
    """File ids by the town's reference."""
    headers = door.issuer.agent(town, Role.REGISTRAR)
    status, report = await door.send(f"family-imports?municipality_id={town}&invite=true", table(*lines), headers)
    assert (status, report["refused"]) == (201, []), report
    _, page = await door.get(f"family-files?municipality_id={town}", headers)
    return {one["reference"]: one["family_file_id"] for one in page["items"]}


async def duplicates(door: Door, town: str = AURORE) -> Any:
    status, page = await door.get(f"duplicates?municipality_id={town}", door.issuer.agent(town, Role.REGISTRAR))
    assert status == 200, page
    return page["items"]


async def merged(door: Door, ids: dict[str, str], kept: str = "F1", gone: str = "F7", pairs: Any = None) -> Any:
    body = {"municipality_id": AURORE, "kept_file_id": ids[kept], "merged_file_id": ids[gone]}
    body["children"] = PAIRS if pairs is None else pairs
    status, made = await door.post("merges", body, door.registrar)
    assert status == 201, made
    return made


async def undone(door: Door, made: Any) -> tuple[int, Any]:
    answer = await door.client.delete(f"/api/v1/merges/{made['merge_id']}", headers=door.registrar)
    return answer.status, await answer.json() if answer.status != 204 else None


async def claire(door: Door) -> dict[str, str]:
    code = (await door.codes(registration("")["email"]))[-1]
    status, session = await door.post("registrations", registration(code))
    assert status == 201, session
    return bearer(session)


async def thomas(door: Door) -> dict[str, str]:
    code = (await door.codes(TWIN_MAIL))[-1]
    children = [
        {"reference": "E7", "first_name": "Jeanne", "last_name": "Lefèvre"},
        {"reference": "E8", "first_name": "Nina", "last_name": "Lefèvre"},
    ]
    guardians = [{"civility": "M.", "first_name": "Thomas", "last_name": "Lefèvre"}]
    body = registration(code, email=TWIN_MAIL, guardians=guardians, children=children)
    status, session = await door.post("registrations", body)
    assert status == 201, session
    return bearer(session)


async def state(door: Door) -> dict[str, list[Any]]:
    """Everything a merge may touch, as it is kept."""
    found = {}
    for name in ("family_files", "households", "accounts", "child_references"):
        documents = await door.db[name].find({}, {"outbox": 0, "version": 0}, sort=[("_id", 1)]).to_list(None)
        found[name] = documents
    return found


async def test_a_family_entered_twice_is_found_once_with_the_child_both_files_have(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA, {**BENALI, "telephone": "02 61 91 20 00"})
    [pair] = await duplicates(door)
    assert {one["family_file_id"] for one in pair["files"]} == {ids["F1"], ids["F7"]}
    assert pair["reasons"] == ["child", "phone"]
    # Which comes first is decided by their ids.
    [child] = pair["children"]
    by_file = dict(zip((one["reference"] for one in pair["files"]), child.values(), strict=True))
    assert by_file == {"F1": "E1", "F7": "E7"}


async def test_two_families_that_are_not_one_are_not_proposed_again(door: Door):
    ids = await imported(door, JEANNE, TWIN)
    body = {"municipality_id": AURORE, "first_file_id": ids["F7"], "second_file_id": ids["F1"]}
    assert (await door.post("duplicates/dismissals", body, door.registrar))[0] == 204
    assert await duplicates(door) == []


async def test_a_number_half_the_town_has_is_the_town_hall_s_and_no_reason(door: Door):
    lines = [
        {
            **BENALI,
            "reference_famille": f"M{n}",
            "email": f"m{n}@messagerie.example",
            "enfant_prenom": f"Lou{'a' * n}",
            "reference_enfant": f"C{n}",
            "nom_famille": f"Nom{'b' * n}",
        }
        for n in range(12)
    ]
    await imported(door, *lines)
    assert await duplicates(door) == []


async def test_pairs_of_another_town_are_its_own(door: Door):
    await imported(door, JEANNE, TWIN)
    assert await duplicates(door, DORE) == []
    await imported(door, TWIN, town=DORE)
    assert len(await duplicates(door)) == 1
    assert await duplicates(door, DORE) == []


async def test_before_anybody_joined_the_kept_file_adopts_the_other_one_s_children(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    await merged(door, ids)
    _, page = await door.get(f"family-files?municipality_id={AURORE}", door.registrar)
    [file] = page["items"]
    _, found = await door.get(f"household-search?municipality_id={AURORE}&q=nina", door.registrar)
    assert (file["reference"], [one["reference"] for one in found["items"]]) == ("F1", ["F1"])
    assert [one["reference"] for one in found["items"][0]["children"]] == ["E1", "E2", "E8"]
    assert await duplicates(door) == []


async def test_a_family_that_joins_later_has_one_child_under_both_references(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN)
    await merged(door, ids)
    _, household = await door.get("household", await claire(door))
    named = {one["reference"]: one["child_id"] for one in household["towns"][0]["children"]}
    assert len(household["children"]) == 2
    assert named["E7"] == named["E1"] != named["E2"]


async def test_a_family_that_joined_gets_the_other_file_s_children_and_keeps_its_ids(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    headers = await claire(door)
    _, before = await door.get("household", headers)
    await merged(door, ids)
    _, after = await door.get("household", headers)
    assert [one["child_id"] for one in after["children"]][:2] == [one["child_id"] for one in before["children"]]
    assert [one["first_name"] for one in after["children"]] == ["Jeanne", "Émile", "Nina"]
    told = (await door.told("identity.adhesion_joined.v1"))[-1]["data"]
    assert {one["reference"] for one in told["children"]} == {"E1", "E2", "E7", "E8"}


async def test_a_household_that_joined_with_the_other_file_goes_with_the_kept_one(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    headers = await thomas(door)
    _, before = await door.get("household", headers)
    jeanne, nina = (one["child_id"] for one in before["children"])
    await merged(door, ids)
    _, after = await door.get("household", headers)
    named = {one["reference"]: one["child_id"] for one in after["towns"][0]["children"]}
    assert (after["household_id"], after["towns"][0]["family_reference"]) == (before["household_id"], "F1")
    assert (named["E1"], named["E7"], named["E8"]) == (jeanne, jeanne, nina)
    assert len(after["children"]) == 3


async def test_of_two_households_the_kept_one_has_everything_and_both_parents_sign_in_to_it(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    mother, father = await claire(door), await thomas(door)
    _, kept = await door.get("household", mother)
    _, gone = await door.get("household", father)
    made = await merged(door, ids)
    assert (made["household_id"], made["merged_household_id"]) == (kept["household_id"], gone["household_id"])
    assert made["children"] == [
        {"kept_child_id": kept["children"][0]["child_id"], "merged_child_id": gone["children"][0]["child_id"]}
    ]
    _, after = await door.get("household", mother)
    assert [one["first_name"] for one in after["children"]] == ["Jeanne", "Émile", "Nina"]
    assert after["children"][2]["child_id"] == gone["children"][1]["child_id"]
    # Thomas is the second guardian of the one and the first of the other: one person.
    assert [one["first_name"] for one in after["guardians"]] == ["Claire", "Thomas"]
    accounts = await door.db["accounts"].find({"household_id": kept["household_id"]}).to_list(None)
    guardians = {one["email"]: one["guardian_id"] for one in accounts}
    assert guardians[TWIN_MAIL] == after["guardians"][1]["guardian_id"]


async def test_the_merge_of_households_is_told_with_their_adhesions_anew(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    _, kept = await door.get("household", await claire(door))
    _, gone = await door.get("household", await thomas(door))
    made = await merged(door, ids)
    [fact] = [one["data"] for one in await door.told("identity.households_merged.v1")]
    assert fact["kept_household_id"] == kept["household_id"]
    assert fact["merged_household_id"] == gone["household_id"]
    assert fact["children"] == [
        {"kept": one["kept_child_id"], "merged": one["merged_child_id"]} for one in made["children"]
    ]
    assert (await door.told("identity.adhesion_ended.v1"))[-1]["data"]["household_id"] == gone["household_id"]
    joined = (await door.told("identity.adhesion_joined.v1"))[-1]["data"]
    assert {one["reference"] for one in joined["children"]} == {"E1", "E2", "E7", "E8"}


async def test_towns_of_the_merged_household_go_along_with_their_files(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    elsewhere = {**NINA, "reference_famille": "D1", "reference_enfant": "D8"}
    mother, father = await claire(door), await thomas(door)
    there = await imported(door, elsewhere, town=DORE)
    code = (await door.codes(TWIN_MAIL))[-1]
    status, answer = await door.post("adhesions", {"code": code, "email": TWIN_MAIL}, father)
    assert status == 201, answer
    made = await merged(door, ids)
    _, household = await door.get("household", mother)
    assert sorted(one["municipality_id"] for one in household["towns"]) == [DORE, AURORE]
    file = await door.db["family_files"].find_one({"_id": there["D1"]})
    assert file is not None
    assert file["household_id"] == made["household_id"]
    assert (await undone(door, made))[0] == 204
    file = await door.db["family_files"].find_one({"_id": there["D1"]})
    assert file is not None
    assert file["household_id"] == made["merged_household_id"]


@pytest.mark.parametrize("who", ["nobody", "claire", "thomas", "both"])
async def test_undoing_a_merge_leaves_everything_exactly_as_it_was(door: Door, who: str):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    if who in ("claire", "both"):
        await claire(door)
    if who in ("thomas", "both"):
        await thomas(door)
    before = await state(door)
    made = await merged(door, ids)
    assert await state(door) != before
    assert await undone(door, made) == (204, None)
    after = await state(door)
    fresh = [one for one in after["child_references"] if one not in before["child_references"]]
    assert {name: found for name, found in after.items() if name != "child_references"} == {
        name: found for name, found in before.items() if name != "child_references"
    }
    assert all(one in after["child_references"] for one in before["child_references"])
    # An id that was settled for a reference waits for whoever joins with it.
    assert {one["reference"] for one in fresh} <= {"E1", "E2", "E7", "E8"}


async def test_an_undone_merge_is_told_and_can_be_made_again(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    await claire(door)
    await thomas(door)
    made = await merged(door, ids)
    await undone(door, made)
    [fact] = [one["data"] for one in await door.told("identity.households_unmerged.v1")]
    assert fact["merge_id"] == made["merge_id"]
    joined = [one["data"] for one in await door.told("identity.adhesion_joined.v1")][-2:]
    assert {one["household_id"] for one in joined} == {made["household_id"], made["merged_household_id"]}
    status, problem = await undone(door, made)
    assert (status, problem["type"]) == (409, "/problems/merge-undone")
    assert (await merged(door, ids))["merge_id"] != made["merge_id"]


async def test_a_merge_is_not_undone_over_something_newer(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    made = await merged(door, ids)
    await imported(door, {**JEANNE, "adresse": "3 rue Neuve"}, {**EMILE, "adresse": "3 rue Neuve"})
    status, problem = await undone(door, made)
    assert (status, problem["type"]) == (409, "/problems/changed-since-merge")
    assert "2060" in problem["detail"]


async def test_an_import_leaves_a_merged_file_alone_and_says_so_when_it_is_written_otherwise(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    await merged(door, ids)
    path = f"family-imports?municipality_id={AURORE}&invite=true"
    _, report = await door.send(path, table(JEANNE, EMILE, TWIN, NINA), door.registrar)
    assert (report["unchanged"], report["invited"], report["refused"]) == (2, 0, [])
    _, report = await door.send(
        path, table(JEANNE, EMILE, {**TWIN, "email": "neuve@messagerie.example"}), door.registrar
    )
    assert [(one["line"], one["field"]) for one in report["refused"]] == [(4, "reference_famille")]


async def test_the_code_of_a_merged_file_is_worth_nothing_any_more(door: Door):
    ids = await imported(door, JEANNE, TWIN)
    code = (await door.codes(TWIN_MAIL))[-1]
    await merged(door, ids)
    status, problem = await door.post("invitations/lookup", {"code": code, "email": TWIN_MAIL})
    assert (status, problem["type"]) == (410, "/problems/invitation-expired")
    status, problem = await door.post(f"family-files/{ids['F7']}/invitation", None, door.registrar)
    assert (status, problem["type"]) == (409, "/problems/file-merged")


@pytest.mark.parametrize(
    ("pairs", "fields"),
    [
        ([{"kept_reference": "E9", "merged_reference": "E7"}], ["children.0.kept_reference"]),
        ([{"kept_reference": "E1", "merged_reference": "E1"}], ["children.0.merged_reference"]),
        ([*PAIRS, *PAIRS], ["children.1.kept_reference", "children.1.merged_reference"]),
    ],
)
async def test_children_that_are_not_there_are_refused_one_by_one(door: Door, pairs: Any, fields: list[str]):
    ids = await imported(door, JEANNE, TWIN)
    body = {"municipality_id": AURORE, "kept_file_id": ids["F1"], "merged_file_id": ids["F7"], "children": pairs}
    status, problem = await door.post("merges", body, door.registrar)
    assert (status, problem["type"]) == (422, "/problems/merge-unfit")
    assert [one["field"] for one in problem["errors"]] == fields


async def test_a_file_is_merged_once_and_never_into_itself(door: Door):
    ids = await imported(door, JEANNE, TWIN, BENALI)
    body = {"municipality_id": AURORE, "kept_file_id": ids["F1"], "merged_file_id": ids["F1"]}
    assert (await door.post("merges", body, door.registrar))[1]["type"] == "/problems/same-file"
    await merged(door, ids)
    body = {"municipality_id": AURORE, "kept_file_id": ids["F2"], "merged_file_id": ids["F7"]}
    assert (await door.post("merges", body, door.registrar))[1]["type"] == "/problems/file-merged"


async def test_a_merge_of_merges_is_undone_last_first(door: Door):
    ids = await imported(door, JEANNE, TWIN, NINA, {**BENALI, "telephone": "06 39 98 00 00"})
    first = await merged(door, ids)
    second = await merged(door, ids, "F2", "F1", [])
    _, found = await door.get(f"household-search?municipality_id={AURORE}&q=nina", door.registrar)
    assert [one["reference"] for one in found["items"]] == ["F2"]
    assert (await undone(door, first))[1]["type"] == "/problems/changed-since-merge"
    assert (await undone(door, second))[0] == 204
    assert (await undone(door, first))[0] == 204


async def test_another_town_s_files_and_merges_are_unknown(door: Door):
    ids = await imported(door, JEANNE, TWIN)
    made = await merged(door, ids)
    stranger = door.issuer.agent(DORE, Role.MANAGER)
    body = {"municipality_id": DORE, "kept_file_id": ids["F1"], "merged_file_id": ids["F7"]}
    assert (await door.post("merges", body, stranger))[0] == 404
    dismissal = {"municipality_id": DORE, "first_file_id": ids["F1"], "second_file_id": ids["F7"]}
    assert (await door.post("duplicates/dismissals", dismissal, stranger))[0] == 404
    answer = await door.client.delete(f"/api/v1/merges/{made['merge_id']}", headers=stranger)
    assert answer.status == 404
    assert (await door.get(f"merges?municipality_id={DORE}", stranger))[1] == []
    assert (await door.get(f"merges?municipality_id={AURORE}", door.registrar))[1][0]["merge_id"] == made["merge_id"]


async def test_pick_up_persons_of_the_merged_household_go_on_collecting_the_same_children(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    mother, father = await claire(door), await thomas(door)
    _, kept = await door.get("household", mother)
    _, gone = await door.get("household", father)
    person = {"first_name": "Odette", "last_name": "Roy", "phone": "06 39 98 11 11", "relationship": "Grand-mère"}
    children = [one["child_id"] for one in gone["children"]]
    body = {**person, "child_ids": children, "valid_from": "2060-09-01", "valid_until": None}
    status, answer = await door.post("household/pickup-persons", body, father)
    assert status == 201, answer
    before = await door.db["pickup_lists"].find({}, {"outbox": 0, "version": 0}, sort=[("_id", 1)]).to_list(None)
    made = await merged(door, ids)
    _, listed = await door.get("household/pickup-persons", mother)
    [odette] = listed["items"] if isinstance(listed, dict) else listed
    assert odette["child_ids"] == [kept["children"][0]["child_id"], gone["children"][1]["child_id"]]
    await undone(door, made)
    after = await door.db["pickup_lists"].find({}, {"outbox": 0, "version": 0}, sort=[("_id", 1)]).to_list(None)
    assert [one for one in after if one["persons"]] == before
    told = [one["data"] for one in await door.told("identity.pickup_persons_profiled.v1")][-2:]
    assert {one["household_id"]: len(one["persons"]) for one in told} == {
        kept["household_id"]: 0,
        gone["household_id"]: 1,
    }


async def test_households_that_share_custody_are_not_merged(door: Door):
    ids = await imported(door, JEANNE, EMILE, TWIN, NINA)
    mother, father = await claire(door), await thomas(door)
    _, kept = await door.get("household", mother)
    _, gone = await door.get("household", father)
    plan = {"even_weeks": kept["household_id"], "odd_weeks": gone["household_id"], "changeover": 1, "exceptions": []}
    await door.db["custody"].insert_one(
        {
            "_id": f"{AURORE}/{gone['children'][0]['child_id']}",
            "municipality_id": AURORE,
            "child_id": gone["children"][0]["child_id"],
            "plan": plan,
            "version": 1,
        }
    )
    body = {"municipality_id": AURORE, "kept_file_id": ids["F1"], "merged_file_id": ids["F7"], "children": PAIRS}
    status, problem = await door.post("merges", body, door.registrar)
    assert (status, problem["type"]) == (409, "/problems/custody-shared")
