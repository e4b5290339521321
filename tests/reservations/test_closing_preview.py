"""What closing a month would meet, and accepting its anomalies one by one."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.reservations.domain.closing import findings
from services.reservations.domain.refusals import DaysUnmarked
from services.reservations.domain.refusals_of_closing import RequestsUndecided
from services.reservations.domain.sheet import Change, Entry, Sheet
from shared.auth import Role
from tests.callers import Issuer
from tests.reservations.asking import Http, keyed, refusal
from tests.reservations.rig import MONDAY, REPAS, TOWN, TUESDAY, WEDNESDAY, Rig, programme, sheet_key
from tests.reservations.test_closing import close

APRIL = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
ASKED = {"municipality_id": TOWN, "programme_id": programme("restaurant"), "month": "2026-03"}


def sheet(**days: Entry) -> Sheet:
    cells = {(REPAS, date(2026, 3, int(day.removeprefix("on_")))): entry for day, entry in days.items()}
    return Sheet(key=sheet_key(REPAS, MONDAY), days=cells)


def test_every_kind_of_day_to_look_at_is_found_in_order() -> None:
    found = findings(
        [
            sheet(
                on_12=Entry(state="held"),
                on_9=Entry(state="booked"),
                on_10=Entry(state="present_unbooked", unbooked=True),
                on_11=Entry(state="requested"),
                on_13=Entry(state="booked", asked="cancel"),
            )
        ]
    )

    assert [(one.date.day, one.kind) for one in found] == [
        (9, "unmarked"),
        (10, "present_unbooked"),
        (11, "requested"),
        (12, "held"),
        (13, "cancellation_asked"),
        (13, "unmarked"),
    ]


@pytest.mark.parametrize("state", ["present", "absent_justified", "absent_unjustified", "cancelled"])
def test_a_day_that_is_settled_is_not_found(state: Any) -> None:
    assert findings([sheet(on_9=Entry(state=state, asked="cancel"))]) == []


@pytest.fixture
async def april(rig: Rig) -> Rig:
    """March is over: three days are booked and nobody marked them."""
    await rig.choose(REPAS, MONDAY, TUESDAY)
    await rig.validate()
    await rig.book(REPAS, MONDAY, family=2)
    rig.now = APRIL
    return rig


async def put(rig: Rig, day: date, entry: Entry) -> None:
    """As if somebody had decided so."""
    found = await rig.sheet(REPAS, day)
    await rig.stores.sheets.write(found, Change(cells={(REPAS, day): entry}), now=rig.now)


def accepted(*days: tuple[str, date]) -> list[dict[str, str]]:
    return [{"child_id": child, "activity_id": REPAS, "date": day.isoformat()} for child, day in days]


async def test_a_month_with_undecided_requests_is_not_closed_whatever_is_accepted(april: Rig) -> None:
    await put(april, WEDNESDAY, Entry(state="requested"))

    with pytest.raises(RequestsUndecided) as refused:
        await close(april)
    assert refused.value.facts == {"count": 1}

    await put(april, WEDNESDAY, Entry(state="cancelled", cancelled="in_time"))
    booked = (await april.sheet(REPAS, TUESDAY)).days[(REPAS, TUESDAY)]
    await put(april, TUESDAY, replace(booked, asked="cancel"))
    with pytest.raises(RequestsUndecided):
        await close(april)


async def test_anomalies_are_accepted_each_by_itself(april: Rig, http: Http, issuer: Issuer) -> None:
    manager = issuer.agent(TOWN, Role.MANAGER)
    some = {**ASKED, "accepted": accepted(("chd_1_1", MONDAY), ("chd_2_1", MONDAY))}
    all_of_them = {**ASKED, "accepted": [*some["accepted"], *accepted(("chd_1_1", TUESDAY))]}

    refused = await http.post("/api/v1/month-closings", json=some, headers=keyed(manager, "the-first-key"))
    problem = await refused.json()
    closed = await http.post("/api/v1/month-closings", json=all_of_them, headers=keyed(manager, "another-key"))

    assert (refused.status, problem["type"]) == (409, "/problems/days-unmarked")
    assert problem["anomalies"] == accepted(("chd_1_1", TUESDAY))
    assert (closed.status, len((await closed.json())["anomalies"])) == (201, 3)


async def test_a_day_accepted_that_is_no_anomaly_changes_nothing(april: Rig) -> None:
    with pytest.raises(DaysUnmarked):
        await close(april, accept_anomalies=False, accepted=frozenset())


async def test_the_preview_counts_all_and_shows_page_by_page(april: Rig, http: Http, issuer: Issuer) -> None:
    manager = issuer.agent(TOWN, Role.MANAGER)
    await put(april, WEDNESDAY, Entry(state="present_unbooked", unbooked=True))
    seen: list[tuple[str, str, str]] = []
    cursor = ""
    while True:
        params = {**ASKED, "limit": "2", "cursor": cursor}
        page = await (await http.get("/api/v1/month-closings/preview", params=params, headers=manager)).json()
        assert page["counts"] == {
            "unmarked": 3,
            "present_unbooked": 1,
            "requested": 0,
            "cancellation_asked": 0,
            "held": 0,
        }
        seen += [(one["date"], one["child_id"], one["kind"]) for one in page["items"]]
        if not (cursor := page["next_cursor"] or ""):
            break

    assert seen == [
        ("2026-03-09", "chd_1_1", "unmarked"),
        ("2026-03-09", "chd_2_1", "unmarked"),
        ("2026-03-10", "chd_1_1", "unmarked"),
        ("2026-03-11", "chd_1_1", "present_unbooked"),
    ]


async def test_the_preview_says_when_the_month_is_closed_already(april: Rig, http: Http, issuer: Issuer) -> None:
    await close(april)

    answer = await http.get("/api/v1/month-closings/preview", params=ASKED, headers=issuer.agent(TOWN, Role.MANAGER))

    assert (await answer.json())["closed"] is True


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"programme_id": f"{TOWN}.rien"}, (404, "not-found")),
        ({"month": "2026-3"}, (422, "invalid-input")),
        ({"municipality_id": "le-val-dore"}, (403, "forbidden")),
    ],
)
async def test_what_the_preview_refuses(
    april: Rig, http: Http, issuer: Issuer, changes: dict[str, str], expected: tuple[int, str]
) -> None:
    headers = issuer.agent(TOWN, Role.MANAGER)

    assert (
        await refusal(await http.get("/api/v1/month-closings/preview", params={**ASKED, **changes}, headers=headers))
        == expected
    )


async def test_the_preview_is_for_managers(april: Rig, http: Http, issuer: Issuer) -> None:
    for headers in (issuer.agent(TOWN, Role.ATTENDANCE), issuer.guardian("hsh_1", TOWN)):
        answer = await http.get("/api/v1/month-closings/preview", params=ASKED, headers=headers)
        assert await refusal(answer) == (403, "forbidden")
