"""Enrolments through the door: by agents of the town or of one programme, and what families can book then."""

from datetime import date
from typing import Any

import pytest
from aiohttp import ClientResponse

from shared.auth import Caller, Role
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import FRIDAY, MONDAY, REPAS, THURSDAY, Rig, child_of, programme
from tests.reservations.sample_town import TOWN

PATH = "/api/v1/enrolments"
WHOSE = {"municipality_id": TOWN}
TILLEULS, MACE = f"{TOWN}.ecole-des-tilleuls", f"{TOWN}.ecole-jean-mace"
NEW = {
    "municipality_id": TOWN,
    "programme_id": programme("restaurant"),
    "site_id": TILLEULS,
    "group": "CE2",
    "from": "2026-09-01",
    "until": "2027-07-02",
}
MEALS = {"programme_id": programme("restaurant"), "child_id": child_of(1)}


@pytest.fixture
def registrar(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.REGISTRAR)


async def listed(http: Http, headers: dict[str, str], **asked: str) -> list[dict[str, Any]]:
    response = await http.get(PATH, params={**WHOSE, **asked}, headers=headers)
    assert response.status == 200, await response.text()
    items: list[dict[str, Any]] = (await response.json())["items"]
    return items


async def add(http: Http, headers: dict[str, str], **changes: str) -> ClientResponse:
    return await http.post(PATH, json={**NEW, **changes}, headers=headers)


async def the_meals(http: Http, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Address of the child's enrolment in the canteen, and headers with its version."""
    (one,) = await listed(http, headers, **MEALS)
    return f"{PATH}/{one['enrolment_id']}", {**headers, "If-Match": f'"{one["version"]}"'}


def moved(**changes: str) -> dict[str, str]:
    return {"site_id": TILLEULS, "group": "CE1", "from": "2025-09-01", "until": "2026-07-03", **changes}


async def test_a_child_is_enrolled_by_its_reference_before_any_household_joins(
    http: Http, rig: Rig, registrar: dict[str, str]
) -> None:
    response = await add(http, registrar, reference="E9-9", category="personnel", diet="sans-porc")

    assert response.status == 201, await response.text()
    answer = await response.json()
    shown = answer["enrolment"]
    assert (shown["reference"], shown["child_id"], shown["category"], shown["diet"]) == (
        "E9-9",
        None,
        "personnel",
        "sans-porc",
    )
    assert answer["uncovered"] == 0
    assert response.headers["ETag"] == '"1"'
    ((kind, told),) = await rig.told("roster")
    assert (kind, told["enrolment_id"], told["child_ids"]) == ("child_enrolled", shown["enrolment_id"], [])


async def test_a_child_is_enrolled_by_its_id_and_again_changes_nothing(
    http: Http, rig: Rig, registrar: dict[str, str]
) -> None:
    first = await add(http, registrar, child_id=child_of(1))
    again = await add(http, registrar, child_id=child_of(1))

    assert (first.status, again.status) == (201, 201)
    assert (await first.json())["enrolment"] == (await again.json())["enrolment"]
    assert len(await rig.told("roster")) == 1
    found = await rig.stores.roster.child(child_of(1), "hsh_1", TOWN)
    enrolment = found.enrolment_on(programme("restaurant"), date(2026, 9, 1))
    assert enrolment is not None
    assert enrolment.group == "CE2"


async def test_an_enrolment_must_make_sense(http: Http, registrar: dict[str, str]) -> None:
    wrong = await add(http, registrar, child_id=child_of(1), site_id=f"{TOWN}.piscine")
    assert await refusal(wrong) == (422, "unusable-enrolment")
    assert [error["field"] for error in (await wrong.json())["errors"]] == ["site_id"]
    assert await refusal(await add(http, registrar)) == (422, "invalid-input")
    both = await add(http, registrar, child_id=child_of(1), reference="E1-1")
    assert await refusal(both) == (422, "invalid-input")
    assert await refusal(await add(http, registrar, child_id="chd_unknown")) == (404, "not-found")
    taken = await add(http, registrar, child_id=child_of(1), **{"from": "2025-09-01"})
    assert await refusal(taken) == (409, "already-enrolled")


async def test_a_move_to_another_school_counts_from_its_day(http: Http, rig: Rig, registrar: dict[str, str]) -> None:
    path, headers = await the_meals(http, registrar)

    assert await refusal(await http.put(path, params=WHOSE, json=moved(), headers=registrar)) == (
        428,
        "version-missing",
    )
    response = await http.put(path, params=WHOSE, json=moved(site_id=MACE, diet="sans-viande"), headers=headers)
    assert response.status == 200, await response.text()
    assert (await response.json())["enrolment"]["site_id"] == MACE
    assert response.headers["ETag"] == '"2"'
    assert await refusal(await http.put(path, params=WHOSE, json=moved(), headers=headers)) == (412, "version-passed")
    at_mace = await rig.stores.roster.children_on(TOWN, programme("restaurant"), MACE, MONDAY)
    assert [found.child_id for found in at_mace] == [child_of(1)]


async def test_an_end_keeps_what_was_and_counts_what_is_booked_after_it(
    http: Http, rig: Rig, registrar: dict[str, str]
) -> None:
    for day in (MONDAY, THURSDAY, FRIDAY):
        await rig.book(REPAS, day)
    path, headers = await the_meals(http, registrar)

    response = await http.delete(path, params={**WHOSE, "until": MONDAY.isoformat()}, headers=headers)
    assert response.status == 200, await response.text()
    answer = await response.json()
    assert (answer["enrolment"]["from"], answer["enrolment"]["until"]) == ("2025-09-01", "2026-03-09")
    assert answer["uncovered"] == 2
    assert await rig.state(REPAS, THURSDAY) == "booked"
    assert [kind for kind, _ in await rig.told("roster")] == ["enrolment_ended"]
    assert await listed(http, registrar, **MEALS, on="2026-03-10") == []
    assert len(await listed(http, registrar, **MEALS)) == 1


async def test_an_end_is_today_when_no_day_is_said(http: Http, rig: Rig, registrar: dict[str, str]) -> None:
    path, headers = await the_meals(http, registrar)

    answer = await (await http.delete(path, params=WHOSE, headers=headers)).json()

    assert answer["enrolment"]["until"] == rig.now.date().isoformat()


async def test_an_enrolment_that_never_began_is_gone(http: Http, registrar: dict[str, str]) -> None:
    answer = await (await add(http, registrar, child_id=child_of(1))).json()
    shown = answer["enrolment"]
    headers = {**registrar, "If-Match": f'"{shown["version"]}"'}

    gone = await http.delete(f"{PATH}/{shown['enrolment_id']}", params=WHOSE, headers=headers)

    assert (await gone.json())["enrolment"] is None
    assert len(await listed(http, registrar, **MEALS)) == 1


async def test_the_list_is_filtered_and_paged(http: Http, rig: Rig, registrar: dict[str, str]) -> None:
    meals = programme("restaurant")
    assert len(await listed(http, registrar)) == 16
    assert [one["reference"] for one in await listed(http, registrar, programme_id=meals)] == [
        "E1-1",
        "E1-2",
        "E2-1",
        "E2-2",
    ]
    assert await listed(http, registrar, site_id=MACE) == []
    assert await listed(http, registrar, group="CM2") == []
    assert len(await listed(http, registrar, group="CE1", programme_id=meals, on="2026-03-10")) == 4
    (one,) = await listed(http, registrar, programme_id=meals, child_id=child_of(2))
    assert (one["child_id"], one["group"], one["from"]) == (child_of(2), "CE1", "2025-09-01")

    pages, cursor = [], ""
    for _ in range(3):
        asked = {**WHOSE, "programme_id": meals, "limit": "3", "cursor": cursor}
        page = await (await http.get(PATH, params=asked, headers=registrar)).json()
        pages.append([one["reference"] for one in page["items"]])
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert pages == [["E1-1", "E1-2", "E2-1"], ["E2-2"]]


async def test_agents_of_one_programme_enrol_in_it_alone(http: Http, issuer: Issuer, registrar: dict[str, str]) -> None:
    roles = {programme("restaurant"): frozenset({"registrar"})}
    mine = issuer.headers(Caller(account_id="acc_meals", programme_roles=roles))

    assert {one["programme_id"] for one in await listed(http, mine)} == {programme("restaurant")}
    assert (await add(http, mine, child_id=child_of(1))).status == 201
    assert (await add(http, mine, child_id=child_of(1), programme_id=programme("garderie"))).status == 403
    (other,) = await listed(http, registrar, programme_id=programme("garderie"), child_id=child_of(1))
    headers = {**mine, "If-Match": f'"{other["version"]}"'}
    path = f"{PATH}/{other['enrolment_id']}"
    assert await refusal(await http.delete(path, params=WHOSE, headers=headers)) == (404, "not-found")


async def test_strangers_and_other_roles_have_no_business_here(http: Http, issuer: Issuer) -> None:
    for headers in (
        issuer.agent("ailleurs", Role.REGISTRAR),
        issuer.agent(TOWN, Role.CASHIER),
        issuer.guardian("hsh_1", TOWN),
    ):
        assert (await http.get(PATH, params=WHOSE, headers=headers)).status == 403
        assert (await add(http, headers, child_id=child_of(1))).status == 403


async def test_what_an_agent_does_to_a_child_is_noted(http: Http, rig: Rig, registrar: dict[str, str]) -> None:
    await listed(http, registrar, child_id=child_of(1))
    await add(http, registrar, child_id=child_of(1))

    notes = [data for kind, data in await rig.told("audit")]
    assert [(note["action"], note["child_ids"], note["household_ids"]) for note in notes] == [
        ("enrolments_listed", [child_of(1)], ["hsh_1"]),
        ("child_enrolled", [child_of(1)], ["hsh_1"]),
    ]
