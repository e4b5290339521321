"""Agents find families of their town, and only of theirs, by the index alone."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest

from services.identity.domain.families import FamilyFile
from services.identity.domain.imports import FileChange
from services.identity.domain.search import Term
from services.identity.store import FamilyFileStore, FamilySearch
from shared.auth import Role
from shared.ids import new_id
from shared.mongo import Database
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, BENALI, DORE, EMILE, JEANNE, START, child, family, table


async def _kept(db: Database, *files: FamilyFile, town: str = AURORE) -> None:
    store = FamilyFileStore(db, lambda _: None)
    await store.save_all(town, [FileChange(file, None) for file in files], START)


def _file(reference: str, name: str, *first_names: str, **changes: Any) -> FamilyFile:
    children = tuple(child(f"{reference}-{n}", first, last_name=name) for n, first in enumerate(first_names))
    written = family(reference=reference, name=name, email="", phone="", guardians=(), children=children)
    return FamilyFile(id=new_id("ff"), municipality_id=AURORE, family=replace(written, **changes))


async def _found(door: Door, headers: dict[str, str] | None = None, **question: Any) -> Any:
    asked = urlencode({"municipality_id": AURORE, **question})
    return await door.get(f"household-search?{asked}", headers or door.registrar)


async def _names(door: Door, **question: Any) -> list[str]:
    status, page = await _found(door, **question)
    assert status == 200, page
    return [one["name"] for one in page["items"]]


@pytest.mark.parametrize(
    "question",
    [
        {"q": "lefe"},
        {"q": "LEFÈVRE"},
        {"q": "jeanne thom"},
        {"q": "clai lef emi"},
        {"q": "F1"},
        {"q": "E2"},
        {"q": "claire.lefevre@mess"},
        {"q": "14/03/2052"},
        {"q": "06 39"},
        {"birth_date": "2054-10-02"},
        {"phone": "+33 6 39 98"},
        {"q": "lef", "birth_date": "2052-03-14", "phone": "0639980000"},
    ],
)
async def test_a_family_is_found_by(door: Door, question: dict[str, str]):
    other = {**BENALI, "telephone": "02 61 91 20 00"}
    await door.send(f"family-imports?municipality_id={AURORE}", table(JEANNE, EMILE, other), door.registrar)
    assert await _names(door, **question) == ["Lefèvre"]


@pytest.mark.parametrize(
    "question",
    [
        {"q": "lefevre yanis"},
        {"q": "efevre"},
        {"q": "lefevre", "birth_date": "2053-06-21"},
        {"q": "messagerie.example"},
        {"q": "lef.*"},
        {"q": "jeanne", "phone": "0701"},
    ],
)
async def test_nobody_is_found_by(door: Door, question: dict[str, str]):
    await door.send(f"family-imports?municipality_id={AURORE}", table(JEANNE, EMILE, BENALI), door.registrar)
    assert await _names(door, **question) in ([], ["Lefèvre"] if question["q"] == "lef.*" else [])


async def test_what_is_found_says_who_and_where_without_a_household_before_they_join(door: Door):
    await door.invited()
    _, page = await _found(door, q="lefevre")
    [one] = page["items"]
    assert (one["reference"], one["household_id"], one["state"]) == ("F1", None, "invited")
    assert [each["first_name"] for each in one["children"]] == ["Jeanne", "Émile"]


async def test_a_family_that_joined_is_found_with_its_household(door: Door):
    await door.joined()
    _, page = await _found(door, q="lefevre")
    assert page["items"][0]["household_id"].startswith("hsh_")


async def test_a_corrected_file_is_found_by_what_it_says_now(door: Door):
    path = f"family-imports?municipality_id={AURORE}"
    await door.send(path, table(JEANNE), door.registrar)
    await door.send(path, table({**JEANNE, "resp1_prenom": "Clarisse"}), door.registrar)
    assert await _names(door, q="clarisse") == ["Lefèvre"]
    assert await _names(door, q="claire lefevre") == ["Lefèvre"]  # the address still says so
    assert await _names(door, q="thomas clair") == ["Lefèvre"]


async def test_pages_name_everybody_once_though_several_words_of_a_family_fit(door: Door, db: Database):
    files = [_file(f"R{n}", f"Mar{letter}", "Marie", "Marc") for n, letter in enumerate("abcdefghij")]
    await _kept(db, *files)
    seen: list[str] = []
    cursor = ""
    for _ in range(4):
        _, page = await _found(door, q="mar", limit=3, cursor=cursor)
        seen += [one["reference"] for one in page["items"]]
        cursor = page["next_cursor"] or ""
    assert cursor == ""
    assert sorted(seen) == sorted(file.family.reference for file in files)


async def test_a_word_in_a_namesake_s_place_changes_nothing(door: Door, db: Database):
    await _kept(db, *[_file(f"N{n}", "Martin", "Louise") for n in range(7)])
    first = await _found(door, q="martin louise", limit=4)
    second = await _found(door, q="martin louise", limit=4, cursor=first[1]["next_cursor"])
    found = [one["reference"] for page in (first, second) for one in page[1]["items"]]
    assert sorted(found) == [f"N{n}" for n in range(7)]


async def test_another_town_s_families_are_never_found(door: Door):
    await door.invited()
    elsewhere = door.issuer.agent(DORE, Role.REGISTRAR)
    status, page = await _found(door, elsewhere, q="lefevre", municipality_id=DORE)
    assert (status, page["items"]) == (200, [])
    status, _ = await _found(door, elsewhere, q="lefevre")
    assert status == 403


@pytest.mark.parametrize("question", [{"q": ""}, {"q": "a"}, {"phone": "06"}])
async def test_a_question_that_narrows_nothing_is_refused_with_what_to_type(door: Door, question: dict[str, str]):
    status, problem = await _found(door, **question)
    assert (status, problem["type"]) == (422, "/problems/search-too-wide")


@pytest.mark.parametrize("cursor", ["x", "bnVsbA==", "W10=", "WyJhIl0="])
async def test_a_cursor_nobody_gave_is_refused(door: Door, cursor: str):
    status, _ = await _found(door, q="lefevre", cursor=cursor)
    assert status == 404


async def test_files_kept_before_there_was_a_search_are_found_after_migrating(door: Door, db: Database):
    await _kept(db, *[_file(f"O{n}", "Ancien", "Lou") for n in range(3)])
    await db["family_files"].update_many({}, {"$unset": {"search": 1, "adopted": 1, "merged_into": 1}})
    assert await _names(door, q="ancien") == []
    assert (await FamilySearch(db).fill(), await FamilySearch(db).fill()) == (3, 0)
    assert await _names(door, q="ancien") == ["Ancien"] * 3


async def test_searching_reads_the_index_and_never_the_whole_collection(migrated: Database):
    search = FamilySearch(migrated)
    for wanted in (
        [Term("lef")],
        [Term("lef"), Term("jea")],
        [Term(date(2052, 3, 14).isoformat(), whole=True), Term("jea")],
    ):
        explained = await search.explain(AURORE, wanted)
        plan = explained["queryPlanner"]["winningPlan"]
        stages = _stages(plan)
        assert "IXSCAN" in stages, stages
        assert "COLLSCAN" not in stages, stages


async def test_the_rarest_word_is_looked_up_and_the_frequent_ones_only_compared(db: Database):
    await _kept(db, *[_file(f"C{n}", "Martin", "Louise") for n in range(60)], _file("R", "Zyskind", "Louise"))
    explained = await FamilySearch(db).explain(AURORE, [Term("louise"), Term("zysk")])
    assert explained["executionStats"]["totalKeysExamined"] <= 3


def _stages(plan: Any) -> set[str]:
    if isinstance(plan, dict):
        own = {plan["stage"]} if isinstance(plan.get("stage"), str) else set()
        return own.union(*(_stages(value) for value in plan.values()))
    if isinstance(plan, list):
        return set().union(*(_stages(value) for value in plan))
    return set()
