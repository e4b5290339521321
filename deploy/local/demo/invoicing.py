"""Steps 6 and 7: attendance, the closing of two months, invoices as PDF by mail, and their payment in one go."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from deploy.local.demo.booking import days, month_of
from deploy.local.demo.joining import agent
from deploy.local.demo.stage import ANONYMOUS, Stage, StepFailed
from deploy.local.demo.story import REPAS, RESTAURANT, SCHOOL, TOWN, Story
from shared.ids import uuid7

MONTHS_BACK = 24
CLOSED = ("reservations.sheet_closed.v1", "reservations.month_closed.v1")


async def close_months(stage: Stage, story: Story) -> None:
    for month, day in await _open_past_months(stage, story, 2):
        await _mark(stage, story, day)
        await _close(stage, story, month)
    for _ in range(2):
        mail = await stage.mail_to(story.first.email, "facture")
    stage.insist(mail["attachments"], "the invoice is attached as PDF")
    stage.tell(f"   mail  attachment {mail['attachments'][0]['name']}, {mail['attachments'][0]['size']} bytes")


async def _open_past_months(stage: Stage, story: Story, count: int) -> list[tuple[str, str]]:
    """Ended months not yet closed, newest first, each with one of its school days."""
    manager = await agent(stage, story, TOWN, "manager")
    closings = await stage.call(manager, "GET", f"/month-closings?municipality_id={TOWN}")
    done = {one["month"] for one in closings["items"] if one["programme_id"] == RESTAURANT}
    month, found = f"{date.today().replace(day=1) - timedelta(days=1):%Y-%m}", []  # noqa: DTZ011  # where to start
    for _ in range(MONTHS_BACK):
        view = await month_of(stage, story.first, RESTAURANT, month, quiet=True)
        school_days = [day["date"] for day in days(view, REPAS) if day["kind"] == "school_day"]
        canteen = [day for day in school_days if date.fromisoformat(day).isoweekday() in (1, 2, 4, 5)]
        if canteen and month not in done:
            found.append((month, canteen[-1]))
        if len(found) == count:
            return found
        month = view["previous"]
    raise StepFailed("no two past school months are left to close: start again on new data")


async def _mark(stage: Stage, story: Story, day: str) -> None:
    attendant = await agent(stage, story, TOWN, "attendance")
    query = f"municipality_id={TOWN}&activity_id={REPAS}&site_id={SCHOOL}&date={day}"
    shown = await stage.call(attendant, "GET", f"/attendance-lists?{query}")
    stage.insist(
        any(child["child_id"] == story.first.child_id for child in shown["children"]),
        "the enrolled child is on the attendance list",
    )
    marks = {
        "municipality_id": TOWN,
        "activity_id": REPAS,
        "date": day,
        "marks": [{"child_id": story.first.child_id, "outcome": "present"}],
    }
    await stage.call(attendant, "POST", "/attendance-marks", marks, told=("reservations.attendance_marked.v1",))


async def _close(stage: Stage, story: Story, month: str) -> None:
    manager = await agent(stage, story, TOWN, "manager")
    body = {"municipality_id": TOWN, "programme_id": RESTAURANT, "month": month, "accept_anomalies": True}
    await stage.call(
        manager,
        "POST",
        "/month-closings",
        body,
        status=201,
        key=uuid7(),
        told=(*CLOSED, "billing.invoice_issued.v1", "billing.invoice_document.v1"),
    )


async def pay_invoices(stage: Stage, story: Story) -> None:
    invoices = await _open_invoices(stage, story)
    body = {"invoice_ids": [invoice["id"] for invoice in invoices[:2]]}
    payment = await stage.call(story.first.parent, "POST", "/payments", body, status=201, key=uuid7())
    expected = sum(invoice["total_cents"] for invoice in invoices[:2])
    stage.insist(payment["amount_cents"] == expected, "the amount is the sum of both invoices")
    idop = parse_qs(urlsplit(payment["redirect_url"]).query)["idop"][0]
    await play_bank(stage, idop, {"result": "paid", "notify": "twice"})
    await stage.eventually("the payment settled", lambda: _paid(stage, story, payment["payment_id"]))
    for invoice in invoices[:2]:
        shown = await stage.call(story.first.parent, "GET", f"/invoices/{invoice['id']}")
        stage.insist(shown["state"] == "paid", "the invoice is paid")
    again = f"idop={idop}".encode()
    form = "application/x-www-form-urlencoded"
    await stage.call(ANONYMOUS, "POST", "/payment-notifications/payfip", again, media=form)
    settled = [event for event in stage.heard("billing.invoices_paid.v1") if event["subject"] == payment["payment_id"]]
    stage.insist(len(settled) == 1, f"settled {len(settled)} times after three notifications")
    stage.tell(f"   event billing.invoices_paid.v1 ({payment['payment_id']}), once after three notifications")
    await stage.mail_to(story.first.email, "paiement")


async def _open_invoices(stage: Stage, story: Story) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = await stage.call(story.first.parent, "GET", "/invoices?state=open", quiet=True)
        return found if len(found) >= 2 else None

    invoices = await stage.eventually("two invoices to pay", look)
    for invoice in invoices:
        stage.tell(f"{invoice['number']}: {invoice['month']}, {invoice['total_cents'] / 100:.2f} €")
    pdf = await stage.call(story.first.parent, "GET", f"/invoices/{invoices[0]['id']}/pdf")
    stage.insist(pdf.startswith(b"%PDF"), "the invoice can be downloaded as PDF")
    return invoices


async def _paid(stage: Stage, story: Story, payment_id: str) -> bool:
    payment = await stage.call(story.first.parent, "GET", f"/payments/{payment_id}", quiet=True)
    return bool(payment["state"] == "paid")


async def play_bank(stage: Stage, idop: str, outcome: dict[str, str]) -> None:
    """What the payer does on the bank's page; the bank then notifies and sends the browser back."""
    async with stage.http.post(f"{stage.bank}/sandbox/payments/{idop}/outcome", json=outcome) as answer:
        played = await answer.json()
    stage.insist(answer.status == 200, f"the bank answered {answer.status}: {played}")
    calls = ", ".join(f"{call['kind']} {call['status']}" for call in played.get("calls", []))
    stage.tell(f"bank: {outcome['result']} ({calls})")
