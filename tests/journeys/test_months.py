"""Step 3: a parent reads the month of a child: what is open, what is shut and why, and until when."""

from datetime import datetime
from typing import Any

import pytest

from tests.journeys.clock import MovableClock
from tests.journeys.office import TownHall
from tests.journeys.people import Child, Family, cell_of

RESTAURANT, REPAS, PAI = "sainte-aurore.restaurant", "sainte-aurore.repas", "sainte-aurore.pai"
LEISURE, FULL_DAY = "sainte-aurore.centre-de-loisirs", "sainte-aurore.journee-6-11-ans"
GARDERIE, EVENING = "sainte-aurore.garderie", "sainte-aurore.de-16h30-a-18h30"


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    """Two children at the École des Tilleuls; quotient 1316."""
    return await aurore.welcome("F0001")


@pytest.fixture(scope="module")
async def nadia(aurore: TownHall) -> Family:
    """One child at the École Jean-Macé; quotient 1111."""
    return await aurore.welcome("F0002")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_an_open_day_says_until_when_it_can_be_booked(claire: Family) -> None:
    cell = await claire.cell(RESTAURANT, REPAS, "2025-11-24")

    assert (cell["state"], cell["kind"], cell["can_book"], cell["can_cancel"]) == (
        "bookable",
        "school_day",
        True,
        False,
    )
    # Two working days before Monday is Thursday.
    assert at(cell["book_until"]) == at("2025-11-20T10:00+01:00")
    assert cell["refusal"] is None


async def test_a_day_past_its_deadline_names_the_rule_and_the_instant(claire: Family) -> None:
    cell = await claire.cell(RESTAURANT, REPAS, "2025-11-21")

    refusal = cell["refusal"]
    assert (cell["state"], cell["can_book"]) == ("past_deadline", False)
    assert refusal["type"] == "/problems/deadline-passed"
    assert (refusal["rule"], refusal["rule_version"]) == ("reserver-j-2", 1)
    assert at(refusal["limit"]) == at("2025-11-19T10:00+01:00")
    assert "19 novembre 2025" in refusal["detail"]
    assert "02 61 91 20 00" in refusal["next"]


@pytest.mark.parametrize(
    ("day", "kind", "problem", "label"),
    [
        ("2025-11-11", "public_holiday", "public-holiday", "11 novembre"),
        ("2025-12-25", "public_holiday", "public-holiday", "Noël"),
        ("2025-12-22", "holiday", "school-holiday", "Vacances de Noël"),
        ("2026-05-15", "closure", "closed-day", "Pont de l'Ascension"),
        ("2025-11-26", "school_day", "not-that-weekday", "REPAS"),
        ("2025-11-22", "weekend", "not-that-weekday", "REPAS"),
    ],
)
async def test_a_closed_day_says_why_by_its_name(claire: Family, day: str, kind: str, problem: str, label: str) -> None:
    cell = await claire.cell(RESTAURANT, REPAS, day)

    assert (cell["state"], cell["kind"], cell["can_book"]) == ("closed", kind, False)
    assert cell["refusal"]["type"] == f"/problems/{problem}"
    assert label in cell["refusal"]["detail"]


async def test_a_site_closes_by_itself(claire: Family, nadia: Family) -> None:
    closed = await claire.cell(RESTAURANT, REPAS, "2027-01-14")
    open_elsewhere = await nadia.cell(RESTAURANT, REPAS, "2027-01-14")

    assert (closed["state"], closed["refusal"]["type"]) == ("closed", "/problems/closed-day")
    assert "Journée pédagogique" in closed["refusal"]["detail"]
    assert open_elsewhere["state"] == "bookable"


async def test_holidays_open_on_their_date_and_say_when(claire: Family) -> None:
    open_now = await claire.cell(LEISURE, FULL_DAY, "2025-12-22")
    later = await claire.cell(LEISURE, FULL_DAY, "2026-02-16")

    assert (open_now["state"], open_now["places_left"]) == ("bookable", 24)
    assert at(open_now["book_until"]) == at("2025-12-10T23:59+01:00")
    assert (later["state"], later["can_book"]) == ("not_yet_open", False)
    # Residents come first.
    assert at(later["opens"]) == at("2026-01-03T07:00+01:00")
    assert later["refusal"]["type"] == "/problems/not-yet-open"


async def test_each_household_reads_its_own_price(claire: Family, nadia: Family) -> None:
    prices = [
        {row["activity_id"]: row["price_cents"] for row in (await family.month(RESTAURANT, "2025-11"))["activities"]}
        for family in (claire, nadia)
    ]

    assert prices == [{REPAS: 395, PAI: 160}, {REPAS: 330, PAI: 130}]


async def test_the_month_leads_to_its_neighbours(claire: Family) -> None:
    view = await claire.month(RESTAURANT, "2025-12")

    assert (view["previous"], view["next"], view["today"]) == ("2025-11", "2026-01", "2025-11-20")
    assert [len(row["days"]) for row in view["activities"]] == [31, 31]


async def test_the_months_of_another_family_or_another_town_are_not_found(
    claire: Family, nadia: Family, dore: TownHall
) -> None:
    path = f"/children/{nadia.child.id}/months/2025-11?programme_id={RESTAURANT}"
    foreign = await claire.refused(404, "GET", path)
    missing = await claire.refused(404, "GET", path.replace(nadia.child.id, "chd_missing"))
    other_town = await claire.refused(404, "GET", f"/children/{claire.child.id}/months/2025-11?programme_id=x.garderie")

    for problem in (foreign, missing, other_town):
        assert {**problem, "instance": ""} == {**foreign, "instance": ""}
    assert (await dore.manager.ask("GET", path)).status == 404


async def test_an_agent_of_the_town_reads_the_month_without_the_cart(claire: Family, aurore: TownHall) -> None:
    await claire.choose(REPAS, "2025-11-27")

    view = await aurore.manager.get(f"/children/{claire.child.id}/months/2025-11?programme_id={RESTAURANT}")

    assert cell_of(view, REPAS, "2025-11-27")["state"] == "bookable"
    own = await claire.cell(RESTAURANT, REPAS, "2025-11-27")
    assert own["state"] == "in_cart_booking"
    assert own["line_id"]
    await claire.ask("DELETE", "/cart")


async def test_what_is_not_enrolled_is_closed_with_a_way_to_ask(aurore: TownHall) -> None:
    lopez = await aurore.welcome("F0003")

    cell = await lopez.cell(GARDERIE, EVENING, "2025-11-24")

    assert (cell["state"], cell["refusal"]["type"]) == ("closed", "/problems/not-enrolled")
    assert "02 61 91 20 00" in cell["refusal"]["next"]


async def test_the_limit_is_inclusive_to_the_minute(claire: Family, clock: MovableClock) -> None:
    second: Child = claire.children[1]
    clock.move_to("2025-11-20", "10:00")
    still = await claire.cell(RESTAURANT, REPAS, "2025-11-24", second)
    clock.pass_time(minutes=1)
    over: Any = await claire.cell(RESTAURANT, REPAS, "2025-11-24", second)

    assert (still["state"], over["state"]) == ("bookable", "past_deadline")
