"""The paper of a receipt: what came in, how, and what it paid."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.billing.app import TEMPLATE
from services.billing.app.printing import TypstPrinter
from services.billing.domain.papers.receipt import ReceiptSetting, receipt_file, receipt_paper
from services.billing.domain.till.receipts import Means, Part, Receipt, Voucher
from tests.billing.samples import HOUSEHOLD, HOUSEHOLD_ID, NOW, OFFICE, TOWN, TOWN_ID
from tests.billing.test_papers import plain
from tests.billing.test_papers_printing import read

SETTING = ReceiptSetting(town=TOWN, office=OFFICE, household=HOUSEHOLD)


def receipt(**changed: Any) -> Receipt:
    part = Part(piece="inv_1", cents=7055, number="F2026-000001", taken_cents=7055)
    known = Receipt(
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        cash_office_id=OFFICE.id,
        mode="cheque",
        cents=8000,
        at=NOW,
        parts=(part,),
        means=Means(cheque_number="1234567", bank="Banque de l’Isère"),
        id="rct_1",
        year=2026,
        position=7,
        number="Q2026-000007",
        booked_on=date(2026, 12, 1),
        shared_out=True,
    )
    return replace(known, **changed)


def test_a_receipt_says_what_came_how_and_what_it_paid() -> None:
    said = receipt_paper(receipt(), SETTING)

    assert (said["mode"], plain(said["total"]), plain(said["surplus"])) == ("Chèque", "80,00 €", "9,45 €")
    assert [(part["words"], plain(part["cents"])) for part in said["parts"]] == [("Facture F2026-000001", "70,55 €")]
    assert ["Numéro du chèque", "1234567"] in said["means"]
    assert receipt_file(receipt()) == "recu-Q2026-000007.pdf"


def test_vouchers_are_named_one_by_one_and_an_order_by_what_it_is() -> None:
    vouchers = (Voucher(kind="cesu", serial="A1", cents=2000), Voucher(kind="ancv", serial="B2", cents=500))
    order = Part(piece="ord_1", kind="order", cents=2500, taken_cents=2500)

    said = receipt_paper(receipt(means=Means(vouchers=vouchers), parts=(order,), cents=2500), SETTING)

    assert said["means"] == [["Titres", "CESU A1, ANCV B2"]]
    assert (said["parts"][0]["words"], said["surplus"]) == ("Réservation payée d’avance", "")


async def test_a_cancelled_receipt_is_no_proof_of_payment() -> None:
    pdf = await TypstPrinter(TEMPLATE).print(receipt_paper(receipt(cancelled_on=date(2026, 12, 8)), SETTING))

    text = read(pdf)
    assert "Reçu annulé le 8 décembre 2026" in text
    assert "Ce reçu ne vaut plus paiement" in text
    assert b"pdfuaid" in pdf
