"""Separated parents of one town: one child, two households; own bookings, own invoices, custody weeks between them."""

from typing import Any

import pytest

from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall, family_row, registration
from tests.journeys.people import Family
from tests.journeys.sample import written
from tests.journeys.town import Preau

RESTAURANT, REPAS, PAI = "sainte-aurore.restaurant", "sainte-aurore.repas", "sainte-aurore.pai"
TILLEULS = "sainte-aurore.ecole-des-tilleuls"
MONDAY, TUESDAY, THURSDAY, FRIDAY = "2025-11-24", "2025-11-25", "2025-11-27", "2025-11-28"
"""Of week 48, which is even."""
NEXT_MONDAY = "2025-12-01"
FATHER = "thomas.roche@messagerie.example"


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    return await aurore.welcome("F0001")


@pytest.fixture(scope="module")
async def thomas(preau: Preau, aurore: TownHall, claire: Family) -> Family:
    """The town has a file of his own for him, with Jeanne under the reference it knows her by."""
    row = family_row(
        aurore.sample,
        "F0001",
        reference_famille="F0901",
        nom_famille="Roche",
        email=FATHER,
        resp1_civilite="M.",
        resp1_nom="Roche",
        resp1_prenom="Thomas",
        resp2_civilite="",
        resp2_nom="",
        resp2_prenom="",
    )
    await aurore.upload("/family-imports", written([row]), invite="true")
    letters = await preau.heard.until("identity.invitation_issued.v1", email=FATHER)
    form = await registration(preau, letters[-1]["data"]["code"], FATHER)
    family = Family(door=preau.gateway, clock=preau.clock, email=FATHER, reference="F0901")
    family.signed_in(await preau.anyone.post("/registrations", form))
    await aurore.settle(family)
    return family


async def booked(family: Family) -> dict[str, str]:
    """The days of November a household sees as its bookings."""
    page = await family.get("/bookings?from=2025-11-01&until=2025-11-30")
    return {one["date"]: one["state"] for one in page["items"] if one["child_id"] == family.child.id}


async def test_the_second_parent_joins_with_the_same_child(claire: Family, thomas: Family) -> None:
    assert thomas.household_id != claire.household_id
    assert [child.id for child in thomas.children] == [claire.child.id]
    listed = await thomas.get("/children")
    assert [(one["child_id"], one["first_name"]) for one in listed] == [(claire.child.id, "Jeanne")]


async def test_each_household_sees_its_own_bookings_only(claire: Family, thomas: Family) -> None:
    await claire.book(REPAS, MONDAY)
    await thomas.book(REPAS, TUESDAY)

    assert await booked(claire) == {MONDAY: "booked"}
    assert await booked(thomas) == {TUESDAY: "booked"}
    cell = await claire.cell(RESTAURANT, REPAS, TUESDAY)
    assert (cell["state"], cell["can_book"], cell["can_cancel"]) == ("other_household", False, False)


async def test_nobody_books_a_second_meal_for_the_child(thomas: Family, claire: Family) -> None:
    for activity in (REPAS, PAI):
        body = {"child_id": thomas.child.id, "activity_id": activity, "date": MONDAY}
        problem = await thomas.refused(409, "POST", "/bookings", body, key="new")
        assert problem["type"] == "/problems/booked-by-other-household"
        assert "autre foyer" in problem["detail"]


async def test_custody_weeks_of_the_town_decide_who_books(
    preau: Preau, aurore: TownHall, claire: Family, thomas: Family
) -> None:
    weeks = {
        "municipality_id": aurore.id,
        "child_id": claire.child.id,
        "even_weeks": claire.household_id,
        "odd_weeks": thomas.household_id,
    }
    await aurore.manager.post("/children-custody", weeks)
    await preau.quiet()

    body = {"child_id": thomas.child.id, "activity_id": REPAS, "date": THURSDAY}
    refused = await thomas.refused(409, "POST", "/bookings", body, key="new")
    cell = await thomas.cell(RESTAURANT, REPAS, THURSDAY)
    await claire.book(REPAS, THURSDAY)
    await thomas.book(REPAS, NEXT_MONDAY)

    assert refused["type"] == cell["refusal"]["type"] == "/problems/other-households-day"
    assert "semaines de garde" in refused["detail"]
    assert refused["next"]
    path = f"/household/children/{thomas.child.id}/custody?from={MONDAY}&until=2025-12-07"
    (shown,) = await thomas.get(path)
    assert [(one["from"], one["ours"]) for one in shown["days"]] == [(MONDAY, False), (NEXT_MONDAY, True)]


async def test_weeks_a_parent_asks_for_count_once_the_town_accepts(
    preau: Preau, aurore: TownHall, claire: Family, thomas: Family
) -> None:
    """Thomas asks for the last Friday of November."""
    swap = {"starts": FRIDAY, "ends": FRIDAY, "household": "ours"}
    weeks = {"even_weeks": "theirs", "exceptions": [swap]}
    body = {"kind": "custody", "child_id": thomas.child.id, "weeks": weeks, "justification": "Échange convenu."}
    asked = await thomas.post("/household/changes", body)
    assert (await thomas.cell(RESTAURANT, REPAS, FRIDAY))["can_book"] is False

    await aurore.manager.post(
        f"/household-changes/{asked['change_id']}/decision", {"accepted": True, "reason": "Bien noté."}
    )
    await preau.quiet()

    assert (await thomas.cell(RESTAURANT, REPAS, FRIDAY))["can_book"] is True
    assert (await claire.cell(RESTAURANT, REPAS, FRIDAY))["can_book"] is False
    mail = (await preau.mails(FATHER, "garde"))[0]
    assert "Bien noté." in mail["text"]


async def test_the_attendance_list_has_the_child_once(
    aurore: TownHall, claire: Family, thomas: Family, clock: MovableClock
) -> None:
    clock.move_to(TUESDAY, "11:45")
    query = f"municipality_id=sainte-aurore&activity_id={REPAS}&site_id={TILLEULS}&date={TUESDAY}"

    shown = await aurore.manager.get(f"/attendance-lists?{query}")
    marks = [{"child_id": thomas.child.id, "outcome": "present"}]
    body = {"municipality_id": aurore.id, "activity_id": REPAS, "date": TUESDAY, "marks": marks}
    await aurore.manager.post("/attendance-marks", body)

    assert [one["state"] for one in shown["children"] if one["child_id"] == claire.child.id] == ["booked"]
    assert await booked(thomas) == {TUESDAY: "present"}


async def test_each_household_gets_its_own_invoice(
    preau: Preau, aurore: TownHall, claire: Family, thomas: Family, clock: MovableClock
) -> None:
    clock.move_to("2025-12-01")
    closing = {"municipality_id": aurore.id, "programme_id": RESTAURANT, "month": "2025-11", "accept_anomalies": True}
    await aurore.manager.post("/month-closings", closing, key="new")

    charged = {}
    for family in (claire, thomas):
        invoice = await only_invoice(family)
        lines = (await family.get(f"/invoices/{invoice['id']}"))["lines"]
        charged[family.email] = [(one["date"], one["state"]) for line in lines for one in line["days"]]

    assert charged == {
        claire.email: [(MONDAY, "booked"), (THURSDAY, "booked")],
        thomas.email: [(TUESDAY, "present")],
    }
    hers = await only_invoice(claire)
    assert (await thomas.ask("GET", f"/invoices/{hers['id']}")).status == 404


async def only_invoice(family: Family) -> Any:
    async def look() -> Any:
        found = await family.get("/invoices")
        return found[0] if found else None

    return await eventually("the invoice", look)
