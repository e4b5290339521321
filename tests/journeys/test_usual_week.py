"""Before a cut-off the family hears that its usual week is not booked, and books it by the link without signing in."""

from typing import Any

import pytest

from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau

RESTAURANT, REPAS = "sainte-aurore.restaurant", "sainte-aurore.repas"
MONDAY, TUESDAY = "2025-12-01", "2025-12-02"
CONFIRMED = "reservations.booking_confirmed.v1"
MISSED = "reservations.usual_week_missed.v1"
SUBJECT = "semaine habituelle"


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    return await aurore.welcome("F0001")


async def letter(preau: Preau, family: Family) -> dict[str, Any]:
    return (await preau.mails(family.email, SUBJECT))[0]


async def test_a_letter_comes_before_the_cut_off_and_its_link_books_the_days_once(
    preau: Preau, claire: Family, clock: MovableClock
) -> None:
    week = {"pattern": [{"activity_id": REPAS, "weekdays": [1, 2]}], "from": "2025-12-01", "until": "2026-07-03"}
    path = f"/children/{claire.child.id}/usual-weeks/{RESTAURANT}"
    assert (await claire.ask("PUT", path, week)).status == 200
    # Two working days before Monday 1 December, 10:00, is Thursday 27 November.
    clock.move_to("2025-11-26", "18:00")

    await preau.heard.until(MISSED, household_id=claire.household_id)
    mail = await letter(preau, claire)
    token = next(word for word in mail["text"].split() if "/semaine/" in word).rpartition("/")[2]

    shown = await preau.anyone.ask("GET", f"/usual-week-links/{token}")
    assert [day["date"] for day in shown.json["days"]] == [MONDAY, TUESDAY]
    assert (await claire.cell(RESTAURANT, REPAS, MONDAY))["state"] == "bookable"
    done = await preau.anyone.ask("POST", f"/usual-week-links/{token}")
    again = await preau.anyone.ask("POST", f"/usual-week-links/{token}")

    assert [day["outcome"] for day in done.json["days"]] == ["confirmed", "confirmed"]
    assert again.json == done.json
    assert (await claire.cell(RESTAURANT, REPAS, MONDAY))["state"] == "booked"
    await preau.quiet()
    assert len(preau.heard.of(CONFIRMED)) == 1


async def test_what_calendar_programs_read_follows_the_bookings(preau: Preau, claire: Family) -> None:
    url = (await claire.post("/calendar-feeds", {"child_id": claire.child.id}))["url"]

    async def read() -> str:
        async with preau.http.get(url) as answer:
            assert answer.status == 200
            return str(await answer.text())

    async def shows_tuesday_only() -> bool:
        text = await read()
        return "DTSTART;VALUE=DATE:20251201" not in text and "DTSTART;VALUE=DATE:20251202" in text

    assert "DTSTART;VALUE=DATE:20251201" in await read()
    await claire.choose(REPAS, MONDAY, action="cancel")
    await claire.validate()
    await eventually("the calendar", shows_tuesday_only)
