"""Step 6: attendance is marked, the month is closed; a household gets one invoice per cash office, as PDF by mail."""

from typing import Any

import pytest

from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family, Person
from tests.journeys.town import Preau

RESTAURANT, REPAS = "sainte-aurore.restaurant", "sainte-aurore.repas"
GARDERIE, TRANSPORT = "sainte-aurore.garderie", "sainte-aurore.transport"
AFTERNOON = "sainte-aurore.jusqu-a-16h30"
CANTEEN, CHILDHOOD = "sainte-aurore.regie-restauration", "sainte-aurore.regie-enfance"
TILLEULS = "sainte-aurore.ecole-des-tilleuls"
MONDAY, TUESDAY, THURSDAY, FRIDAY = "2025-11-24", "2025-11-25", "2025-11-27", "2025-11-28"
ISSUED, DOCUMENT = "billing.invoice_issued.v1", "billing.invoice_document.v1"
KEY = "la-cloture-de-novembre"


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    """Jeanne eats four days and stays one afternoon, Émile eats one day; 3.95 € the meal."""
    family = await aurore.welcome("F0001")
    await family.choose(REPAS, MONDAY, TUESDAY, THURSDAY, FRIDAY)
    await family.choose(AFTERNOON, MONDAY)
    await family.choose(REPAS, MONDAY, child=family.children[1])
    await family.validate()
    return family


@pytest.fixture(scope="module")
async def nadia(aurore: TownHall) -> Family:
    """Yanis eats two days; 3.30 € the meal."""
    family = await aurore.welcome("F0002")
    await family.book(REPAS, MONDAY, TUESDAY)
    return family


@pytest.fixture(scope="module")
async def attendant(aurore: TownHall) -> Person:
    return await aurore.agent("attendance")


def marks(day: str, activity: str = REPAS, **outcomes: str) -> Any:
    """Outcomes by child id."""
    entries = [{"child_id": child, "outcome": outcome} for child, outcome in outcomes.items()]
    return {"municipality_id": "sainte-aurore", "activity_id": activity, "date": day, "marks": entries}


def closing(programme: str, month: str = "2025-11", *, accept: bool = False) -> Any:
    return {"municipality_id": "sainte-aurore", "programme_id": programme, "month": month, "accept_anomalies": accept}


async def attendance(agent: Person, day: str) -> Any:
    query = f"municipality_id=sainte-aurore&activity_id={REPAS}&site_id={TILLEULS}&date={day}"
    return await agent.get(f"/attendance-lists?{query}")


async def invoices(family: Family, count: int, office: str = "") -> list[Any]:
    async def look() -> list[Any] | None:
        found = [one for one in await family.get("/invoices") if one["cash_office_id"].startswith(office)]
        return found if len(found) >= count else None

    return await eventually(f"{count} invoices", look)


async def test_the_attendance_list_shows_who_is_expected_at_the_site(
    claire: Family, nadia: Family, attendant: Person, clock: MovableClock
) -> None:
    clock.move_to(MONDAY, "11:45")

    shown = await attendance(attendant, MONDAY)

    states = {child["child_id"]: (child["first_name"], child["state"]) for child in shown["children"]}
    jeanne, emile = claire.children
    assert states == {jeanne.id: ("Jeanne", "booked"), emile.id: ("Émile", "booked")}
    assert shown["counts"] == {"expected": 2, "present": 0, "absent": 0, "unbooked": 0}
    assert (shown["markable"], shown["final"]) == (True, False)


async def test_marks_are_kept_and_sending_them_again_changes_nothing(
    preau: Preau, claire: Family, nadia: Family, attendant: Person
) -> None:
    jeanne, emile = claire.children
    asked = marks(MONDAY, **{jeanne.id: "present", emile.id: "absent_justified", nadia.child.id: "present"})

    first = await attendant.post("/attendance-marks", asked)
    again = await attendant.post("/attendance-marks", asked)

    assert (first["marked"], first["unchanged"], first["refused"]) == (3, 0, [])
    assert (again["marked"], again["unchanged"], again["refused"]) == (0, 3, [])
    await preau.quiet()
    assert len(preau.heard.of("reservations.attendance_marked.v1")) == 3
    assert (await claire.cell(RESTAURANT, REPAS, MONDAY, emile))["state"] == "absent_justified"


async def test_a_day_to_come_cannot_be_marked(claire: Family, attendant: Person) -> None:
    problem = await attendant.refused(409, "POST", "/attendance-marks", marks(TUESDAY, **{claire.child.id: "present"}))

    assert problem["type"] == "/problems/day-to-come"


async def test_who_was_not_expected_can_have_come_but_not_be_absent(
    claire: Family, nadia: Family, attendant: Person, clock: MovableClock
) -> None:
    clock.move_to(FRIDAY, "14:00")
    jeanne, emile = claire.children
    await attendant.post(
        "/attendance-marks", marks(TUESDAY, **{jeanne.id: "absent_unjustified", nadia.child.id: "present"})
    )
    await attendant.post("/attendance-marks", marks(FRIDAY, **{jeanne.id: "present"}))

    absent = await attendant.post("/attendance-marks", marks(THURSDAY, **{emile.id: "absent_unjustified"}))
    came = await attendant.post("/attendance-marks", marks(THURSDAY, **{emile.id: "present"}))

    assert [line["problem"]["type"] for line in absent["refused"]] == ["/problems/not-expected"]
    assert came["marked"] == 1
    assert (await claire.cell(RESTAURANT, REPAS, THURSDAY, emile))["state"] == "present_unbooked"


async def test_children_of_elsewhere_are_refused_one_by_one(claire: Family, attendant: Person, dore: TownHall) -> None:
    asked = marks(THURSDAY, chd_missing="present")
    done = await attendant.post("/attendance-marks", asked)
    foreign = await dore.manager.refused(403, "POST", "/attendance-marks", asked)

    assert [line["problem"]["type"] for line in done["refused"]] == ["/problems/not-found"]
    assert foreign["type"] == "/problems/forbidden"


async def test_a_month_is_closed_when_it_is_over(aurore: TownHall, claire: Family) -> None:
    problem = await aurore.manager.refused(409, "POST", "/month-closings", closing(RESTAURANT), key="new")

    assert problem["type"] == "/problems/month-not-over"


async def test_days_without_a_mark_are_named_before_the_month_is_closed(
    aurore: TownHall, claire: Family, clock: MovableClock
) -> None:
    clock.move_to("2025-12-01")

    problem = await aurore.manager.refused(409, "POST", "/month-closings", closing(RESTAURANT), key="new")

    assert problem["type"] == "/problems/days-unmarked"
    assert problem["anomalies"] == [{"child_id": claire.child.id, "activity_id": REPAS, "date": THURSDAY}]


async def test_closing_a_month_issues_one_invoice_per_household(
    preau: Preau, aurore: TownHall, claire: Family, nadia: Family
) -> None:
    closed = await aurore.manager.post("/month-closings", closing(RESTAURANT, accept=True), key=KEY)

    assert (closed["state"], closed["sheets"], len(closed["anomalies"])) == ("closed", 3, 1)
    (of_claire,), (of_nadia,) = await invoices(claire, 1), await invoices(nadia, 1)
    assert (of_claire["total_cents"], of_nadia["total_cents"]) == (4 * 395 + 395, 2 * 330)
    assert {of_claire["number"], of_nadia["number"]} == {"F2025-000001", "F2025-000002"}
    assert (of_claire["month"], of_claire["issue_date"], of_claire["due_date"]) == (
        "2025-11",
        "2025-12-01",
        "2025-12-31",
    )
    assert of_claire["payable"] is True
    await preau.heard.until(ISSUED, 2)


async def test_the_invoice_shows_each_child_each_day_and_why(claire: Family) -> None:
    (invoice,) = await invoices(claire, 1)

    shown = await claire.get(f"/invoices/{invoice['id']}")

    jeanne, emile = claire.children
    lines = {line["child_id"]: line for line in shown["lines"]}
    assert days(lines[jeanne.id]) == {
        MONDAY: "present",
        TUESDAY: "absent_unjustified",
        THURSDAY: "booked",
        FRIDAY: "present",
    }
    assert days(lines[emile.id]) == {THURSDAY: "present_unbooked"}
    assert [
        (line["quantity"], line["unit_price"], line["child_name"]) for line in (lines[jeanne.id], lines[emile.id])
    ] == [
        (4, "3.95", "Jeanne Lefèvre"),
        (1, "3.95", "Émile Lefèvre"),
    ]


def days(line: Any) -> dict[str, str]:
    return {day["date"]: day["state"] for day in line["days"]}


async def test_the_invoice_is_a_pdf_and_comes_by_mail(preau: Preau, claire: Family) -> None:
    (invoice,) = await invoices(claire, 1)
    (mail,) = await preau.mails(claire.email, "facture")

    downloaded = await claire.ask("GET", f"/invoices/{invoice['id']}/pdf")
    attached = await preau.attachment(mail)

    assert (downloaded.status, downloaded.headers["Content-Type"]) == (200, "application/pdf")
    assert downloaded.content.startswith(b"%PDF-")
    assert attached == downloaded.content
    assert invoice["number"] in mail["subject"]
    assert mail["attachments"][0]["name"] == f"facture-{invoice['number']}.pdf"
    await preau.quiet()
    kinds = [message["kind"] for message in (await claire.get("/messages"))["items"]]
    assert kinds.count("invoice_issued") == 1


async def test_closing_again_changes_nothing(preau: Preau, aurore: TownHall, claire: Family, nadia: Family) -> None:
    await preau.quiet()
    told, before = len(preau.heard.facts), await claire.get("/invoices")

    same = await aurore.manager.post("/month-closings", closing(RESTAURANT, accept=True), key=KEY)
    other = await aurore.manager.refused(409, "POST", "/month-closings", closing(RESTAURANT, accept=True), key="new")
    reused = await aurore.manager.refused(422, "POST", "/month-closings", closing(GARDERIE), key=KEY)

    await preau.quiet()
    assert (same["state"], same["sheets"]) == ("closed", 3)
    assert (other["type"], reused["type"]) == ("/problems/already-closed", "/problems/idempotency-key-reused")
    assert len(preau.heard.facts) == told
    assert await claire.get("/invoices") == before
    assert len(await preau.mails(claire.email, "facture")) == 1


async def test_what_is_closed_stays_as_it_was(claire: Family, attendant: Person) -> None:
    late = await attendant.refused(409, "POST", "/attendance-marks", marks(FRIDAY, **{claire.child.id: "present"}))
    view = await claire.month(RESTAURANT, "2025-11")

    assert late["type"] == "/problems/month-closed"
    assert view["final"] is True
    assert not any(day["can_book"] or day["can_cancel"] for row in view["activities"] for day in row["days"])


async def test_the_run_of_a_cash_office_tells_how_far_it_is(aurore: TownHall) -> None:
    (run,) = await aurore.manager.get(f"/invoice-runs?municipality_id={aurore.id}")

    assert (run["cash_office_id"], run["month"], run["state"]) == (CANTEEN, "2025-11", "done")
    assert (run["households"], run["issued"], run["total_cents"]) == (2, 2, 1975 + 660)


async def test_a_cash_office_waits_until_all_its_programmes_are_closed(
    preau: Preau, aurore: TownHall, claire: Family, attendant: Person
) -> None:
    await attendant.post("/attendance-marks", marks(MONDAY, AFTERNOON, **{claire.child.id: "present"}))
    await aurore.manager.post("/month-closings", closing(GARDERIE), key="new")

    async def waiting() -> Any:
        runs = await aurore.manager.get(f"/invoice-runs?municipality_id={aurore.id}")
        return next((run for run in runs if run["cash_office_id"] == CHILDHOOD and run["waiting_for"]), None)

    run = await eventually("the run that waits", waiting)
    assert (run["state"], run["waiting_for"]) == ("waiting", [TRANSPORT])
    assert len(await claire.get("/invoices")) == 1

    await aurore.manager.post("/month-closings", closing(TRANSPORT), key="new")

    (invoice,) = await invoices(claire, 1, CHILDHOOD)
    assert (invoice["total_cents"], invoice["number"]) == (120, "F2025-000001")
    await preau.heard.until(ISSUED, 2, household_id=claire.household_id)


async def test_the_invoices_of_another_household_are_not_found(claire: Family, nadia: Family) -> None:
    (theirs,) = await invoices(nadia, 1)

    for path in (f"/invoices/{theirs['id']}", f"/invoices/{theirs['id']}/pdf"):
        foreign = await claire.refused(404, "GET", path)
        missing = await claire.refused(404, "GET", path.replace(theirs["id"], "inv_missing"))
        assert {**foreign, "instance": ""} == {**missing, "instance": ""}


async def test_a_month_opened_again_is_corrected_by_a_credit_note(
    aurore: TownHall, claire: Family, nadia: Family, attendant: Person
) -> None:
    jeanne = claire.child
    again = {key: value for key, value in closing(RESTAURANT).items() if key != "accept_anomalies"}
    opened = await aurore.manager.post("/month-reopenings", {**again, "reason": "Un certificat"}, key="new")
    await attendant.post("/attendance-marks", marks(TUESDAY, **{jeanne.id: "absent_justified"}))
    await aurore.manager.post("/month-closings", closing(RESTAURANT, accept=True), key="new")

    async def credit() -> Any:
        found = await claire.get("/invoices")
        return next((one for one in found if one["number"].startswith("A")), None)

    note = await eventually("the credit note", credit)
    assert (opened["state"], note["number"], note["total_cents"]) == ("reopened", "A2025-000001", -395)
    lines = (await claire.get(f"/invoices/{note['id']}"))["lines"]
    assert sorted(line["quantity"] for line in lines) == [-4, 3]

    async def done() -> Any:
        runs = await aurore.manager.get(f"/invoice-runs?municipality_id={aurore.id}")
        found = next((run for run in runs if run["cash_office_id"] == CANTEEN and run["number"] == 2), None)
        return found if found and found["state"] == "done" else None

    assert (await eventually("the run that corrects", done))["issued"] == 1
    assert len(await invoices(nadia, 1)) == 1
