"""Several months in one call, and weeks as an agenda: the same cells as a month's, each document read once."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.reservations.http.agenda import Agenda, Months
from services.reservations.http.cells import Month
from shared.auth import Role
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import JOURNEE, MONDAY, PAI, REPAS, TOWN, Rig, programme

RESTAURANT = programme("restaurant")
MONTHS = "/api/v1/months/2026-03"
AGENDA = "/api/v1/agenda?from=2026-03-11&weeks=2"


async def ask(http: Http, path: str, headers: dict[str, str]) -> Any:
    response = await http.get(path, headers=headers)
    assert response.status == 200, await response.text()
    return await response.json()


def cell_of(month: Any, activity_id: str, day: str) -> Any:
    row = next(row for row in month["activities"] if row["activity_id"] == activity_id)
    return next(cell for cell in row["days"] if cell["date"] == day)


async def test_several_children_and_programmes_come_in_one_answer(http: Http, parent: dict[str, str]) -> None:
    wanted = [("chd_1_1", RESTAURANT), ("chd_1_1", programme("loisirs"))]
    named = "&".join(["child_id=chd_1_1", *(f"programme_id={one}" for _, one in wanted)])

    found = await ask(http, f"{MONTHS}?{named}", parent)

    assert (found["month"], found["previous"], found["next"]) == ("2026-03", "2026-02", "2026-04")
    assert [(one["child_id"], one["programme_id"]) for one in found["months"]] == wanted


async def test_nobody_named_means_every_child_and_programme(http: Http, parent: dict[str, str]) -> None:
    found = await ask(http, MONTHS, parent)

    assert {one["child_id"] for one in found["months"]} == {"chd_1_1", "chd_1_2"}
    assert {RESTAURANT, programme("loisirs")} <= {one["programme_id"] for one in found["months"]}


async def test_each_month_is_as_its_own_address_shows_it(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.choose(JOURNEE, MONDAY.replace(day=11))
    found = await ask(http, f"{MONTHS}?child_id=chd_1_1", parent)

    for month in found["months"]:
        path = f"/api/v1/children/chd_1_1/months/2026-03?programme_id={month['programme_id']}"
        assert month == await ask(http, path, parent)


async def test_what_is_written_by_hand_is_what_is_described(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    await rig.book(REPAS, MONDAY)

    for path, model in ((MONTHS, Months), (AGENDA, Agenda)):
        shape = TypeAdapter(model).json_schema(mode="serialization")
        assert set(await ask(http, path, parent)) == set(shape["properties"])
    month = (await ask(http, MONTHS, parent))["months"][0]
    cell = month["activities"][0]["days"][8]
    known = Month.model_validate(month)
    assert set(cell) == set(known.activities[0].days[8].model_fields_set)


async def test_a_booking_shows_at_once_within_the_same_minute(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    rig.now += timedelta(seconds=5)
    path = f"/api/v1/children/chd_1_1/months/2026-03?programme_id={RESTAURANT}"
    before = await ask(http, path, parent)
    await rig.book(REPAS, MONDAY)

    after = await ask(http, path, parent)

    assert cell_of(before, REPAS, "2026-03-09")["state"] == "bookable"
    assert cell_of(after, REPAS, "2026-03-09")["state"] == "booked"
    assert cell_of(after, REPAS, "2026-03-10") == cell_of(before, REPAS, "2026-03-10")


async def test_an_agenda_has_a_row_for_each_week_and_a_column_for_each_weekday(
    http: Http, parent: dict[str, str]
) -> None:
    found = await ask(http, f"{AGENDA}&child_id=chd_1_1&programme_id={RESTAURANT}", parent)

    (item,) = found["items"]
    repas = next(one for one in item["activities"] if one["activity_id"] == REPAS)
    assert (found["from"], found["until"]) == ("2026-03-09", "2026-03-22")
    assert (found["previous"], found["next"]) == ("2026-02-23", "2026-03-23")
    assert repas["weekdays"] == [1, 2, 4, 5]
    assert [(week["week"], week["number"]) for week in repas["weeks"]] == [("2026-W11", 11), ("2026-W12", 12)]
    assert [cell["date"] for cell in repas["weeks"][1]["days"]] == [f"2026-03-{day}" for day in (16, 17, 19, 20)]


async def test_weeks_over_the_end_of_a_month_and_a_year_are_whole(http: Http, parent: dict[str, str]) -> None:
    found = await ask(http, f"/api/v1/agenda?from=2025-12-29&weeks=1&programme_id={RESTAURANT}", parent)

    repas = next(one for one in found["items"][0]["activities"] if one["activity_id"] == REPAS)
    (week,) = repas["weeks"]
    assert (week["week"], week["number"]) == ("2026-W01", 1)


async def test_an_agenda_shows_the_cells_of_the_months(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    await rig.book(REPAS, MONDAY)
    month = await ask(http, f"/api/v1/children/chd_1_1/months/2026-03?programme_id={RESTAURANT}", parent)

    found = await ask(http, f"{AGENDA}&child_id=chd_1_1&programme_id={RESTAURANT}", parent)

    for activity in found["items"][0]["activities"]:
        for week in activity["weeks"]:
            for cell in week["days"]:
                assert cell == cell_of(month, activity["activity_id"], cell["date"])
    assert cell_of(month, PAI, "2026-03-09")["state"] == "excluded"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{MONTHS}?child_id=chd_2_1", (404, "not-found")),
        (f"{MONTHS}?child_id=chd_1_1&child_id=chd_2_1", (404, "not-found")),
        (f"{MONTHS}?programme_id=sainte-aurore.rien", (404, "not-found")),
        ("/api/v1/months/2026-13", (404, "not-found")),
        ("/api/v1/agenda?from=2026-03-11&child_id=chd_2_1", (404, "not-found")),
        ("/api/v1/agenda?from=2026-03-11&weeks=11", (422, "invalid-input")),
        ("/api/v1/agenda?from=2026-02-30", (422, "invalid-input")),
        ("/api/v1/agenda", (422, "invalid-input")),
    ],
)
async def test_what_they_refuse(http: Http, parent: dict[str, str], path: str, expected: tuple[int, str]) -> None:
    assert await refusal(await http.get(path, headers=parent)) == expected


async def test_they_are_the_familys(http: Http, issuer: Issuer) -> None:
    for path in (MONTHS, AGENDA):
        assert await refusal(await http.get(path, headers=issuer.agent(TOWN, *Role))) == (403, "forbidden")
