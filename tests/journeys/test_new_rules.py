"""A manager drafts new rules, sees whom they would have touched, and publishes them for the days after the holidays."""

from typing import Any

import pytest

from tests.journeys.clock import eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau

RESTAURANT, REPAS = "sainte-aurore.restaurant", "sainte-aurore.repas"
MONDAY, TUESDAY, AFTER_THE_HOLIDAYS = "2025-12-01", "2025-12-02", "2026-01-12"
TWO_MONTHS_BEFORE = {"id": "deux-mois", "shape": "calendar_days_before", "days": 60, "time": "12:00"}
PUBLISHED = "reservations.regulation_published.v1"


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    return await aurore.welcome("F0001")


@pytest.fixture(scope="module")
async def draft(aurore: TownHall) -> Any:
    """The rules in force, but for booking much earlier."""
    begun = await aurore.manager.post("/regulations", {"programme_id": RESTAURANT})
    rules = {**begun["regulation"], "booking": [TWO_MONTHS_BEFORE]}
    path = f"/regulations/{begun['regulation_id']}"
    answer = await aurore.manager.ask("PUT", path, {"regulation": rules}, If_Match=f'"{begun["revision"]}"')
    assert answer.status == 200, answer.content
    return answer.json


async def test_the_simulator_names_the_families_the_draft_would_have_refused(
    aurore: TownHall, claire: Family, draft: Any
) -> None:
    await claire.book(REPAS, MONDAY, TUESDAY)
    asked = {
        "programme_id": RESTAURANT,
        "draft_id": draft["regulation_id"],
        "from": "2025-11-01",
        "until": "2025-12-31",
    }
    path = f"/regulation-simulations/{(await aurore.manager.post('/regulation-simulations', asked))['simulation_id']}"

    async def done() -> Any:
        found = await aurore.manager.get(path)
        return found if found["state"] == "done" else None

    (change,) = (await eventually("the simulation", done))["changes"]
    assert (change["before"], change["after"], change["rule"]) == ("in_time", "refused", "deux-mois")
    assert (change["acts"], change["children"], change["households"]) == (2, 1, 1)
    (found,) = (await aurore.manager.get(f"{path}/findings"))["items"]
    assert (found["household_id"], found["child_id"]) == (claire.household_id, claire.child.id)
    assert found["first_name"] == claire.child.first_name


async def test_a_new_version_holds_for_the_days_it_is_for_and_no_others(
    preau: Preau, aurore: TownHall, claire: Family, draft: Any
) -> None:
    path = f"/regulations/{draft['regulation_id']}/publication"
    headers = {"If_Match": f'"{draft["revision"]}"'}
    version = await aurore.manager.ask("POST", path, {"valid_from": "2026-01-05"}, **headers)
    assert (version.status, version.json["version"]) == (201, 2), version.content
    (told,) = await preau.heard.until(PUBLISHED, regulation_id=draft["regulation_id"])
    assert told["data"]["valid_from"] == "2026-01-05"

    async def closed_early() -> bool:
        return str((await claire.cell(RESTAURANT, REPAS, AFTER_THE_HOLIDAYS))["state"]) != "bookable"

    await eventually("the new version", closed_early)
    line = {"child_id": claire.child.id, "activity_id": REPAS, "date": AFTER_THE_HOLIDAYS}
    refused = await claire.ask("POST", "/bookings", line, key="new")
    assert (refused.status, refused.json["rule"], refused.json["rule_version"]) == (409, "deux-mois", 2)
    assert (await claire.cell(RESTAURANT, REPAS, "2025-12-15"))["state"] == "bookable"
