"""A whole journey at once, for tests about what it leaves behind."""

from deploy.local.demo.asking import one_page_pdf
from services.billing.http.parts import NUDGE_PAYMENTS
from tests.journeys.clock import MovableClock
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau

RESTAURANT, REPAS = "sainte-aurore.restaurant", "sainte-aurore.repas"
POTTERY = "sainte-aurore.atelier-poterie"
CATEGORY, SLOT = "sainte-aurore.question", "document"
DAYS = ("2025-11-24", "2025-11-25", "2025-11-27")
PAID_DAY, LAPSED_DAY, LOST_DAY = "2025-11-26", "2025-12-03", "2025-12-10"
CONFIRMED = "reservations.booking_confirmed.v1"


async def live_through(preau: Preau, hall: TownHall, clock: MovableClock) -> tuple[Family, Family]:
    """Two families: bookings, an absence, holds paid, lapsed and paid too late, attendance, a closing, a payment, a
    request with its document, a news item.
    """
    claire, nadia = await hall.welcome("F0001"), await hall.welcome("F0002")
    for family in (claire, nadia):
        await family.book(REPAS, *DAYS)
    await claire.choose(REPAS, DAYS[2], action="cancel")
    await claire.validate()
    await _hold(preau, claire, PAID_DAY, pay=True)
    await _hold(preau, nadia, LAPSED_DAY, pay=False)
    await _pay_too_late(preau, claire, nadia)
    clock.move_to("2025-12-01")
    await _close_november(preau, hall, claire, nadia)
    await _pay(preau, claire)
    await _ask(hall, claire)
    item = {"municipality_id": hall.id, "title": "Fermeture", "category": "Information", "body": "<p>Lundi</p>"}
    await hall.manager.post("/news", item)
    await preau.quiet()
    return claire, nadia


async def _hold(preau: Preau, family: Family, day: str, *, pay: bool) -> None:
    order_id = (await family.book(POTTERY, day))["orders"][0]["order_id"]
    await preau.quiet()
    if not pay:
        await preau.lapse(order_id)
        await preau.heard.until("reservations.places_released.v1", order_id=order_id)
        return
    payment = await family.post("/payments", {"order_id": order_id}, key="new")
    await preau.bank(payment, "paid")
    await preau.heard.until(CONFIRMED, order_id=order_id)


async def _close_november(preau: Preau, hall: TownHall, *families: Family) -> None:
    marks = [{"child_id": family.child.id, "outcome": "present"} for family in families]
    whole = {"municipality_id": hall.id, "activity_id": REPAS, "date": DAYS[0], "marks": marks}
    await hall.manager.post("/attendance-marks", whole)
    closing = {"municipality_id": hall.id, "programme_id": RESTAURANT, "month": "2025-11", "accept_anomalies": True}
    await hall.manager.post("/month-closings", closing, key="new")
    await preau.heard.until("billing.invoice_document.v1", len(families))


async def _pay(preau: Preau, family: Family) -> None:
    (invoice,) = await family.get("/invoices")
    payment = await family.post("/payments", {"invoice_ids": [invoice["id"]]}, key="new")
    await preau.bank(payment, "paid", notify="twice")
    preau.apps["billing"][NUDGE_PAYMENTS]()
    await preau.heard.until("billing.invoices_paid.v1", payment_id=payment["payment_id"])


async def _pay_too_late(preau: Preau, late: Family, quick: Family) -> None:
    order_id = (await late.book(POTTERY, LOST_DAY))["orders"][0]["order_id"]
    await preau.quiet()
    payment = await late.post("/payments", {"order_id": order_id}, key="new")
    await preau.lapse(order_id)
    await preau.heard.until("reservations.places_released.v1", order_id=order_id)
    await quick.book(POTTERY, LOST_DAY)
    await preau.bank(payment, "paid")
    await preau.heard.until("billing.refund_due.v1", order_id=order_id)


async def _ask(hall: TownHall, family: Family) -> None:
    answers = {"objet": "Cantine", "question": "À quelle heure ?"}
    request_id = (await family.post("/requests", {"category_id": CATEGORY, "answers": answers}))["request_id"]
    path = f"/requests/{request_id}/attachments/{SLOT}"
    await family.ask("PUT", path, one_page_pdf(), media="application/pdf")
    await family.post(f"/requests/{request_id}/submission", key="new")
    await hall.manager.post(f"/requests/{request_id}/answer", {"decision": "accepted", "message": "À midi."})
