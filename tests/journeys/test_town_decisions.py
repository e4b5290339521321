"""A family proves an absence by a request, and the town cancels a day: what is charged, and what families read."""

from typing import Any

import pytest

from deploy.local.demo.asking import one_page_pdf
from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau

RESTAURANT, REPAS = "sainte-aurore.restaurant", "sainte-aurore.repas"
MONDAY, TUESDAY, FRIDAY = "2025-11-24", "2025-11-25", "2025-11-28"
PROOF = "sainte-aurore.absence-justifiee"
NOTICED = "reservations.disruption_noticed.v1"


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    """Meals are booked for three days."""
    family = await aurore.welcome("F0001")
    await family.book(REPAS, MONDAY, TUESDAY, FRIDAY)
    return family


async def charged(preau: Preau, family: Family) -> dict[str, bool]:
    """By day, what billing would charge now."""
    await preau.quiet()
    sheet = await preau.databases["billing"]["sheets"].find_one({"household_id": family.household_id})
    assert sheet is not None
    lines = {line["date"]: (line["state"], line["cancelled"]) for line in sheet["lines"]}
    return {day: state in ("booked", "absent_unjustified") or kind == "late" for day, (state, kind) in lines.items()}


async def test_an_absence_too_late_to_cancel_is_reported_and_stays_charged(
    preau: Preau, claire: Family, clock: MovableClock
) -> None:
    clock.move_to("2025-11-23", "19:00")
    body = {"child_id": claire.child.id, "from": MONDAY, "until": TUESDAY}

    done = await claire.post("/absences", body, key="new")

    assert [(day["date"], day["outcome"]) for day in done["days"]] == [(MONDAY, "reported"), (TUESDAY, "reported")]
    assert await charged(preau, claire) == {MONDAY: True, TUESDAY: True, FRIDAY: True}


async def test_its_proof_accepted_by_an_agent_frees_the_days(preau: Preau, aurore: TownHall, claire: Family) -> None:
    answers = {"du": MONDAY, "au": TUESDAY}
    body = {"category_id": PROOF, "child_id": claire.child.id, "answers": answers}
    request_id = (await claire.post("/requests", body))["request_id"]
    place = f"/requests/{request_id}/attachments/justificatif"
    await claire.ask("PUT", place, one_page_pdf(), media="application/pdf")
    await claire.post(f"/requests/{request_id}/submission", key="new")

    await aurore.manager.post(f"/requests/{request_id}/answer", {"decision": "accepted", "message": "Bien reçu."})

    await preau.heard.until("reservations.absence_proof_decided.v1", household_id=claire.household_id)
    assert await charged(preau, claire) == {MONDAY: False, TUESDAY: False, FRIDAY: True}
    assert (await claire.cell(RESTAURANT, REPAS, TUESDAY))["state"] == "absent_justified"


async def test_a_day_the_town_cancels_is_told_once_and_never_charged(
    preau: Preau, aurore: TownHall, claire: Family
) -> None:
    strike = {
        "municipality_id": "sainte-aurore",
        "programme_ids": [RESTAURANT],
        "from": FRIDAY,
        "until": FRIDAY,
        "reason": "strike",
        "label": "Grève",
        "message": "Pas de restauration vendredi.",
    }

    declared = await aurore.manager.post("/disruptions", strike, key="new")

    async def settled() -> Any:
        return (await aurore.manager.get(f"/disruptions/{declared['disruption_id']}"))["state"] == "settling"

    await eventually("the cancellation", settled)
    assert await charged(preau, claire) == {MONDAY: False, TUESDAY: False, FRIDAY: False}
    problem = await claire.refused(409, "POST", "/cart/lines", claire.line(REPAS, FRIDAY))
    assert problem["type"] == "/problems/cancelled-by-town"
    told = [one for one in (await claire.get("/messages"))["items"] if "vendredi" in one["body"]]
    assert [one["kind"] for one in told] == ["disruption_noticed"]


async def test_taking_it_back_books_the_day_again(preau: Preau, aurore: TownHall, claire: Family) -> None:
    [strike] = (await aurore.manager.get("/disruptions?municipality_id=sainte-aurore"))["items"]

    await aurore.manager.post(f"/disruptions/{strike['disruption_id']}/undo", key="new")

    async def undone() -> Any:
        return (await aurore.manager.get(f"/disruptions/{strike['disruption_id']}"))["state"] == "undone"

    await eventually("the end of the cancellation", undone)
    assert await charged(preau, claire) == {MONDAY: False, TUESDAY: False, FRIDAY: True}
    assert (await claire.cell(RESTAURANT, REPAS, FRIDAY))["state"] == "booked"
