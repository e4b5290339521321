"""Agents of one programme: what they may do in it, and nothing of the others; what they do is noted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.auth import Caller, Role
from tests.callers import Issuer
from tests.reservations.asking import Http, keyed, refusal
from tests.reservations.rig import MONDAY, REPAS, SITE, SOIR_1, Rig, programme
from tests.reservations.sample_town import TOWN

AFTER = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
APRIL = datetime(2026, 4, 2, 8, 0, tzinfo=UTC)
CANTEEN, CLUB = programme("restaurant"), programme("garderie")
DAY = MONDAY.isoformat()


@pytest.fixture
async def monday(rig: Rig) -> Rig:
    """At noon; a child is booked for lunch."""
    await rig.book(REPAS, MONDAY)
    rig.now = AFTER
    return rig


def of_canteen(issuer: Issuer, *roles: Role) -> dict[str, str]:
    held = {CANTEEN: frozenset(map(str, roles))}
    return issuer.headers(Caller(account_id="acc_canteen", programme_roles=held))


def listed(activity: str = REPAS, town: str = TOWN) -> str:
    query = f"municipality_id={town}&activity_id={activity}&site_id={SITE}&date={DAY}"
    return f"/api/v1/attendance-lists?{query}"


def marks(activity: str = REPAS) -> dict[str, Any]:
    seen = [{"child_id": "chd_1_1", "outcome": "present"}, {"child_id": "chd_9_9", "outcome": "present"}]
    return {"municipality_id": TOWN, "activity_id": activity, "date": DAY, "marks": seen}


def closing(programme_id: str = CANTEEN, *, accept: bool = True) -> dict[str, Any]:
    asked = {"municipality_id": TOWN, "programme_id": programme_id, "month": "2026-03"}
    return {**asked, "accept_anomalies": accept}


async def notes(rig: Rig) -> list[dict[str, Any]]:
    """What the service noted of its agents, oldest first."""
    documents = await rig.database["audit"].find({}).sort("_id", 1).to_list(None)
    return [json.loads(document["outbox"][0]["body"])["data"] for document in documents]


async def test_whoever_keeps_attendance_in_one_programme_reads_and_marks_its_lists(
    monday: Rig, http: Http, issuer: Issuer
) -> None:
    agent = of_canteen(issuer, Role.ATTENDANCE)

    read = await http.get(listed(), headers=agent)
    marked = await http.post("/api/v1/attendance-marks", json=marks(), headers=agent)

    assert (read.status, marked.status) == (200, 200)
    assert (await marked.json())["marked"] == 1


@pytest.mark.parametrize("activity", [SOIR_1, f"{TOWN}.rien"])
async def test_the_lists_of_another_programme_are_refused_whether_they_exist_or_not(
    activity: str, monday: Rig, http: Http, issuer: Issuer
) -> None:
    agent = of_canteen(issuer, Role.ATTENDANCE)

    read = await http.get(listed(activity), headers=agent)
    marked = await http.post("/api/v1/attendance-marks", json=marks(activity), headers=agent)

    assert await refusal(read) == (403, "forbidden")
    assert await refusal(marked) == (403, "forbidden")
    assert await notes(monday) == []


async def test_a_programme_s_agent_is_nobody_in_another_town(monday: Rig, http: Http, issuer: Issuer) -> None:
    agent = of_canteen(issuer, Role.ATTENDANCE, Role.MANAGER)

    assert await refusal(await http.get(listed(town="le-val-dore"), headers=agent)) == (403, "forbidden")
    assert await refusal(await http.get("/api/v1/month-closings?municipality_id=le-val-dore", headers=agent)) == (
        403,
        "forbidden",
    )


async def test_the_month_of_a_child_is_shown_to_the_agents_of_the_programme(
    monday: Rig, http: Http, issuer: Issuer
) -> None:
    agent = of_canteen(issuer, Role.ATTENDANCE)

    own = await http.get(f"/api/v1/children/chd_1_1/months/2026-03?programme_id={CANTEEN}", headers=agent)
    other = await http.get(f"/api/v1/children/chd_1_1/months/2026-03?programme_id={CLUB}", headers=agent)

    assert own.status == 200
    assert await refusal(other) == (404, "not-found")
    assert [(note["action"], note["child_ids"], note["household_ids"]) for note in await notes(monday)] == [
        ("month_shown", ["chd_1_1"], ["hsh_1"])
    ]


async def test_a_programme_s_manager_closes_its_months_and_sees_no_others(
    monday: Rig, http: Http, issuer: Issuer
) -> None:
    monday.now = APRIL
    whole, own = issuer.agent(TOWN, Role.MANAGER), of_canteen(issuer, Role.MANAGER)
    path = f"/api/v1/month-closings?municipality_id={TOWN}"

    mine = await http.post("/api/v1/month-closings", json=closing(), headers=keyed(own))
    not_mine = await http.post("/api/v1/month-closings", json=closing(CLUB), headers=keyed(own, "another-key"))
    await http.post("/api/v1/month-closings", json=closing(CLUB), headers=keyed(whole, "a-third-key"))

    assert mine.status == 201
    assert await refusal(not_mine) == (403, "forbidden")
    for headers, programmes in ((own, [CANTEEN]), (whole, [CLUB, CANTEEN])):
        shown = await (await http.get(path, headers=headers)).json()
        assert [one["programme_id"] for one in shown["items"]] == programmes


async def test_the_town_s_programmes_are_read_by_agents_of_one(monday: Rig, http: Http, issuer: Issuer) -> None:
    response = await http.get(f"/api/v1/programmes?municipality_id={TOWN}", headers=of_canteen(issuer, Role.ATTENDANCE))

    assert response.status == 200


# --- what is noted -------------------------------------------------------------------------------------------------


async def test_lists_and_marks_are_noted_with_the_children_they_name(monday: Rig, http: Http, issuer: Issuer) -> None:
    agent = issuer.agent(TOWN, Role.ATTENDANCE)
    await http.get(listed(), headers=agent)
    await http.post("/api/v1/attendance-marks", json=marks(), headers=agent)

    read, marked = await notes(monday)
    assert (read["action"], read["child_ids"], read["object_ids"]) == (
        "attendance_listed",
        ["chd_1_1", "chd_1_2", "chd_2_1", "chd_2_2"],
        [REPAS],
    )
    assert sorted(read["household_ids"]) == ["hsh_1", "hsh_2"]
    # Whom the town does not know was not marked.
    assert (marked["action"], marked["child_ids"]) == ("attendance_marked", ["chd_1_1"])


async def test_a_closing_is_noted_with_the_unmarked_children_also_when_it_is_refused(
    monday: Rig, http: Http, issuer: Issuer
) -> None:
    monday.now = APRIL
    agent = issuer.agent(TOWN, Role.MANAGER)

    refused = await http.post("/api/v1/month-closings", json=closing(accept=False), headers=keyed(agent))
    await http.post("/api/v1/month-closings", json=closing(), headers=keyed(agent, "another-key"))

    assert await refusal(refused) == (409, "days-unmarked")
    assert [(note["action"], note["child_ids"], note["object_ids"]) for note in await notes(monday)] == [
        ("month_closed", ["chd_1_1"], [CANTEEN])
    ] * 2


async def test_enrolments_are_noted_with_the_children_they_are_of(monday: Rig, http: Http, issuer: Issuer) -> None:
    agent = {**issuer.agent(TOWN, Role.REGISTRAR), "Content-Type": "text/csv"}
    reference = next(iter(await monday.database["roster"].distinct("reference", {"links.child_id": "chd_1_1"})))
    row = f"{reference};restaurant;ecole-des-tilleuls;CM2;01/09/2026;05/07/2027"
    rows = f"reference_enfant;programme;site;classe;debut;fin\n{row}\n"

    response = await http.post(f"/api/v1/enrolment-imports?municipality_id={TOWN}", data=rows.encode(), headers=agent)

    assert response.status == 201, await response.text()
    assert [(note["action"], note["child_ids"], note["household_ids"]) for note in await notes(monday)] == [
        ("enrolments_imported", ["chd_1_1"], ["hsh_1"])
    ]


async def test_a_family_in_its_own_house_is_not_noted(monday: Rig, http: Http, parent: dict[str, str]) -> None:
    shown = await http.get(f"/api/v1/children/chd_1_1/months/2026-03?programme_id={CANTEEN}", headers=parent)

    assert (shown.status, await notes(monday)) == (200, [])
