"""The town's calendar through the door: who changes it, under which version, and what falls on closed days."""

from typing import Any

import pytest
from aiohttp import ClientResponse

from shared.auth import Role
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import FRIDAY, REPAS, THURSDAY, Rig, child_of
from tests.reservations.sample_town import TOWN

PATH = "/api/v1/calendar-periods"
WHOSE = {"municipality_id": TOWN}
TILLEULS, MACE = f"{TOWN}.ecole-des-tilleuls", f"{TOWN}.ecole-jean-mace"
STRIKE = {"kind": "closure", "from": THURSDAY.isoformat(), "until": THURSDAY.isoformat(), "label": "Grève"}
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//ministère//
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261017
DTEND;VALUE=DATE:20261102
SUMMARY:Vacances de la Toussaint - Zone B
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20260901
SUMMARY:Rentrée scolaire des élèves - Zone B
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


async def periods(http: Http, headers: dict[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """The calendar's ETag and periods."""
    response = await http.get(PATH, params=WHOSE, headers=headers)
    assert response.status == 200, await response.text()
    return response.headers["ETag"], (await response.json())["periods"]


async def add(http: Http, headers: dict[str, str], **changes: Any) -> dict[str, Any]:
    response = await http.post(PATH, params=WHOSE, json={**STRIKE, **changes}, headers=headers)
    assert response.status == 201, await response.text()
    answer: dict[str, Any] = await response.json()
    return answer


async def kinds(http: Http, headers: dict[str, str], day: str, **query: str) -> list[str]:
    asked = {**WHOSE, "from": day, "until": day, **query}
    response = await http.get("/api/v1/calendar", params=asked, headers=headers)
    assert response.status == 200, await response.text()
    return [one["kind"] for one in await response.json()]


async def test_a_closure_is_added_told_and_seen_by_families_at_once(
    http: Http, rig: Rig, manager: dict[str, str], parent: dict[str, str]
) -> None:
    assert await kinds(http, parent, "2026-03-12") == ["school_day"]

    answer = await add(http, manager)

    assert (answer["affected"], answer["periods"][-1]["label"] != "") == (0, True)
    assert await kinds(http, parent, "2026-03-12") == ["closure"]
    told = [data for kind, data in await rig.told("towns") if kind == "calendar_changed"]
    assert told[-1] == {
        "municipality_id": TOWN,
        "changes": [
            {"kind": "closure", "starts": "2026-03-12", "ends": "2026-03-12", "site_ids": [], "change": "added"}
        ],
    }


async def test_the_answer_counts_the_booked_days_that_are_now_closed_and_leaves_them(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    for family in (1, 2):
        await rig.book(REPAS, THURSDAY, family=family)
    await rig.book(REPAS, FRIDAY)

    assert (await add(http, manager))["affected"] == 2
    assert (await add(http, manager))["affected"] == 0
    assert await rig.state(REPAS, THURSDAY) == "booked"


async def test_a_closure_of_one_school_counts_its_own_children_only(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    await rig.book(REPAS, FRIDAY)
    friday = {"from": FRIDAY.isoformat(), "until": FRIDAY.isoformat()}

    assert (await add(http, manager, **friday, site_ids=[MACE]))["affected"] == 0
    assert (await add(http, manager, **friday, site_ids=[TILLEULS]))["affected"] == 1
    assert await rig.stores.roster.enrolled_children("ailleurs", [child_of(1)]) == {}


async def test_what_is_changed_or_removed_must_have_been_read(http: Http, manager: dict[str, str]) -> None:
    period_id = next(one["period_id"] for one in (await add(http, manager))["periods"] if one["label"] == "Grève")
    version, _ = await periods(http, manager)
    body = {**STRIKE, "label": "Grève nationale"}

    async def put(**if_match: str) -> ClientResponse:
        return await http.put(f"{PATH}/{period_id}", params=WHOSE, json=body, headers={**manager, **if_match})

    assert await refusal(await put()) == (428, "version-missing")
    assert await refusal(await put(**{"If-Match": '"1"'})) == (412, "version-passed")
    changed = await put(**{"If-Match": version})
    assert changed.status == 200
    assert [one["label"] for one in (await changed.json())["periods"] if one["period_id"] == period_id] == [
        "Grève nationale"
    ]

    stale = await http.delete(f"{PATH}/{period_id}", params=WHOSE, headers={**manager, "If-Match": version})
    assert await refusal(stale) == (412, "version-passed")
    now = {**manager, "If-Match": changed.headers["ETag"]}
    removed = await http.delete(f"{PATH}/{period_id}", params=WHOSE, headers=now)
    assert period_id not in [one["period_id"] for one in (await removed.json())["periods"]]
    again = {**manager, "If-Match": removed.headers["ETag"]}
    assert await refusal(await http.delete(f"{PATH}/{period_id}", params=WHOSE, headers=again)) == (404, "not-found")


async def test_periods_written_before_they_had_names_can_be_changed_too(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    await rig.database["towns"].update_one({"_id": TOWN}, {"$unset": {"periods.$[].id": ""}})
    version, found = await periods(http, manager)
    period_id = found[0]["period_id"]
    assert period_id == (await periods(http, manager))[1][0]["period_id"]

    gone = await http.delete(f"{PATH}/{period_id}", params=WHOSE, headers={**manager, "If-Match": version})
    assert len((await gone.json())["periods"]) == len(found) - 1


async def test_an_unusable_period_is_refused_with_its_fields(http: Http, manager: dict[str, str]) -> None:
    wrong = {**STRIKE, "until": "2026-03-11", "site_ids": ["ailleurs.ecole"]}
    response = await http.post(PATH, params=WHOSE, json=wrong, headers=manager)

    problem = await response.json()
    assert (response.status, problem["type"]) == (422, "/problems/unusable-period")
    assert [error["field"] for error in problem["errors"]] == ["until", "site_ids"]
    assert problem["errors"][0]["message"] == "La période se termine avant de commencer."


async def test_a_zones_school_year_is_taken_over_once(http: Http, manager: dict[str, str]) -> None:
    known = await (await http.get(f"{PATH}/school-holidays", headers=manager)).json()
    assert {"zone": "B", "school_year": "2026-2027"} in known

    asked = {"zone": "B", "school_year": "2026-2027"}
    first = await http.post(f"{PATH}/school-holidays", params=WHOSE, json=asked, headers=manager)
    assert first.status == 201, await first.text()
    answer = await first.json()
    assert [one["label"] for one in answer["added"]][:2] == ["Vacances de la Toussaint", "Vacances de Noël"]
    assert answer["added"][0]["from"] == "2026-10-17"
    assert answer["kept"] == []

    again = await (await http.post(f"{PATH}/school-holidays", params=WHOSE, json=asked, headers=manager)).json()
    assert (again["added"], len(again["kept"])) == ([], len(answer["added"]))
    assert again["version"] == answer["version"]


async def test_an_unknown_school_year_is_refused_with_a_way_out(http: Http, manager: dict[str, str]) -> None:
    asked = {"zone": "mayotte", "school_year": "2026-2027"}
    response = await http.post(f"{PATH}/school-holidays", params=WHOSE, json=asked, headers=manager)

    assert await refusal(response) == (409, "school-year-unknown")
    assert "iCalendar" in (await response.json())["next"]


async def test_the_ministrys_file_is_taken_over(http: Http, manager: dict[str, str]) -> None:
    headers = {**manager, "Content-Type": "text/calendar"}
    response = await http.post(f"{PATH}/calendar-files", params=WHOSE, data=ICS.encode(), headers=headers)

    assert response.status == 201, await response.text()
    answer = await response.json()
    assert answer["added"] == [{"from": "2026-10-17", "until": "2026-11-01", "label": "Vacances de la Toussaint"}]
    assert answer["left_out"] == [
        {"label": "Rentrée scolaire des élèves", "message": "Ce n’est pas une période de vacances."}
    ]


async def test_each_day_says_what_it_is_at_a_site(http: Http, parent: dict[str, str]) -> None:
    asked = {**WHOSE, "from": "2026-05-13", "until": "2026-05-16"}
    days = await (await http.get("/api/v1/calendar", params=asked, headers=parent)).json()

    assert days == [
        {"date": "2026-05-13", "kind": "school_day", "label": "", "weekdays": [3]},
        {"date": "2026-05-14", "kind": "public_holiday", "label": "Ascension", "weekdays": [4]},
        {"date": "2026-05-15", "kind": "closure", "label": "Pont de l'Ascension", "weekdays": [5]},
        {"date": "2026-05-16", "kind": "weekend", "label": "", "weekdays": [6]},
    ]
    assert await kinds(http, parent, "2026-03-12", site_id=MACE) == ["closure"]
    assert await kinds(http, parent, "2026-03-12", site_id=TILLEULS) == ["school_day"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"municipality_id": "ailleurs"}, 404),
        ({"site_id": f"{TOWN}.nulle-part"}, 404),
        ({"until": "2027-05-14"}, 422),
        ({"until": "2026-05-12"}, 422),
    ],
)
async def test_days_of_other_towns_unknown_sites_and_too_long_periods_are_refused(
    http: Http, parent: dict[str, str], query: dict[str, str], status: int
) -> None:
    asked = {**WHOSE, "from": "2026-05-13", "until": "2026-05-16", **query}

    assert (await http.get("/api/v1/calendar", params=asked, headers=parent)).status == status


async def test_only_managers_change_the_calendar_and_other_agents_read_it(http: Http, issuer: Issuer) -> None:
    attendance = issuer.agent(TOWN, Role.ATTENDANCE)

    assert (await http.get(PATH, params=WHOSE, headers=attendance)).status == 200
    assert (await http.post(PATH, params=WHOSE, json=STRIKE, headers=attendance)).status == 403
    stranger = issuer.agent("ailleurs", Role.MANAGER)
    assert (await http.post(PATH, params=WHOSE, json=STRIKE, headers=stranger)).status == 403
    assert (await http.get(PATH, params=WHOSE, headers=stranger)).status == 403
