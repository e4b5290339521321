"""Invoices: several in one payment, and every way a payment ends."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.billing.http.parts import NUDGE_PAYMENTS
from tests.journeys.clock import eventually
from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.site import Site
from tests.portal.visiting import PHONE, Visitor

CHOSEN = "Payer les factures sélectionnées"


@pytest.fixture
async def family(site: Site) -> Family:
    """A family with two invoices to pay."""
    return await site.billed()


@pytest.fixture
async def parent(visits: Visiting, family: Family) -> AsyncIterator[Visitor]:
    """Its parent, who looks at them."""
    async with visits(as_person=family, **PHONE) as visitor:
        await visitor.open("/factures")
        yield visitor


async def open_invoices(family: Family) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await family.get("/invoices?state=open")
    return found


async def test_two_invoices_are_paid_in_one_go(family: Family, parent: Visitor) -> None:
    invoices = await open_invoices(family)
    euros = f"{sum(one['total_cents'] for one in invoices) / 100:.2f} €".replace(".", ",")
    assert await parent.reads(*(one["number"] for one in invoices), "Total à payer", euros)

    await parent.press(CHOSEN)
    await parent.press("Payer")

    assert await parent.reads(f"Paiement de {euros}", "Paiement reçu")
    await parent.follow("Retour à mes factures")
    assert await parent.reads("Rien à payer", "Payée le")


async def test_only_what_is_ticked_is_paid(family: Family, parent: Visitor) -> None:
    kept, _ = await open_invoices(family)
    await parent.page.locator(f"[value='{kept['id']}']").uncheck()

    await parent.press(CHOSEN)
    await parent.press("Payer")
    await parent.follow("Retour à mes factures")

    assert await parent.page.locator("[name=invoice]").count() == 1
    assert await parent.page.locator("[name=invoice]").get_attribute("value") == kept["id"]


async def test_nothing_ticked_is_said(parent: Visitor) -> None:
    for box in await parent.page.locator("[name=invoice]").all():
        await box.uncheck()

    await parent.press(CHOSEN)

    assert parent.last.status == 422
    assert await parent.reads("Cochez au moins une facture à payer")


async def test_an_invoice_is_a_pdf_the_family_can_keep(family: Family, parent: Visitor) -> None:
    invoice, _ = await open_invoices(family)

    answer = await parent.context.request.get(f"{parent.site.url}/factures/{invoice['id']}/pdf")

    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert f"facture-{invoice['number']}.pdf" in answer.headers["content-disposition"]
    assert (await answer.body()).startswith(b"%PDF")


async def test_a_payment_given_up_is_called_so_after_a_while_and_can_be_begun_again(
    site: Site, family: Family, parent: Visitor
) -> None:
    """Until then the bank may still say that it was paid."""
    await parent.press(CHOSEN)
    await parent.press("Abandonner")
    assert await parent.reads("La banque n’a pas encore répondu", "rien n’est perdu")
    site.clock.pass_time(minutes=21)
    await settled(site, family, parent.path)

    await parent.follow("Actualiser")

    assert await parent.reads("Le paiement a été abandonné", "Rien n’a été débité")
    await parent.follow("Retour à mes factures")
    await parent.press(CHOSEN)
    assert parent.page.url.startswith(site.bank)


async def settled(site: Site, family: Family, path: str) -> None:
    """Billing has looked after that payment."""

    async def look() -> bool:
        site.preau.apps["billing"][NUDGE_PAYMENTS]()
        return bool((await family.get(path))["state"] != "pending")

    await eventually("the end of the payment", look)


async def test_a_payment_left_open_is_gone_on_with(parent: Visitor) -> None:
    await parent.press(CHOSEN)
    page_of_the_bank = parent.page.url

    await parent.open("/factures")

    assert await parent.page.locator("[name=invoice]").count() == 0
    await parent.follow("Poursuivre le paiement")
    assert parent.page.url == page_of_the_bank


async def test_a_double_click_begins_one_payment(site: Site, family: Family, parent: Visitor) -> None:
    await parent.page.get_by_role("button", name=CHOSEN).dblclick()

    await parent.page.get_by_role("button", name="Abandonner").wait_for()
    payments = site.preau.databases["billing"]["payments"]
    assert await payments.count_documents({"household_id": family.household_id}) == 1
