"""One invoice: any line says why it costs what it does, and can be contested once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.journeys.clock import eventually
from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.site import Site
from tests.portal.visiting import PHONE, Visitor


@pytest.fixture
async def family(site: Site) -> Family:
    return await site.billed()


@pytest.fixture
async def parent(visits: Visiting, family: Family) -> AsyncIterator[Visitor]:
    async with visits(as_person=family, **PHONE) as visitor:
        await visitor.open("/factures")
        yield visitor


async def test_a_line_says_why_and_is_contested_once(site: Site, family: Family, parent: Visitor) -> None:
    (invoice, *_) = await family.get("/invoices?state=open")
    await parent.open(f"/factures/{invoice['id']}")
    assert await parent.reads(f"Facture {invoice['number']}", "Pourquoi ce montant ?", "Retour à mes factures")

    await parent.open(f"/factures/{invoice['id']}/lignes/1")
    assert await parent.reads("Le mois a été clos", "Grille", "Une erreur ?")
    await parent.page.locator("[name=words]").fill("Ma fille était absente")
    await parent.press("Contester cette ligne")

    assert await parent.reads("Vous avez contesté cette ligne")
    assert await parent.page.locator("[name=words]").count() == 0

    async def requests() -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = (await family.get("/requests?state=filed"))["items"]
        return listed

    (filed,) = await eventually("the request", requests)
    assert (filed["category_name"], filed["state"]) == ("Contester une ligne de facture", "filed")
    await parent.open(f"/factures/{invoice['id']}")
    assert await parent.reads("Vous avez contesté cette ligne")


async def test_words_are_asked_for_and_kept(family: Family, parent: Visitor) -> None:
    (invoice, *_) = await family.get("/invoices?state=open")
    await parent.open(f"/factures/{invoice['id']}/lignes/1")
    await parent.page.locator("[name=words]").evaluate("field => field.removeAttribute('required')")

    await parent.press("Contester cette ligne")

    assert parent.last.status == 422


async def test_an_invoice_of_somebody_else_is_not_found(parent: Visitor) -> None:
    await parent.open("/factures/inv_0192aabbccdd7eef8123456789abcdef/lignes/1")

    assert parent.last.status == 404
