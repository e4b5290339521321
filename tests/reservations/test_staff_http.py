"""What agents can ask of attendance and closings: every route, and its refusals."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.auth import Role
from tests.callers import Issuer
from tests.reservations.asking import Http, keyed, refusal
from tests.reservations.rig import MONDAY, REPAS, SITE, TOWN, Rig, programme

LIST = {"municipality_id": TOWN, "activity_id": REPAS, "site_id": SITE, "date": "2026-03-09"}
MARKS = {
    "municipality_id": TOWN,
    "activity_id": REPAS,
    "date": "2026-03-09",
    "marks": [{"child_id": "chd_1_1", "outcome": "present"}],
}
CLOSING = {"municipality_id": TOWN, "programme_id": programme("restaurant"), "month": "2026-03"}
APRIL = datetime(2026, 4, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
async def staff(rig: Rig, issuer: Issuer) -> dict[str, str]:
    """In April, when one child had been booked in March."""
    await rig.book(REPAS, MONDAY)
    rig.now = APRIL
    return issuer.agent(TOWN, Role.ATTENDANCE)


@pytest.fixture
def manager(issuer: Issuer, staff: dict[str, str]) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


async def test_the_attendance_list_of_a_day(http: Http, staff: dict[str, str]) -> None:
    shown = await (await http.get("/api/v1/attendance-lists", params=LIST, headers=staff)).json()

    assert (shown["activity_name"], shown["markable"], shown["counts"]["expected"]) == ("REPAS", True, 1)
    states = {child["child_id"]: child["state"] for child in shown["children"]}
    assert states == {"chd_1_1": "booked", "chd_1_2": None, "chd_2_1": None, "chd_2_2": None}


async def test_marks_are_taken_and_refused_one_by_one(http: Http, staff: dict[str, str]) -> None:
    marks = [
        {"child_id": "chd_1_1", "outcome": "present"},
        {"child_id": "chd_1_2", "outcome": "absent_justified"},
        {"child_id": "chd_nobody", "outcome": "present"},
    ]

    response = await http.post("/api/v1/attendance-marks", json={**MARKS, "marks": marks}, headers=staff)
    answer = await response.json()

    assert (response.status, answer["marked"], answer["unchanged"]) == (200, 1, 0)
    assert {one["child_id"]: one["problem"]["type"] for one in answer["refused"]} == {
        "chd_1_2": "/problems/not-expected",
        "chd_nobody": "/problems/not-found",
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"date": "2026-04-03"}, (409, "day-to-come")),
        ({"activity_id": f"{TOWN}.rien"}, (404, "not-found")),
        ({"municipality_id": "le-val-dore"}, (403, "forbidden")),
        ({"marks": []}, (422, "invalid-input")),
        ({"marks": [{"child_id": "chd_1_1", "outcome": "present_unbooked"}]}, (422, "invalid-input")),
        ({"by": "me"}, (422, "invalid-input")),
    ],
)
async def test_what_marks_refuse(
    http: Http, staff: dict[str, str], changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    response = await http.post("/api/v1/attendance-marks", json={**MARKS, **changes}, headers=staff)

    assert await refusal(response) == expected


async def test_a_month_is_closed_and_listed(http: Http, manager: dict[str, str]) -> None:
    asked = {**CLOSING, "accept_anomalies": True}
    response = await http.post("/api/v1/month-closings", json=asked, headers=keyed(manager))
    closing = await response.json()
    again = await http.post("/api/v1/month-closings", json=asked, headers=keyed(manager))
    listed = await (await http.get("/api/v1/month-closings", params={"municipality_id": TOWN}, headers=manager)).json()

    assert (response.status, closing["state"], closing["sheets"]) == (201, "closed", 1)
    assert closing["anomalies"] == [{"child_id": "chd_1_1", "activity_id": REPAS, "date": "2026-03-09"}]
    assert await again.json() == closing
    assert [one["closing_id"] for one in listed["items"]] == [closing["closing_id"]]


async def test_marks_that_are_missing_are_listed_in_the_refusal(http: Http, manager: dict[str, str]) -> None:
    response = await http.post("/api/v1/month-closings", json=CLOSING, headers=keyed(manager))
    problem = await response.json()

    assert (response.status, problem["type"]) == (409, "/problems/days-unmarked")
    assert problem["anomalies"] == [{"child_id": "chd_1_1", "activity_id": REPAS, "date": "2026-03-09"}]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"month": "2026-04"}, (409, "month-not-over")),
        ({"month": "2026-3"}, (422, "invalid-input")),
        ({"programme_id": f"{TOWN}.rien"}, (404, "not-found")),
        ({"municipality_id": "le-val-dore"}, (403, "forbidden")),
        ({"force": True}, (422, "invalid-input")),
    ],
)
async def test_what_a_closing_refuses(
    http: Http, manager: dict[str, str], changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    response = await http.post("/api/v1/month-closings", json={**CLOSING, **changes}, headers=keyed(manager))

    assert await refusal(response) == expected


async def test_a_closing_needs_a_key(http: Http, manager: dict[str, str]) -> None:
    response = await http.post("/api/v1/month-closings", json=CLOSING, headers=manager)

    assert await refusal(response) == (400, "idempotency-key-missing")


STAFF_ROUTES = [
    ("GET", "/api/v1/attendance-lists", LIST, None),
    ("POST", "/api/v1/attendance-marks", None, MARKS),
    ("POST", "/api/v1/month-closings", None, CLOSING),
    ("GET", "/api/v1/month-closings", {"municipality_id": TOWN}, None),
]


@pytest.mark.parametrize(("method", "path", "query", "body"), STAFF_ROUTES)
async def test_what_is_the_staffs_is_for_nobody_else(
    http: Http, issuer: Issuer, method: str, path: str, query: Any, body: Any
) -> None:
    callers = [
        issuer.guardian("hsh_1", TOWN),
        issuer.agent(TOWN, Role.CASHIER, Role.EDITOR),
        issuer.agent("le-val-dore", Role.MANAGER, Role.ATTENDANCE),
    ]

    for headers in callers:
        answer = await http.request(method, path, params=query, json=body, headers=keyed(headers))
        assert await refusal(answer) == (403, "forbidden")
    stranger = await http.request(method, path, params=query, json=body, headers=keyed({}))
    assert stranger.status == 401


async def test_staff_at_the_door_do_not_close_months(http: Http, staff: dict[str, str]) -> None:
    response = await http.post("/api/v1/month-closings", json=CLOSING, headers=keyed(staff))

    assert await refusal(response) == (403, "forbidden")


async def test_a_closed_month_lists_as_final(http: Http, manager: dict[str, str], staff: dict[str, str]) -> None:
    await http.post("/api/v1/month-closings", json={**CLOSING, "accept_anomalies": True}, headers=keyed(manager))

    shown = await (await http.get("/api/v1/attendance-lists", params=LIST, headers=staff)).json()
    refused = await http.post("/api/v1/attendance-marks", json=MARKS, headers=staff)

    assert (shown["final"], shown["markable"]) == (True, False)
    assert await refusal(refused) == (409, "month-closed")
