"""An invoice that is not paid: reminded by mail, handed to the Treasury, collected there, told to the family."""

from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest

from services.billing.domain.invoices import Draft, Invoice, InvoiceLine
from services.billing.store.invoices import InvoiceStore
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau

CANTEEN, REPAS = "sainte-aurore.regie-restauration", "sainte-aurore.repas"
AT = f"/cash-offices/{CANTEEN}"
CODES = {
    "post": "037012",
    "siret": "21380012100013",
    "collectivity": "400",
    "budget": "01",
    "product": "CANT",
    "after_days": 0,
}


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    return await aurore.welcome("F0001")


@pytest.fixture(scope="module")
async def invoice(preau: Preau, claire: Family) -> Invoice:
    """Of September, due at the end of October: as if the family had not paid since."""
    line = InvoiceLine(
        child_id=claire.child.id, activity_id=REPAS, unit_cents=Decimal(395), quantity=10, total_cents=3950
    )
    draft = Draft(
        municipality_id="sainte-aurore",
        household_id=claire.household_id,
        cash_office_id=CANTEEN,
        month="2025-09",
        kind="F",
        year=2025,
        issue_date=date(2025, 10, 1),
        due_date=date(2025, 10, 31),
        lines=(line,),
        total_cents=3950,
        run_id="run_none",
    )
    return await InvoiceStore(preau.databases["billing"], lambda _: None, preau.clock).issue(draft)


async def shown(family: Family, invoice: Invoice) -> Any:
    return await family.get(f"/invoices/{invoice.id}")


async def test_the_family_is_reminded_by_mail_with_what_it_owes(
    preau: Preau, aurore: TownHall, claire: Family, invoice: Invoice
) -> None:
    page = await aurore.manager.get(f"{AT}/unpaid-invoices")
    assert [one["days_late"] for one in page["items"] if one["id"] == invoice.id] == [20]

    policy = {"enabled": True, "steps": [{"days": 10}]}
    await aurore.manager.ask("PUT", f"{AT}/reminder-policy", policy, If_Match="*")
    await aurore.manager.post(f"{AT}/reminder-rounds")

    (mail,) = await preau.mails(claire.email, "impayées")
    assert "Sainte-Aurore" in mail["subject"]
    await preau.quiet()
    kinds = [message["kind"] for message in (await claire.get("/messages"))["items"]]
    assert kinds.count("reminder_sent") == 1


async def test_the_treasury_takes_it_over_and_the_family_reads_how_it_is_paid_there(
    preau: Preau, aurore: TownHall, claire: Family, invoice: Invoice
) -> None:
    await aurore.manager.ask("PUT", f"{AT}/treasury-settings", CODES, If_Match="*")
    batch = await aurore.manager.post(f"{AT}/treasury-batches", {"invoice_ids": [invoice.id]}, key="new")
    file = await aurore.manager.ask("GET", f"{AT}/treasury-batches/{batch['id']}/file")

    root = ElementTree.fromstring(file.content)
    assert [one.get("V") for one in root.iter("MtHT")] == ["39.50"]
    (debt,) = await claire.get("/collection-orders")
    now = await shown(claire, invoice)
    assert (now["state"], now["payable"]) == ("handed_over", False)
    assert debt["reference"] in now["not_payable"]["detail"]
    assert await preau.mails(claire.email, "comptable public")


async def test_what_the_treasury_collects_pays_the_invoice(
    preau: Preau, aurore: TownHall, claire: Family, invoice: Invoice
) -> None:
    debts = await aurore.manager.get(f"{AT}/collection-orders")
    number = debts["items"][0]["number"]
    entry = '<Emargement><IdEmarg V="E1"/><DteEmarg V="2025-11-20"/><MtEmarg V="39.50"/></Emargement>'
    content = f"""<PES_Retour><PES_RecetteRetour><Bordereau><BlocBordereau><Exer V="2025"/><TypBord V="06"/>
      </BlocBordereau><Piece><NumDette V="{number}"/>{entry}</Piece></Bordereau></PES_RecetteRetour></PES_Retour>"""

    for _ in range(2):
        done = await aurore.manager.ask("POST", f"{AT}/treasury-returns", content.encode(), media="application/xml")
        assert done.status == 201, done.content

    assert (await shown(claire, invoice))["state"] == "paid"
    receipts = await preau.databases["billing"]["receipts"].count_documents({"mode": "treasury"})
    assert receipts == 1
