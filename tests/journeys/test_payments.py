"""Step 7: several invoices in one payment; whatever order the bank's answers come in, it counts once."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest

from services.billing.app.loops import LOOPS
from services.billing.http.parts import NUDGE_PAYMENTS
from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall
from tests.journeys.people import FORM, Family
from tests.journeys.town import PORTAL, Preau, idop_of

RESTAURANT, REPAS = "sainte-aurore.restaurant", "sainte-aurore.repas"
OCTOBER, NOVEMBER, DECEMBER = "2025-10-06", "2025-11-24", "2025-12-01"
PAID, FAILED, REFUND = "billing.invoices_paid.v1", "billing.payment_failed.v1", "billing.refund_due.v1"
NOTIFICATIONS = "/payment-notifications/payfip"
REFERENCES = tuple(f"F000{number}" for number in range(1, 8))


@pytest.fixture(scope="module")
async def families(aurore: TownHall, clock: MovableClock) -> dict[str, Family]:
    """Each with one child who came unannounced in October and in November, both months invoiced."""
    joined = await asyncio.gather(*(aurore.welcome(reference) for reference in REFERENCES))
    clock.move_to(DECEMBER)
    for day in (OCTOBER, NOVEMBER):
        marks = [{"child_id": family.child.id, "outcome": "present"} for family in joined]
        whole = {"municipality_id": aurore.id, "activity_id": REPAS, "date": day, "marks": marks}
        await aurore.manager.post("/attendance-marks", whole)
        month = {"municipality_id": aurore.id, "programme_id": RESTAURANT, "month": day[:7]}
        await aurore.manager.post("/month-closings", month, key="new")
    await asyncio.gather(*(eventually("two invoices", lambda one=one: two_invoices(one)) for one in joined))
    return dict(zip(REFERENCES, joined, strict=True))


async def two_invoices(family: Family) -> list[Any] | None:
    found = await family.get("/invoices?state=open")
    return found if len(found) == 2 else None


async def start(family: Family, *invoices: Any, key: str = "new") -> Any:
    """A payment of these invoices, of all open ones without any."""
    wanted = invoices or await family.get("/invoices?state=open")
    return await family.post("/payments", {"invoice_ids": [one["id"] for one in wanted]}, key=key)


async def ended(preau: Preau, family: Family, payment: Any, state: str) -> Any:
    """The payment, once it has come to that state."""

    async def look() -> Any:
        preau.apps["billing"][NUDGE_PAYMENTS]()
        found = await family.get(f"/payments/{payment['payment_id']}")
        return found if found["state"] == state else None

    return await eventually(f"a payment that is {state}", look)


async def is_settled_once(preau: Preau, family: Family, payment: Any) -> None:
    """Both invoices are paid, by one event, one message and one mail."""
    await preau.quiet()
    invoices = await family.get("/invoices")
    assert {(one["state"], one["payable"]) for one in invoices} == {("paid", False)}
    (event,) = preau.heard.of(PAID, household_id=family.household_id)
    assert event["data"]["payment_id"] == payment["payment_id"]
    assert event["data"]["amount_cents"] == payment["amount_cents"] == sum(one["total_cents"] for one in invoices)
    assert sorted(event["data"]["invoice_numbers"]) == sorted(one["number"] for one in invoices)
    kinds = [message["kind"] for message in (await family.get("/messages"))["items"]]
    assert kinds.count("invoices_paid") == 1
    (receipt,) = await preau.mails(family.email, "paiement reçu")
    assert all(one["number"] in receipt["text"] for one in invoices)


async def test_the_notification_before_the_return_settles_both_invoices_once(
    preau: Preau, families: dict[str, Family]
) -> None:
    claire = families["F0001"]
    payment = await start(claire)
    assert payment["amount_cents"] == 2 * 395
    assert payment["redirect_url"].startswith(preau.addresses.payment)

    calls = await preau.bank(payment, "paid", notify="before")

    assert [(call["kind"], call["status"]) for call in calls] == [("notification", 200), ("return", 303)]
    await ended(preau, claire, payment, "paid")
    await is_settled_once(preau, claire, payment)


async def test_the_notification_after_the_return_settles_them_once(preau: Preau, families: dict[str, Family]) -> None:
    nadia = families["F0002"]
    payment = await start(nadia)

    calls = await preau.bank(payment, "paid", notify="after")

    assert [call["kind"] for call in calls] == ["return", "notification"]
    await ended(preau, nadia, payment, "paid")
    await is_settled_once(preau, nadia, payment)


async def test_a_notification_repeated_many_times_settles_them_once(preau: Preau, families: dict[str, Family]) -> None:
    lopez = families["F0003"]
    payment = await start(lopez)
    await preau.bank(payment, "paid", notify="twice")
    form = urlencode({"idop": idop_of(payment)}).encode()

    answers = await asyncio.gather(*(preau.anyone.ask("POST", NOTIFICATIONS, form, media=FORM) for _ in range(20)))

    assert {answer.status for answer in answers} == {200}
    await ended(preau, lopez, payment, "paid")
    await is_settled_once(preau, lopez, payment)


async def test_without_any_notification_the_bank_is_asked_after_a_while(
    preau: Preau, families: dict[str, Family], clock: MovableClock
) -> None:
    lacombe = families["F0004"]
    payment = await start(lacombe)
    await preau.bank(payment, "paid", notify="never", browser="closes")
    assert (await lacombe.get(f"/payments/{payment['payment_id']}"))["state"] == "pending"

    clock.pass_time(minutes=2)

    await ended(preau, lacombe, payment, "paid")
    await is_settled_once(preau, lacombe, payment)


async def test_a_refused_card_then_a_good_one_on_the_same_page_is_paid_once(
    preau: Preau, families: dict[str, Family]
) -> None:
    sanchez = families["F0005"]
    payment = await start(sanchez)
    await preau.bank(payment, "refused")
    await ended(preau, sanchez, payment, "refused")
    (failed,) = await preau.heard.until(FAILED, payment_id=payment["payment_id"])
    assert failed["data"]["reason"] == "refused"
    assert {one["payable"] for one in await sanchez.get("/invoices")} == {True}

    await preau.bank(payment, "paid")

    await ended(preau, sanchez, payment, "paid")
    await is_settled_once(preau, sanchez, payment)


async def test_what_was_paid_twice_on_two_pages_is_settled_once_and_due_back_once(
    preau: Preau, families: dict[str, Family]
) -> None:
    raynaud = families["F0006"]
    first = await start(raynaud)
    await preau.bank(first, "refused")
    await ended(preau, raynaud, first, "refused")
    second = await start(raynaud)
    await preau.bank(second, "paid")
    await ended(preau, raynaud, second, "paid")

    await preau.bank(first, "paid", notify="twice")

    late = await ended(preau, raynaud, first, "paid")
    await preau.heard.until(REFUND, 2, payment_id=first["payment_id"])
    await preau.quiet()
    late = await raynaud.get(f"/payments/{first['payment_id']}")
    assert late["refund_due_cents"] == first["amount_cents"]
    refunds = preau.heard.of(REFUND, household_id=raynaud.household_id)
    assert sum(event["data"]["amount_cents"] for event in refunds) == first["amount_cents"]
    await is_settled_once(preau, raynaud, second)


async def test_only_one_payment_of_an_invoice_is_open_at_a_time(
    preau: Preau, families: dict[str, Family], clock: MovableClock
) -> None:
    duchene = families["F0007"]
    invoices = await duchene.get("/invoices?state=open")
    body = {"invoice_ids": [one["id"] for one in invoices]}

    answers = await asyncio.gather(*(duchene.ask("POST", "/payments", body, key="new") for _ in range(5)))

    begun = [answer.json for answer in answers if answer.status == 201]
    assert len(begun) == 1
    assert {answer.status for answer in answers} == {201, 409}
    problem = await duchene.refused(409, "POST", "/payments", body, key="new")
    assert problem["type"] == "/problems/payment-in-progress"
    assert problem["next_href"] == begun[0]["redirect_url"]
    shown = (await duchene.get("/invoices?state=open"))[0]
    assert (shown["payable"], shown["not_payable"]["code"]) == (False, "payment-in-progress")

    # Nobody pays: the page closes after fifteen minutes, and nothing can come of it after twenty.
    clock.pass_time(minutes=31)
    await ended(preau, duchene, begun[0], "expired")
    await preau.heard.until(FAILED, payment_id=begun[0]["payment_id"])
    assert {one["payable"] for one in await duchene.get("/invoices")} == {True}


async def test_the_same_key_is_the_same_payment_and_another_body_is_refused(
    preau: Preau, families: dict[str, Family]
) -> None:
    duchene = families["F0007"]
    one, two = await duchene.get("/invoices?state=open")

    first = await start(duchene, one, key="payer-une-facture")
    again = await start(duchene, one, key="payer-une-facture")
    other = await duchene.refused(422, "POST", "/payments", {"invoice_ids": [two["id"]]}, key="payer-une-facture")

    assert first == again
    assert other["type"] == "/problems/idempotency-key-reused"
    await preau.bank(first, "paid")
    await ended(preau, duchene, first, "paid")
    paid = await duchene.refused(409, "POST", "/payments", {"invoice_ids": [one["id"]]}, key="new")
    assert paid["type"] == "/problems/invoice-already-paid"
    assert (await start(duchene, one, key="payer-une-facture"))["payment_id"] == first["payment_id"]


async def test_a_notification_of_an_unknown_payment_changes_nothing(preau: Preau, families: dict[str, Family]) -> None:
    for loop in preau.apps["billing"][LOOPS]:
        await loop.take()
    await preau.quiet()
    told = len(preau.heard.all)

    for form in (b"idop=9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d", b"idop=", b"", b"\xff\xfe", b"idop=%00&idop=b"):
        assert (await preau.anyone.ask("POST", NOTIFICATIONS, form, media=FORM)).status == 200

    await preau.quiet()
    assert len(preau.heard.all) == told


async def test_the_browser_that_comes_back_is_sent_to_the_portal(preau: Preau, families: dict[str, Family]) -> None:
    duchene = families["F0007"]
    payment = await start(duchene, (await duchene.get("/invoices?state=open"))[0])

    back = await preau.anyone.ask("GET", f"/payment-returns/{payment['payment_id']}")
    unknown = await preau.anyone.ask("GET", "/payment-returns/pay_missing")

    assert (back.status, back.headers["Location"]) == (303, f"{PORTAL}/payments/{payment['payment_id']}")
    assert (unknown.status, unknown.headers["Location"]) == (303, f"{PORTAL}/")


async def test_nobody_pays_or_sees_the_payment_of_another_household(families: dict[str, Family]) -> None:
    claire, nadia = families["F0001"], families["F0002"]
    theirs = (await nadia.get("/invoices"))[0]

    foreign = await claire.refused(404, "POST", "/payments", {"invoice_ids": [theirs["id"]]}, key="new")
    missing = await claire.refused(404, "POST", "/payments", {"invoice_ids": ["inv_missing"]}, key="new")
    detail = await nadia.get(f"/invoices/{theirs['id']}")
    seen = await claire.refused(404, "GET", f"/payments/{detail['payment_id']}")

    assert foreign == missing
    assert seen["type"] == "/problems/not-found"
