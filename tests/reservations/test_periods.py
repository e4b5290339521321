"""Periods, previews, usual weeks and copied weeks, as families ask for them."""

from typing import Any

import pytest

from services.reservations.store.privacy import ReservationHoldings
from services.reservations.usecases.import_programmes import import_programmes
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import MONDAY, REPAS, SOIR_1, THURSDAY, TOWN, TUESDAY, Rig, programme, town_file

PERIOD = {
    "child_id": "chd_1_1",
    "programme_id": programme("restaurant"),
    "from": "2026-03-09",
    "until": "2026-03-27",
    "pattern": [{"activity_id": REPAS, "weekdays": [1, 2], "weeks": "odd"}],
}
WEEK = f"/api/v1/children/chd_1_1/usual-weeks/{programme('restaurant')}"
USUAL = {"pattern": [{"activity_id": REPAS, "weekdays": [1, 4]}], "from": "2026-03-01", "until": "2026-07-03"}
MARCH = {"from": "2026-03-09", "until": "2026-03-20"}


async def ask(http: Http, path: str, body: Any, headers: dict[str, str]) -> Any:
    answer = await http.post(path, json=body, headers=headers)
    assert answer.status in (200, 201), await answer.text()
    return await answer.json()


def days_of(cart: dict[str, Any]) -> list[tuple[str, str]]:
    return [(line["child_id"], line["date"]) for line in cart["lines"]]


async def test_a_period_takes_every_other_week(http: Http, parent: dict[str, str]) -> None:
    done = await ask(http, "/api/v1/cart/periods", PERIOD, parent)

    assert [day for _, day in days_of(done["cart"])] == ["2026-03-09", "2026-03-10", "2026-03-23", "2026-03-24"]


async def test_a_preview_says_what_a_period_would_do_and_changes_nothing(
    rig: Rig, http: Http, parent: dict[str, str]
) -> None:
    await rig.book(REPAS, MONDAY)

    seen = await ask(http, "/api/v1/cart/period-previews", PERIOD, parent)

    assert [day["date"] for day in seen["days"]] == ["2026-03-10", "2026-03-23", "2026-03-24"]
    assert [(one["date"], one["problem"]["type"]) for one in seen["dropped"]] == [
        ("2026-03-09", "/problems/already-booked")
    ]
    assert (seen["added"], seen["counts"][0]["added"]) == (3, 3)
    assert (await rig.stores.carts.get("hsh_1")).lines == ()
    done = await ask(http, "/api/v1/cart/periods", PERIOD, parent)
    assert (done["added"], done["dropped"]) == (seen["added"], seen["dropped"])


async def test_a_whole_year_is_clipped_at_the_end_of_the_enrolment_with_the_reason(
    http: Http, parent: dict[str, str]
) -> None:
    year = {**PERIOD, "until": "2027-01-31", "pattern": [{"activity_id": REPAS, "weekdays": [1]}]}

    done = await ask(http, "/api/v1/cart/periods", year, parent)

    assert (done["clipped"]["from"], done["clipped"]["until"]) == ("2026-03-09", "2026-07-05")
    assert done["clipped"]["problem"]["type"] == "/problems/not-enrolled"
    assert all(one["date"] < "2026-07-05" for one in done["dropped"])


async def test_a_period_longer_than_one_request_covers_says_so(http: Http, parent: dict[str, str]) -> None:
    ages = {**PERIOD, "from": "2026-07-06", "until": "2028-01-01"}

    done = await ask(http, "/api/v1/cart/period-previews", ages, parent)

    assert done["clipped"]["problem"]["type"] == "/problems/beyond-horizon"
    assert done["clipped"]["until"] == "2027-08-09"


async def test_a_usual_week_is_set_shown_replaced_and_forgotten(http: Http, parent: dict[str, str]) -> None:
    made = await (await http.put(WEEK, json=USUAL, headers=parent)).json()
    other = {**USUAL, "pattern": [{"activity_id": REPAS, "weekdays": [2], "weeks": "even"}]}
    await http.put(WEEK, json=other, headers=parent)

    shown = await (await http.get(WEEK, headers=parent)).json()
    listed = await (await http.get("/api/v1/children/chd_1_1/usual-weeks", headers=parent)).json()

    assert made["pattern"] == [{"activity_id": REPAS, "weekdays": [1, 4], "weeks": "every"}]
    assert (made["from"], made["until"]) == ("2026-03-01", "2026-07-03")
    assert shown["pattern"] == other["pattern"]
    assert listed == [shown]
    assert (await http.delete(WEEK, headers=parent)).status == 204
    assert await refusal(await http.get(WEEK, headers=parent)) == (404, "not-found")
    assert await refusal(await http.delete(WEEK, headers=parent)) == (404, "not-found")


async def test_a_usual_week_books_nothing_by_itself(rig: Rig, http: Http, parent: dict[str, str]) -> None:
    await http.put(WEEK, json=USUAL, headers=parent)

    assert (await rig.stores.carts.get("hsh_1")).lines == ()
    assert await rig.told() == []


@pytest.mark.parametrize(
    "path",
    [
        WEEK.replace("chd_1_1", "chd_2_1"),
        WEEK.replace("restaurant", "inconnu"),
    ],
)
async def test_a_usual_week_of_a_stranger_or_of_nothing_is_not_found(
    path: str, http: Http, parent: dict[str, str]
) -> None:
    assert await refusal(await http.put(path, json=USUAL, headers=parent)) == (404, "not-found")


async def test_a_usual_week_names_activities_of_its_programme(http: Http, parent: dict[str, str]) -> None:
    evening = {**USUAL, "pattern": [{"activity_id": SOIR_1, "weekdays": [1]}]}

    assert await refusal(await http.put(WEEK, json=evening, headers=parent)) == (404, "not-found")


async def test_the_usual_weeks_of_all_children_go_into_the_cart_at_once(
    rig: Rig, http: Http, parent: dict[str, str]
) -> None:
    await http.put(WEEK, json=USUAL, headers=parent)
    await http.put(WEEK.replace("chd_1_1", "chd_1_2"), json=USUAL, headers=parent)
    await rig.book(REPAS, MONDAY)

    done = await ask(http, "/api/v1/cart/usual-weeks", MARCH, parent)

    assert done["added"] == 7
    assert [(one["child_id"], one["added"], len(one["dropped"])) for one in done["portions"]] == [
        ("chd_1_1", 3, 1),
        ("chd_1_2", 4, 0),
    ]
    assert done["portions"][0]["dropped"][0]["child_id"] == "chd_1_1"
    assert len(done["cart"]["lines"]) == 7


async def test_without_a_usual_week_there_is_nothing_to_put_into_the_cart(http: Http, parent: dict[str, str]) -> None:
    answer = await http.post("/api/v1/cart/usual-weeks", json=MARCH, headers=parent)

    assert await refusal(answer) == (409, "no-usual-week")


async def test_a_week_is_copied_with_what_is_booked_and_what_is_chosen(
    rig: Rig, http: Http, parent: dict[str, str]
) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, TUESDAY)
    await rig.choose(REPAS, TUESDAY, action="cancel")
    await rig.choose(REPAS, THURSDAY)
    await rig.book(SOIR_1, MONDAY)
    copy = {"child_id": "chd_1_1", "week": "2026-W11", "weeks": 2}

    done = await ask(http, "/api/v1/cart/week-copies", copy, parent)

    added = {(one["programme_id"].split(".")[1], one["added"]) for one in done["portions"]}
    assert added == {("restaurant", 4), ("garderie", 2)}
    meals = sorted(line["date"] for line in done["cart"]["lines"] if line["activity_id"] == REPAS)
    assert meals == ["2026-03-10", "2026-03-12", "2026-03-16", "2026-03-19", "2026-03-23", "2026-03-26"]


async def test_a_week_is_copied_up_to_a_day_and_for_one_programme(rig: Rig, http: Http, parent: dict[str, str]) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.book(SOIR_1, MONDAY)
    copy = {
        "child_id": "chd_1_1",
        "week": "2026-W11",
        "until": "2026-03-22",
        "programme_ids": [programme("restaurant")],
    }

    done = await ask(http, "/api/v1/cart/week-copies", copy, parent)

    assert days_of(done["cart"]) == [("chd_1_1", "2026-03-16")]


async def test_an_empty_week_and_a_strangers_child_are_refused(http: Http, parent: dict[str, str]) -> None:
    copy = {"child_id": "chd_1_1", "week": "2026-W11", "weeks": 1}
    stranger = {**copy, "child_id": "chd_2_1", "programme_ids": [programme("restaurant")]}

    assert await refusal(await http.post("/api/v1/cart/week-copies", json=copy, headers=parent)) == (
        409,
        "nothing-to-copy",
    )
    assert await refusal(await http.post("/api/v1/cart/week-copies", json=stranger, headers=parent)) == (
        404,
        "not-found",
    )


@pytest.mark.parametrize(
    "wrong", [{"week": "2026-W54"}, {"week": "2025-W53"}, {"week": "lundi"}, {"until": "2026-03-20"}, {"weeks": None}]
)
async def test_a_week_that_is_none_and_two_ends_are_refused(
    wrong: dict[str, Any], http: Http, parent: dict[str, str]
) -> None:
    copy = {"child_id": "chd_1_1", "week": "2026-W11", "weeks": 1, **wrong}

    answer = await http.post("/api/v1/cart/week-copies", json=copy, headers=parent)

    assert await refusal(answer) == (422, "invalid-input")


async def test_a_window_not_yet_open_clips_the_period(rig: Rig, http: Http, parent: dict[str, str]) -> None:
    asked = town_file().model_dump(mode="json", by_alias=True)
    first = {"from": "2026-03-05", "until": "2026-04-10", "opens": "2026-01-01T00:00", "closes": "2026-03-04T12:00"}
    later = {"from": "2026-04-11", "until": "2026-07-31", "opens": "2026-04-01T00:00", "closes": "2026-04-10T12:00"}
    rule = {"id": "fenetres", "shape": "absolute_window", "windows": [first, later]}
    meals = asked["programmes"][0]["regulation"]
    meals |= {"version": 9, "booking": [rule], "cancelling": [rule]}
    await import_programmes(
        TOWN, type(town_file()).model_validate(asked), catalogue=rig.stores.catalogue, clock=rig.clock
    )
    spring = {**PERIOD, "until": "2026-06-30", "pattern": [{"activity_id": REPAS, "weekdays": [1]}]}

    done = await ask(http, "/api/v1/cart/periods", spring, parent)

    assert done["clipped"]["problem"]["type"] == "/problems/not-yet-open"
    assert done["added"] == 4


async def test_usual_weeks_are_exported_and_erased_with_the_household(
    rig: Rig, http: Http, parent: dict[str, str]
) -> None:
    await http.put(WEEK, json=USUAL, headers=parent)
    holdings = ReservationHoldings(rig.database, rig.stores.catalogue)

    (file,) = [one async for one in holdings.files("hsh_1")]
    await holdings.erase("hsh_1", rig.now)

    assert b'"usual_weeks"' in file.content
    assert await rig.stores.usual_weeks.of_household("hsh_1") == []
