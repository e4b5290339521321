"""The doors to decisions, absences and cancellations by the town: who may, what is answered, one refusal each."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.auth import Caller, Role
from tests.callers import Issuer
from tests.reservations.asking import Http, keyed, refusal
from tests.reservations.rig import ATELIER, REPAS, TUESDAY, WEDNESDAY, Rig, child_of, household
from tests.reservations.sample_town import TOWN

SCOPE = {
    "municipality_id": TOWN,
    "programme_ids": [f"{TOWN}.restaurant"],
    "from": TUESDAY.isoformat(),
    "until": TUESDAY.isoformat(),
}
STRIKE = {**SCOPE, "reason": "strike", "label": "Grève", "message": "Pas de repas."}


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


def decision(**changes: Any) -> dict[str, Any]:
    day = {
        "household_id": household(1),
        "child_id": child_of(1),
        "activity_id": REPAS,
        "date": TUESDAY.isoformat(),
    }
    return {"municipality_id": TOWN, "days": [day], "accepted": True, "message": "Oui.", **changes}


async def test_a_manager_reads_what_waits_and_nothing_waits(http: Http, manager: dict[str, str]) -> None:
    response = await http.get(f"/api/v1/booking-requests?municipality_id={TOWN}", headers=manager)

    assert (response.status, await response.json()) == (200, {"items": [], "next_cursor": None})


async def test_a_day_nobody_asked_for_is_refused_with_its_sentence(http: Http, manager: dict[str, str]) -> None:
    response = await http.post("/api/v1/booking-requests/decisions", json=decision(), headers=keyed(manager))

    assert response.status == 201
    [day] = (await response.json())["days"]
    assert (day["outcome"], day["problem"]["type"]) == (None, "/problems/nothing-asked")
    assert "« REPAS »" in day["problem"]["detail"]


async def test_who_only_marks_attendance_decides_nothing(http: Http, issuer: Issuer) -> None:
    marker = issuer.agent(TOWN, Role.ATTENDANCE)

    response = await http.post("/api/v1/booking-requests/decisions", json=decision(), headers=keyed(marker))

    assert await refusal(response) == (403, "forbidden")


async def test_a_family_reports_an_absence(rig: Rig, http: Http, issuer: Issuer) -> None:
    await rig.book(REPAS, TUESDAY)
    rig.now = datetime(2026, 3, 9, 18, 0, tzinfo=UTC)
    body = {"child_id": child_of(1), "from": TUESDAY.isoformat(), "until": WEDNESDAY.isoformat()}

    response = await http.post("/api/v1/absences", json=body, headers=keyed(issuer.guardian(household(1), TOWN)))

    assert response.status == 201
    [day] = (await response.json())["days"]
    assert (day["date"], day["outcome"], day["problem"]) == (TUESDAY.isoformat(), "reported", None)


async def test_an_absence_without_anything_booked_is_refused(http: Http, parent: dict[str, str]) -> None:
    body = {"child_id": child_of(1), "from": TUESDAY.isoformat(), "until": TUESDAY.isoformat()}

    response = await http.post("/api/v1/absences", json=body, headers=keyed(parent))

    assert await refusal(response) == (409, "nothing-booked-then")


async def test_an_absence_that_ends_before_it_begins_is_refused(http: Http, parent: dict[str, str]) -> None:
    body = {"child_id": child_of(1), "from": WEDNESDAY.isoformat(), "until": TUESDAY.isoformat()}

    response = await http.post("/api/v1/absences", json=body, headers=keyed(parent))

    assert await refusal(response) == (422, "invalid-input")


async def test_a_manager_sees_what_a_cancellation_would_reach_and_declares_it(
    rig: Rig, http: Http, manager: dict[str, str]
) -> None:
    await rig.book(REPAS, TUESDAY)
    found = await (await http.post("/api/v1/disruptions/preview", json=SCOPE, headers=manager)).json()
    assert found == {"households": 1, "children": 1, "days": 1, "held": 0, "prepaid": 0}

    response = await http.post("/api/v1/disruptions", json=STRIKE, headers=keyed(manager))

    declared = await response.json()
    assert (response.status, declared["state"], declared["days"]) == (201, "running", 0)
    for _ in range(3):
        await rig.sweep()
    shown = await (await http.get(f"/api/v1/disruptions/{declared['disruption_id']}", headers=manager)).json()
    assert (shown["state"], shown["days"], shown["households"]) == ("settling", 1, 1)
    listed = await (await http.get(f"/api/v1/disruptions?municipality_id={TOWN}", headers=manager)).json()
    assert [one["disruption_id"] for one in listed["items"]] == [declared["disruption_id"]]


async def test_declaring_with_the_same_key_declares_once(http: Http, manager: dict[str, str]) -> None:
    first = await (await http.post("/api/v1/disruptions", json=STRIKE, headers=keyed(manager))).json()
    again = await (await http.post("/api/v1/disruptions", json=STRIKE, headers=keyed(manager))).json()

    assert first == again


async def test_what_was_just_declared_cannot_be_taken_back_yet(http: Http, manager: dict[str, str]) -> None:
    declared = await (await http.post("/api/v1/disruptions", json=STRIKE, headers=keyed(manager))).json()

    response = await http.post(
        f"/api/v1/disruptions/{declared['disruption_id']}/undo", headers=keyed(manager, "another-key")
    )

    assert await refusal(response) == (409, "disruption-running")


async def test_a_manager_of_one_programme_cancels_no_other(http: Http, issuer: Issuer) -> None:
    in_workshops = {f"{TOWN}.ateliers": frozenset({Role.MANAGER})}
    own = issuer.headers(Caller(account_id="acc_agent", programme_roles=in_workshops))
    mine = {**STRIKE, "programme_ids": [], "activity_ids": [ATELIER]}

    assert await refusal(await http.post("/api/v1/disruptions", json=STRIKE, headers=keyed(own))) == (403, "forbidden")
    assert (await http.post("/api/v1/disruptions", json=mine, headers=keyed(own))).status == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"until": "2026-03-09"}, 422, "invalid-input"),
        ({"from": "2026-02-10"}, 422, "disruption-past"),
        ({"programme_ids": []}, 422, "nothing-in-scope"),
        ({"programme_ids": [f"{TOWN}.piscine"]}, 404, "not-found"),
        ({"site_ids": ["ailleurs.ecole"]}, 404, "not-found"),
        ({"reason": "vacances"}, 422, "invalid-input"),
    ],
)
async def test_a_cancellation_that_makes_no_sense_is_refused(
    http: Http, manager: dict[str, str], change: dict[str, Any], status: int, code: str
) -> None:
    response = await http.post("/api/v1/disruptions", json={**STRIKE, **change}, headers=keyed(manager))

    assert await refusal(response) == (status, code)


async def test_another_towns_manager_does_not_find_it(http: Http, issuer: Issuer, manager: dict[str, str]) -> None:
    declared = await (await http.post("/api/v1/disruptions", json=STRIKE, headers=keyed(manager))).json()
    stranger = issuer.agent("le-val-dore", Role.MANAGER)

    response = await http.get(f"/api/v1/disruptions/{declared['disruption_id']}", headers=stranger)

    assert await refusal(response) == (404, "not-found")
