"""A day at school through the gateway: the kitchen is told, a tablet marks late, an agent books for a family."""

from typing import Any

import pytest

from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family, Person
from tests.journeys.town import Preau
from tests.security.world import Partner

REPAS, PAI = "sainte-aurore.repas", "sainte-aurore.pai"
TILLEULS = "sainte-aurore.ecole-des-tilleuls"
FRIDAY, MONDAY, TUESDAY = "2025-11-21", "2025-11-24", "2025-11-25"
TOWN = "municipality_id=sainte-aurore"
FROZEN, AMENDED = "reservations.meal_order_frozen.v1", "reservations.meal_order_amended.v1"
UNMARKED = "reservations.attendance_unmarked.v1"


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    """Both children eat on Monday."""
    family = await aurore.welcome("F0001")
    for child in family.children:
        await family.choose(REPAS, MONDAY, child=child)
    await family.validate()
    return family


@pytest.fixture(scope="module")
async def attendant(aurore: TownHall) -> Person:
    return await aurore.agent("attendance")


@pytest.fixture(scope="module")
async def kitchen(preau: Preau, aurore: TownHall) -> Partner:
    """The kitchen's own system, which may count heads and nothing else."""
    asked = {"name": "Cuisine centrale", "scopes": ["headcounts.read"]}
    made = await aurore.manager.post(f"/partner-accounts?{TOWN}", asked)
    return Partner(door=preau.gateway, clock=preau.clock, email=made["client_id"], password=made["secret"])


async def told(preau: Preau, topic: str) -> list[Any]:
    async def look() -> list[Any] | None:
        return [one for one in preau.heard.of(topic) if one["data"].get("date", MONDAY) == MONDAY] or None

    return await eventually(topic, look)


async def test_the_kitchen_is_told_on_friday_at_ten_how_many_come_on_monday(
    preau: Preau, claire: Family, kitchen: Partner, clock: MovableClock
) -> None:
    clock.move_to(FRIDAY, "10:01")

    (frozen,) = await told(preau, FROZEN)
    listed = await kitchen.get(f"/meal-orders?{TOWN}&date={MONDAY}")
    heads = await kitchen.get(f"/headcounts?{TOWN}&date={MONDAY}")

    assert sum(one["count"] for one in frozen["data"]["counts"]) == 2
    assert [one["programme_id"] for one in listed["items"]] == ["sainte-aurore.restaurant"]
    assert {one["group"] for one in heads["items"]} == {""}
    assert sum(one["to_prepare"] for one in heads["items"]) == 2
    assert (await kitchen.ask("GET", f"/attendance-days?{TOWN}&site_id={TILLEULS}&date={MONDAY}")).status == 403


async def test_a_tablet_asks_again_and_again_and_is_answered_when_something_changed(
    claire: Family, attendant: Person, clock: MovableClock
) -> None:
    clock.move_to(MONDAY, "11:45")
    path = f"/attendance-days?{TOWN}&site_id={TILLEULS}&date={MONDAY}"
    first = await attendant.ask("GET", path)
    (etag,) = (value for name, value in first.headers.items() if name.lower() == "etag")

    same = await attendant.ask("GET", path, If_None_Match=etag)
    marks = [{"child_id": claire.child.id, "outcome": "present", "device_id": "tablette"}]
    done = await attendant.post(
        "/attendance-marks", {"municipality_id": "sainte-aurore", "activity_id": REPAS, "date": MONDAY, "marks": marks}
    )
    other = await attendant.ask("GET", path, If_None_Match=etag)

    assert (same.status, same.content, done["marked"], other.status) == (304, b"", 1, 200)


async def test_a_mark_taken_back_is_told_and_an_older_one_does_not_return(
    preau: Preau, claire: Family, attendant: Person, clock: MovableClock
) -> None:
    clock.move_to(MONDAY, "12:00")
    child = claire.child.id

    async def send(outcome: str, at: str) -> Any:
        mark = {"child_id": child, "outcome": outcome, "marked_at": f"{MONDAY}T{at}:00+01:00"}
        body = {"municipality_id": "sainte-aurore", "activity_id": REPAS, "date": MONDAY, "marks": [mark]}
        return await attendant.post("/attendance-marks", body)

    undone = await send("unmarked", "11:55")
    older = await send("absent_unjustified", "11:50")

    assert (undone["marked"], older["marked"]) == (1, 0)
    assert older["outdated"][0]["outcome"] == "unmarked"
    (fact,) = await told(preau, UNMARKED)
    assert fact["data"]["days"] == [{"activity_id": REPAS, "date": MONDAY, "state": "booked", "cancelled": None}]
    assert (await claire.cell("sainte-aurore.restaurant", REPAS, MONDAY))["state"] == "booked"


async def test_what_changes_after_the_order_reaches_the_kitchen(
    preau: Preau, claire: Family, attendant: Person, kitchen: Partner
) -> None:
    mark = {"child_id": claire.children[1].id, "outcome": "absent_justified"}
    body = {"municipality_id": "sainte-aurore", "activity_id": REPAS, "date": MONDAY, "marks": [mark]}
    await attendant.post("/attendance-marks", body)

    amended = (await told(preau, AMENDED))[-1]

    assert sum(one["after"] - one["before"] for one in amended["data"]["changes"]) == -1
    (order,) = (await kitchen.get(f"/meal-orders?{TOWN}&date={MONDAY}"))["items"]
    assert sum(one["count"] for one in order["current"]) == 1


async def test_an_agent_books_for_the_family_past_the_deadline_and_the_family_reads_it(
    preau: Preau, aurore: TownHall, claire: Family
) -> None:
    line = {"activity_id": REPAS, "date": TUESDAY, "action": "book"}
    asked = {"municipality_id": "sainte-aurore", "child_id": claire.child.id, "lines": [line]}
    refused = await aurore.manager.post("/agent-bookings", asked, key="new")
    done = await aurore.manager.post(
        "/agent-bookings", {**asked, "bypass": ["deadline"], "reason": "Appel de la famille lundi"}, key="new"
    )
    acts = await aurore.manager.get(f"/agent-bookings?{TOWN}&child_id={claire.child.id}")

    assert refused["lines"][0]["problem"]["type"] == "/problems/deadline-passed"
    assert done["lines"][0]["outcome"] == "confirmed"
    assert acts["items"][0]["reason"] == "Appel de la famille lundi"
    assert (await claire.cell("sainte-aurore.restaurant", REPAS, TUESDAY))["state"] == "booked"
    assert await eventually("the message", lambda: _told_of_tuesday(claire))


async def _told_of_tuesday(family: Family) -> bool:
    messages = (await family.get("/messages"))["items"]
    return any(one["kind"] == "booking_confirmed" and "25 nov" in one["body"] for one in messages)


async def test_the_office_exports_what_it_sees(aurore: TownHall, claire: Family) -> None:
    path = f"/booking-exports?{TOWN}&from={MONDAY}&until={TUESDAY}&programme_id=sainte-aurore.restaurant"

    table = (await aurore.manager.ask("GET", path)).content.decode("utf-8-sig").splitlines()

    assert table[0].startswith("Jour;Service;Activité")
    assert len(table) == 4
    assert any("un agent" in line for line in table)
