"""What stands on the papers of invoices, corrective invoices and credit notes: a family must see what it is to do."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.billing.domain.invoices import Invoice, InvoiceLine
from services.billing.domain.papers.invoice import PlannedDebit, Setting, file_name, paper
from services.billing.domain.papers.office import OfficePapers
from services.billing.domain.papers.words import listed, of_month
from services.billing.domain.settlements import Settlement
from tests.billing.samples import HOUSEHOLD, NOW, OFFICE, PROGRAMMES, TOWN, TOWN_ID, invoice, invoice_line

PAPERS = OfficePapers(
    id=OFFICE.id,
    municipality_id=TOWN_ID,
    seller="Commune de Sainte-Aurore",
    siret="21380001400010",
    iban="FR7630001007941234567890185",
    bic="BDFEFRPPCCT",
)
SETTING = Setting(
    town=TOWN,
    office=OFFICE,
    household=HOUSEHOLD,
    programmes=PROGRAMMES,
    papers=PAPERS,
    portal_url="https://famille.sainte-aurore.example",
)
DEBIT = PlannedDebit(on=date(2027, 1, 5), rum="SA-12", ics="FR12ZZZ123456", iban="FR76 •••• 0185")
CREDIT = Settlement(source="inv_credit", kind="credit", cents=1200, at=NOW)


def back(quantity: int = 2) -> InvoiceLine:
    """Days taken back, as a corrective piece says it."""
    line = invoice_line(quantity)
    return replace(line, quantity=-quantity, total_cents=-line.total_cents)


def credit_note(**changed: Any) -> Invoice:
    plain = invoice("inv_credit", lines=(back(),), total_cents=-830, kind="A", number="A2026-000001", corrects="inv_1")
    return replace(plain, **changed)


def plain(text: str) -> str:
    return " ".join(text.split())


def test_an_invoice_shows_the_code_that_pays_it_and_the_one_of_its_transfer() -> None:
    said = paper(invoice(), SETTING)

    assert said["way"] == "pay"
    assert said["codes"]["pay"]["content"] == "https://famille.sainte-aurore.example/factures"
    assert said["codes"]["transfer"]["cents"] == 7055
    assert said["transfer"]["iban"] == "FR76 3000 1007 9412 3456 7890 185"
    assert said["siret"] == "213 800 014 00010"


def test_an_office_without_account_or_settings_asks_for_no_transfer() -> None:
    said = paper(invoice(), replace(SETTING, papers=None))

    assert (said["transfer"], list(said["codes"]), said["seller"]) == (None, ["pay"], "Sainte-Aurore")


def test_a_planned_debit_leaves_nothing_to_pay_and_names_its_mandate() -> None:
    said = paper(invoice(), replace(SETTING, debit=DEBIT))

    assert (said["way"], said["codes"], said["transfer"]) == ("debit", {}, None)
    assert said["debit"] == {"on": "5 janvier 2027", "rum": "SA-12", "ics": "FR12ZZZ123456", "iban": "FR76 •••• 0185"}


def test_a_credit_used_is_shown_by_its_number_and_only_the_rest_is_asked_for() -> None:
    said = paper(invoice(settlements=(CREDIT,)), replace(SETTING, credits={"inv_credit": "A2026-000001"}))

    (used,) = said["settled"]
    assert plain(used["words"]) == "Avoir utilisé A2026-000001, le 01/12/2026"
    assert (plain(used["cents"]), plain(said["remaining"])) == ("−12,00 €", "58,55 €")
    assert said["codes"]["transfer"]["cents"] == 5855


def test_an_invoice_covered_by_credits_asks_for_nothing() -> None:
    covered = invoice(settlements=(replace(CREDIT, cents=7055),))

    said = paper(covered, replace(SETTING, debit=DEBIT))

    assert (said["way"], said["codes"], said["online"]) == ("settled", {}, False)


def test_a_credit_note_says_what_it_corrects_and_asks_for_nothing() -> None:
    said = paper(credit_note(), replace(SETTING, corrects=invoice()))

    assert (said["name"], said["way"], said["codes"]) == ("Avoir", "credit", {})
    assert said["corrects"] == "F2026-000001 du 1er décembre 2026"
    assert (plain(said["total"]), plain(said["remaining"])) == ("−8,30 €", "8,30 €")
    assert said["children"][0]["lines"][0]["quantity"] == "−2"
    assert file_name(credit_note()) == "avoir-A2026-000001.pdf"


def test_a_corrective_invoice_is_one_to_pay() -> None:
    lines = (invoice_line(3), back(2))
    corrective = invoice(kind="R", number="R2026-000001", lines=lines, total_cents=415, corrects="inv_1")

    said = paper(corrective, replace(SETTING, corrects=invoice()))

    assert (said["name"], said["way"], plain(said["remaining"])) == ("Facture rectificative", "pay", "4,15 €")
    assert file_name(corrective) == "facture-rectificative-R2026-000001.pdf"


def test_what_is_given_back_without_a_child_stands_under_the_familys_name() -> None:
    line = replace(back(1), child_id="", activity_id="", days=())

    (child,) = paper(credit_note(lines=(line,)), SETTING)["children"]

    assert (child["name"], child["lines"][0]["activity"]) == ("Martin", "Trop-perçu")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("absent_unjustified", "Absence non justifiée : le 1er"),
        ("cancelled", "Annulé après la date limite : le 1er"),
        ("present_unbooked", "Venu sans réservation : le 1er"),
    ],
)
def test_days_that_cost_although_nobody_came_are_named(state: Any, words: str) -> None:
    first, *others = invoice_line(3).days
    line = replace(invoice_line(3), days=(replace(first, state=state), *others))

    (child,) = paper(invoice(lines=(line,)), SETTING)["children"]

    assert child["lines"][0]["notes"] == [words]


def test_words_are_joined_as_the_language_does() -> None:
    assert (listed(["2"]), listed(["2", "3"]), listed(["2", "3", "5"])) == ("2", "2 et 3", "2, 3 et 5")
    assert (of_month(date(2026, 4, 1)), of_month(date(2026, 10, 1))) == ("d’avril 2026", "d’octobre 2026")
    assert of_month(date(2026, 11, 1)) == "de novembre 2026"
