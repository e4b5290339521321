"""What a town offers, changed one thing at a time by its managers."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.catalogue_edits import (
    with_activity,
    with_changed_activity,
    with_changed_programme,
    with_changed_site,
    with_programme,
    with_site,
)
from services.reservations.domain.catalogue_entries import (
    ActivityEntry,
    ActivityParts,
    ProgrammeEntry,
    ProgrammeParts,
    SiteEntry,
    SiteParts,
    WrittenCatalogue,
)
from services.reservations.domain.catalogue_file import read_catalogue, written
from services.reservations.domain.refusals_of_rules import CodeTaken
from shared.auth import Caller, Role
from shared.errors import NotFound
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import PROGRAMMES, Rig, town_file
from tests.reservations.sample_town import TERM, TOWN, catalogue_file

QUERY = {"municipality_id": TOWN}
TEA = {"id": "gouter", "name": "GOÛTER", "runs_on": [TERM], "starts": "16:30", "ends": "17:00"}
SCHOOL = {"id": "ecole-pasteur", "name": "École Pasteur"}


def as_written() -> WrittenCatalogue:
    return town_file()


def codes(entries: Any) -> list[str]:
    return [one.id for one in entries]


def test_what_is_written_back_reads_as_it_was() -> None:
    limits = [{"places": 8, "ages": [3, 5], "from": "2026-02-16", "until": "2026-02-20", "weekdays": [1, 2]}]
    asked = catalogue_file()
    asked["programmes"][2]["counters"] = [
        {"id": "salle", "activities": ["journee", "stage"], "limits": limits, "split_by": ["age"]}
    ]
    asked["programmes"][2]["activities"][0]["audience"] = {"residents": True}
    catalogue = read_catalogue(WrittenCatalogue.model_validate(asked), TOWN)

    assert read_catalogue(written(catalogue), TOWN) == catalogue
    assert WrittenCatalogue.model_validate_json(written(catalogue).model_dump_json()) == written(catalogue)


def test_a_town_without_programmes_is_written_too() -> None:
    assert written(Catalogue()) == WrittenCatalogue(sites=(), programmes=())


def test_a_site_and_a_programme_and_an_activity_are_added() -> None:
    town = with_site(as_written(), SiteEntry.model_validate(SCHOOL))
    programme = ProgrammeEntry.model_validate({**catalogue_file()["programmes"][0], "id": "etude", "activities": [TEA]})
    town = with_programme(town, programme)
    town = with_activity(town, "garderie", ActivityEntry.model_validate({**TEA, "id": "nuit"}))

    assert codes(town.sites)[-1] == "ecole-pasteur"
    assert codes(town.programmes) == [*PROGRAMMES, "etude"]
    assert codes(town.programmes[1].activities)[-1] == "nuit"


def test_a_code_is_given_once() -> None:
    with pytest.raises(CodeTaken):
        with_activity(as_written(), "garderie", ActivityEntry.model_validate({**TEA, "id": "soir-1"}))


def test_a_programme_changes_without_its_activities() -> None:
    parts = ProgrammeParts.model_validate({"name": "Cantine", "billing_mode": "postpaid", "sites": ["ecole-jean-mace"]})
    changed = with_changed_programme(as_written(), "restaurant", parts).programmes[0]

    assert (changed.name, changed.sites) == ("Cantine", ("ecole-jean-mace",))
    assert changed.activities == as_written().programmes[0].activities


def test_an_exclusion_taken_back_on_one_side_is_taken_back_on_both() -> None:
    back = written(read_catalogue(as_written(), TOWN))
    meal = ActivityParts.model_validate({"name": "REPAS", "runs_on": [TERM]})
    changed = with_changed_activity(back, "restaurant", "repas", meal)

    programme = read_catalogue(changed, TOWN).programmes[f"{TOWN}.restaurant"]
    assert [activity.excludes for activity in programme.activities] == [frozenset(), frozenset()]


PROGRAMME = ProgrammeParts.model_validate({"name": "A", "billing_mode": "postpaid", "sites": ["ecole-jean-mace"]})


@pytest.mark.parametrize(
    "edit",
    [
        lambda town: with_changed_site(town, "ailleurs", SiteParts(name="A")),
        lambda town: with_changed_programme(town, "ailleurs", PROGRAMME),
        lambda town: with_changed_activity(town, "garderie", "repas", ActivityParts(name="A", runs_on=())),
        lambda town: with_activity(town, "ailleurs", ActivityEntry.model_validate(TEA)),
    ],
)
def test_what_is_not_there_is_not_changed(edit: Callable[[WrittenCatalogue], WrittenCatalogue]) -> None:
    with pytest.raises(NotFound):
        edit(as_written())


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


async def changing(http: Http, path: str, headers: dict[str, str]) -> dict[str, str]:
    """Headers of a change after reading what is to be changed."""
    answer = await http.get(path, params=QUERY if path.endswith("sites") else {}, headers=headers)
    assert answer.status == 200, await answer.text()
    return {**headers, "If-Match": answer.headers["ETag"]}


async def test_a_site_is_added_and_renamed(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    added = await http.post("/api/v1/sites", params=QUERY, json=SCHOOL, headers=manager)
    assert (added.status, (await added.json())["site_id"]) == (201, f"{TOWN}.ecole-pasteur")

    headers = await changing(http, "/api/v1/sites", manager)
    path = f"/api/v1/sites/{TOWN}.ecole-pasteur"
    changed = await http.put(path, json={"name": "École Louis-Pasteur", "kind": "school"}, headers=headers)
    assert (changed.status, (await changed.json())["name"]) == (200, "École Louis-Pasteur")
    assert (await rig.stores.catalogue.town(TOWN)).sites[f"{TOWN}.ecole-pasteur"].name == "École Louis-Pasteur"


async def test_an_activity_gets_times_and_the_programme_is_told(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    headers = await changing(http, f"/api/v1/programmes/{TOWN}.garderie", manager)
    path = f"/api/v1/programmes/{TOWN}.garderie/activities/{TOWN}.soir-1"
    body = {"name": "SOIR 1", "runs_on": [TERM], "starts": "16:30", "ends": "17:30", "audience": {"groups": ["CE1"]}}
    answer = await http.put(path, json=body, headers=headers)

    assert answer.status == 200, await answer.text()
    shown = await answer.json()
    assert (shown["starts"], shown["ends"], shown["audience"]["groups"]) == ("16:30", "17:30", ["CE1"])
    told = [body for kind, body in await rig.told("towns") if kind == "programme_published"]
    assert told[-1]["programme_id"] == f"{TOWN}.garderie"


async def test_a_towns_own_list_of_diets_names_no_belief(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    answer = await http.get("/api/v1/diets", params=QUERY, headers=manager)
    assert [one["id"] for one in (await answer.json())["items"]] == ["sans-porc", "sans-viande"]

    headers = {**manager, "If-Match": answer.headers["ETag"]}
    wrong = {"items": [{"id": "halal", "name": "Halal"}]}
    assert await refusal(await http.put("/api/v1/diets", params=QUERY, json=wrong, headers=headers)) == (
        422,
        "unusable-change",
    )
    mine = {"items": [{"id": "sans-poisson", "name": "Sans poisson"}]}
    changed = await http.put("/api/v1/diets", params=QUERY, json=mine, headers=headers)
    assert (await changed.json())["items"] == mine["items"]
    assert (await rig.stores.catalogue.town(TOWN)).diets == {"sans-poisson": "Sans poisson"}


async def test_what_is_added_at_the_same_moment_is_all_there(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    path = f"/api/v1/programmes/{TOWN}.garderie/activities"
    answers = await asyncio.gather(
        *(http.post(path, json={**TEA, "id": f"gouter-{number}"}, headers=manager) for number in range(3))
    )

    assert [answer.status for answer in answers] == [201, 201, 201]
    there = codes((await rig.stores.catalogue.town(TOWN)).programmes[f"{TOWN}.garderie"].activities)
    assert {f"{TOWN}.gouter-{number}" for number in range(3)} <= set(there)


async def test_who_did_not_see_the_last_change_does_not_overwrite_it(http: Http, manager: dict[str, str]) -> None:
    path = f"/api/v1/programmes/{TOWN}.garderie"
    headers = await changing(http, path, manager)
    body = {"name": "Périscolaire", "billing_mode": "postpaid", "sites": ["ecole-jean-mace"]}

    assert (await http.put(path, json=body, headers=headers)).status == 200
    assert await refusal(await http.put(path, json=body, headers=headers)) == (412, "version-passed")
    assert await refusal(await http.put(path, json=body, headers=manager)) == (428, "version-missing")


async def test_a_change_is_held_to_what_a_file_is_held_to(http: Http, manager: dict[str, str]) -> None:
    path = f"/api/v1/programmes/{TOWN}.garderie/activities"
    answer = await http.post(path, json={**TEA, "requires": ["repas"]}, headers=manager)

    assert await refusal(answer) == (422, "unusable-change")
    assert [one["field"] for one in (await answer.json())["errors"]] == [
        "programmes.garderie.activities.gouter.requires"
    ]


async def test_a_manager_of_one_programme_changes_that_one_only(http: Http, issuer: Issuer) -> None:
    roles = {f"{TOWN}.garderie": frozenset({str(Role.MANAGER)})}
    headers = issuer.headers(Caller(account_id="acc_agent", programme_roles=roles))
    mine, other = (f"/api/v1/programmes/{TOWN}.{code}" for code in ("garderie", "restaurant"))

    assert (await http.post(f"{mine}/activities", json=TEA, headers=headers)).status == 201
    assert await refusal(await http.post(f"{other}/activities", json=TEA, headers=headers)) == (403, "forbidden")
    assert await refusal(await http.post("/api/v1/sites", params=QUERY, json=SCHOOL, headers=headers)) == (
        403,
        "forbidden",
    )


async def test_a_town_sends_its_own_file_back_and_nothing_changes(http: Http, manager: dict[str, str]) -> None:
    file = await (await http.get("/api/v1/programme-exports", params=QUERY, headers=manager)).json()
    answer = await http.post("/api/v1/programme-imports", params=QUERY, json=file, headers=manager)

    assert (await answer.json())["unchanged"] == len(PROGRAMMES)


async def test_an_unknown_programme_is_not_found(http: Http, manager: dict[str, str]) -> None:
    for path in (f"/api/v1/programmes/{TOWN}.piscine", f"/api/v1/programmes/{TOWN}."):
        assert await refusal(await http.get(path, headers=manager)) == (404, "not-found")
