"""Step 5: an absence in time is accepted; past the limit it is refused with the rule, the limit and what to do."""

import pytest

from tests.journeys.clock import MovableClock
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau

RESTAURANT, REPAS = "sainte-aurore.restaurant", "sainte-aurore.repas"
TRANSPORT, MORNING = "sainte-aurore.transport", "sainte-aurore.bus-matin"
CANCELLED = "reservations.booking_cancelled.v1"
MONDAY, TUESDAY, THURSDAY, FRIDAY = "2025-11-24", "2025-11-25", "2025-11-27", "2025-11-28"


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    """Meals and the bus are booked for four days."""
    family = await aurore.welcome("F0001")
    for activity in (REPAS, MORNING):
        await family.book(activity, MONDAY, TUESDAY, THURSDAY, FRIDAY)
    return family


async def test_an_absence_in_time_is_accepted_and_told(preau: Preau, claire: Family) -> None:
    cell = await claire.cell(RESTAURANT, REPAS, FRIDAY)
    assert (cell["state"], cell["can_cancel"], cell["cancel_until"]) == ("booked", True, "2025-11-26T10:00:00+01:00")
    cart = await claire.choose(REPAS, FRIDAY, action="cancel")
    assert cart["children"][0]["activities"] == [{"activity_id": REPAS, "name": "REPAS", "book": 0, "cancel": 1}]
    assert (await claire.cell(RESTAURANT, REPAS, FRIDAY))["state"] == "in_cart_cancelling"

    done = await claire.validate()

    assert [(line["action"], line["outcome"]) for line in done["lines"]] == [("cancel", "cancelled")]
    (event,) = await preau.heard.until(CANCELLED, household_id=claire.household_id)
    [day] = event["data"]["days"]
    assert (event["data"]["kind"], day["activity_id"], day["date"], day["late"]) == ("in_time", REPAS, FRIDAY, "")
    assert (await claire.cell(RESTAURANT, REPAS, FRIDAY))["state"] == "cancelled"
    await preau.quiet()
    assert (await claire.get("/messages"))["items"][0]["kind"] == "booking_cancelled"


async def test_a_cancelled_day_can_be_booked_again(preau: Preau, claire: Family) -> None:
    done = await claire.book(REPAS, FRIDAY)

    assert done["lines"][0]["outcome"] == "confirmed"
    assert (await claire.cell(RESTAURANT, REPAS, FRIDAY))["state"] == "booked"


async def test_what_is_not_booked_cannot_be_cancelled(claire: Family) -> None:
    problem = await claire.refused(409, "POST", "/cart/lines", claire.line(REPAS, "2025-12-01", "cancel"))

    assert problem["type"] == "/problems/not-booked"


async def test_an_absence_past_the_limit_is_refused_at_once_with_rule_limit_and_next(claire: Family) -> None:
    # The bus is cancelled sixty days before, which is long ago.
    problem = await claire.refused(409, "POST", "/cart/lines", claire.line(MORNING, FRIDAY, "cancel"))

    assert problem["type"] == "/problems/deadline-passed"
    assert (problem["rule"], problem["rule_version"]) == ("annuler-j-60", 1)
    assert problem["limit"] == "2025-09-29T12:00:00+02:00"
    assert "02 61 91 20 00" in problem["next"]
    assert "29 septembre 2025" in problem["detail"]
    cell = await claire.cell(TRANSPORT, MORNING, FRIDAY)
    assert (cell["state"], cell["can_cancel"]) == ("booked", False)


async def test_an_absence_that_grew_too_late_in_the_cart_is_refused_and_the_booking_stays(
    preau: Preau, claire: Family, clock: MovableClock
) -> None:
    await claire.choose(REPAS, TUESDAY, THURSDAY, action="cancel")
    clock.move_to("2025-11-21", "10:01")

    done = await claire.validate()

    outcomes = {line["date"]: line for line in done["lines"]}
    late = outcomes[TUESDAY]
    assert (late["outcome"], outcomes[THURSDAY]["outcome"]) == ("refused", "cancelled")
    assert late["problem"]["rule"] == "annuler-j-2"
    assert late["problem"]["limit"] == "2025-11-21T10:00:00+01:00"
    assert late["problem"]["next"]
    assert (await claire.cell(RESTAURANT, REPAS, TUESDAY))["state"] == "booked"
    await preau.quiet()
    cancelled = [day["date"] for event in preau.heard.of(CANCELLED) for day in event["data"]["days"]]
    assert cancelled == [FRIDAY, THURSDAY]


async def test_the_limit_follows_the_town_s_clock_through_a_public_holiday(claire: Family, clock: MovableClock) -> None:
    """Friday 2 January counts back over New Year's Day: two working days before Monday 5 are Wednesday 31."""
    clock.move_to("2025-12-29")
    await claire.book(REPAS, "2026-01-05")
    cell = await claire.cell(RESTAURANT, REPAS, "2026-01-05")
    assert cell["cancel_until"] == "2025-12-31T10:00:00+01:00"

    clock.move_to("2025-12-31", "10:00")
    await claire.choose(REPAS, "2026-01-05", action="cancel")
    clock.pass_time(seconds=1)
    done = await claire.validate()

    assert done["lines"][0]["problem"]["limit"] == "2025-12-31T10:00:00+01:00"
    assert (await claire.cell(RESTAURANT, REPAS, "2026-01-05"))["state"] == "booked"
