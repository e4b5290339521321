"""What tablets ask and send: a whole day of a site, asked again and again; marks with the instant they were made."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.enrolments import Enrolled
from shared.auth import Caller, Role
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import AVANT, MONDAY, REPAS, SITE, SOIR_1, TOWN, Rig, enrolled, programme

NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
DAY = {"municipality_id": TOWN, "site_id": SITE, "date": "2026-03-09"}
PATH = "/api/v1/attendance-days"


@pytest.fixture
async def monday(rig: Rig) -> Rig:
    """Monday at noon: one child has a meal and comes before it, another has a meal."""
    await rig.book(REPAS, MONDAY)
    await rig.book(AVANT, MONDAY)
    await rig.book(REPAS, MONDAY, family=2)
    rig.now = NOON
    return rig


@pytest.fixture
def staff(issuer: Issuer, monday: Rig) -> dict[str, str]:
    return issuer.agent(TOWN, Role.ATTENDANCE)


async def day(http: Http, headers: dict[str, str], **more: Any) -> Any:
    answer = await http.get(PATH, params={**DAY, **more}, headers=headers)
    assert answer.status == 200, await answer.text()
    return await answer.json()


def states(shown: Any, child_id: str) -> dict[str, str | None]:
    (child,) = [one for one in shown["children"] if one["child_id"] == child_id]
    return {cell["activity_id"].split(".")[1]: cell.get("state") for cell in child["days"]}


async def mark(http: Http, headers: dict[str, str], *marks: dict[str, Any]) -> Any:
    body = {"municipality_id": TOWN, "activity_id": REPAS, "date": "2026-03-09", "marks": list(marks)}
    answer = await http.post("/api/v1/attendance-marks", json=body, headers=headers)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_a_day_lists_every_activity_that_runs_and_every_child_of_the_site(
    http: Http, staff: dict[str, str]
) -> None:
    shown = await day(http, staff)

    running = [one["activity_id"].split(".")[1] for one in shown["activities"]]
    assert running == ["repas", "pai", "avant-repas", "soir-1", "soir-2", "atelier"]
    assert [one["child_id"] for one in shown["children"]] == ["chd_1_1", "chd_1_2", "chd_2_1", "chd_2_2"]
    assert states(shown, "chd_1_1") == {
        "repas": "booked",
        "pai": None,
        "avant-repas": "booked",
        "soir-1": None,
        "soir-2": None,
        "atelier": None,
    }
    meals = shown["activities"][0]
    assert (meals["markable"], meals["final"], meals["counts"]["expected"]) == (True, False, 2)
    assert shown["groups"] == ["CE1"]


async def test_a_day_is_narrowed_to_activities_and_to_a_class(http: Http, monday: Rig, staff: dict[str, str]) -> None:
    moved = Enrolment(
        programme_id=programme("restaurant"), site_id=SITE, group="CM2", starts=MONDAY, ends=date(2026, 7, 3)
    )
    known = enrolled()
    await monday.stores.roster.save_enrolled(TOWN, {"E2-1": Enrolled(version=1, enrolments=(*known.enrolments, moved))})

    both = await day(http, staff, activity_id=REPAS)
    one_class = await http.get(
        PATH, params=[*DAY.items(), ("activity_id", REPAS), ("activity_id", SOIR_1), ("group", "CM2")], headers=staff
    )
    shown = await one_class.json()

    assert [one["activity_id"] for one in both["activities"]] == [REPAS]
    assert both["groups"] == ["CE1", "CM2"]
    assert [one["activity_id"] for one in shown["activities"]] == [REPAS, SOIR_1]
    assert [one["child_id"] for one in shown["children"]] == ["chd_2_1"]
    assert {cell["group"] for cell in shown["children"][0]["days"]} == {"CM2", "CE1"}


async def test_what_has_not_changed_is_not_sent_again(http: Http, monday: Rig, staff: dict[str, str]) -> None:
    first = await http.get(PATH, params=DAY, headers=staff)
    known = {**staff, "If-None-Match": first.headers["ETag"]}
    noted = await monday.database["audit"].count_documents({})

    same = await http.get(PATH, params=DAY, headers=known)
    not_noted = await monday.database["audit"].count_documents({})
    await mark(http, staff, {"child_id": "chd_1_1", "outcome": "present"})
    other = await http.get(PATH, params=DAY, headers=known)

    assert (first.status, same.status, await same.read(), other.status) == (200, 304, b"", 200)
    assert same.headers["ETag"] == first.headers["ETag"] != other.headers["ETag"]
    assert (noted, not_noted) == (1, 1)


async def test_a_booked_day_of_an_activity_that_does_not_run_is_listed_all_the_same(
    http: Http, monday: Rig, staff: dict[str, str]
) -> None:
    shown = await day(http, staff, date="2026-03-11")
    assert "repas" not in [one["activity_id"].split(".")[1] for one in shown["activities"]]

    await monday.database["sheets"].update_one(
        {"child_id": "chd_1_1", "programme_id": programme("restaurant")},
        {"$set": {"days.2026-03-11.repas": {"state": "booked"}}},
    )
    again = await day(http, staff, date="2026-03-11")

    assert states(again, "chd_1_1")["repas"] == "booked"
    assert again["activities"][0]["markable"] is False


async def test_of_one_programme_only_that_is_shown(http: Http, monday: Rig, issuer: Issuer) -> None:
    canteen = programme("restaurant")
    held = {canteen: frozenset({str(Role.ATTENDANCE)})}
    agent = issuer.headers(Caller(account_id="acc_canteen", programme_roles=held))

    shown = await day(http, agent)
    elsewhere = await http.get(PATH, params={**DAY, "activity_id": SOIR_1}, headers=agent)

    assert [one["activity_id"].split(".")[1] for one in shown["activities"]] == ["repas", "pai"]
    assert await refusal(elsewhere) == (404, "not-found")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"site_id": f"{TOWN}.nulle-part"}, (404, "not-found")),
        ({"activity_id": f"{TOWN}.rien"}, (404, "not-found")),
        ({"municipality_id": "le-val-dore"}, (403, "forbidden")),
        ({"date": "lundi"}, (422, "invalid-input")),
    ],
)
async def test_what_a_day_refuses(
    http: Http, staff: dict[str, str], changes: dict[str, str], expected: tuple[int, str]
) -> None:
    assert await refusal(await http.get(PATH, params={**DAY, **changes}, headers=staff)) == expected


async def test_a_day_is_for_those_at_the_door(http: Http, monday: Rig, issuer: Issuer) -> None:
    for headers in (issuer.agent(TOWN, Role.CASHIER), issuer.guardian("hsh_1", TOWN)):
        assert await refusal(await http.get(PATH, params=DAY, headers=headers)) == (403, "forbidden")


async def test_the_newest_mark_stands_whenever_it_arrives(http: Http, staff: dict[str, str]) -> None:
    late = {"child_id": "chd_1_1", "outcome": "present", "marked_at": "2026-03-09T11:40:00+01:00", "device_id": "a"}
    early = {
        "child_id": "chd_1_1",
        "outcome": "absent_unjustified",
        "marked_at": "2026-03-09T11:35:00+01:00",
        "device_id": "b",
    }
    first = await mark(http, staff, late)
    second = await mark(http, staff, early)
    again = await mark(http, staff, late)

    assert (first["marked"], first["outdated"]) == (1, [])
    assert (second["marked"], second["unchanged"]) == (0, 0)
    assert second["outdated"] == [
        {"child_id": "chd_1_1", "outcome": "present", "marked_at": "2026-03-09T10:40:00Z", "device_id": "a"}
    ]
    assert (again["marked"], again["unchanged"], again["outdated"]) == (0, 1, [])
    shown = await day(http, staff)
    assert states(shown, "chd_1_1")["repas"] == "present"
    assert shown["children"][0]["days"][0]["device_id"] == "a"


async def test_a_queue_with_several_marks_of_a_child_says_which_one_counted(http: Http, staff: dict[str, str]) -> None:
    done = await mark(
        http,
        staff,
        {"child_id": "chd_1_1", "outcome": "absent_unjustified", "marked_at": "2026-03-09T10:00:00Z"},
        {"child_id": "chd_1_1", "outcome": "present", "marked_at": "2026-03-09T10:20:00Z"},
    )

    assert done["marked"] == 1
    assert [(one["outcome"], one["marked_at"]) for one in done["outdated"]] == [("present", "2026-03-09T10:20:00Z")]


async def test_a_mark_is_taken_back_and_an_older_one_does_not_bring_it_again(
    http: Http, monday: Rig, staff: dict[str, str]
) -> None:
    await mark(http, staff, {"child_id": "chd_1_2", "outcome": "present", "marked_at": "2026-03-09T10:00:00Z"})
    undone = await mark(
        http, staff, {"child_id": "chd_1_2", "outcome": "unmarked", "marked_at": "2026-03-09T10:10:00Z"}
    )
    older = await mark(http, staff, {"child_id": "chd_1_2", "outcome": "present", "marked_at": "2026-03-09T10:05:00Z"})

    assert undone["marked"] == 1
    assert (older["marked"], older["outdated"][0]["outcome"]) == (0, "unmarked")
    assert [name for name, _ in await monday.told() if name.startswith("attendance")] == [
        "attendance_marked",
        "attendance_unmarked",
    ]
    assert await monday.violations() == []


async def test_a_child_collected_is_shown_with_its_time(http: Http, staff: dict[str, str]) -> None:
    await mark(http, staff, {"child_id": "chd_1_1", "outcome": "present", "left_at": "2026-03-09T12:40:00+01:00"})

    shown = await day(http, staff, activity_id=REPAS)

    assert shown["children"][0]["days"][0]["left_at"] == "2026-03-09T11:40:00Z"


@pytest.mark.parametrize(
    "changes", [{"marked_at": "2026-03-09T12:40:00"}, {"device_id": "x" * 81}, {"outcome": "here"}]
)
async def test_what_a_mark_refuses(http: Http, staff: dict[str, str], changes: dict[str, str]) -> None:
    body = {
        "municipality_id": TOWN,
        "activity_id": REPAS,
        "date": "2026-03-09",
        "marks": [{"child_id": "chd_1_1", "outcome": "present", **changes}],
    }

    answer = await http.post("/api/v1/attendance-marks", json=body, headers=staff)

    assert await refusal(answer) == (422, "invalid-input")
