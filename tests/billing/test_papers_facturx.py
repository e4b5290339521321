"""Factur-X: every kind of piece is valid by the published schema, and its sums are the invoice's."""

from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from services.billing.domain.copies import Household
from services.billing.domain.invoices import Invoice
from services.billing.domain.papers.facturx import NAMESPACES, facturx
from services.billing.domain.papers.invoice import Setting
from tests.billing.samples import HOUSEHOLD, PROGRAMMES, invoice, invoice_line
from tests.billing.test_papers import CREDIT, DEBIT, SETTING, back, credit_note

xml_check_xsd = pytest.importorskip("facturx").xml_check_xsd
CORRECTIVE = invoice(kind="R", number="R2026-000001", lines=(invoice_line(3), back(2)), total_cents=415)
SETTINGS = {
    "full": SETTING,
    "bare": replace(SETTING, papers=None),
    "debit": replace(SETTING, debit=DEBIT),
    "correction": replace(SETTING, corrects=invoice()),
    "no address": replace(SETTING, household=replace(HOUSEHOLD, address="", guardians=())),
}


def said(piece: Invoice, setting: Setting = SETTING) -> Element:
    return fromstring(facturx(piece, setting))  # we wrote it ourselves


def text(root: Element, name: str) -> str | None:
    return root.findtext(f".//ram:{name}", namespaces=NAMESPACES)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("piece", [invoice(settlements=(CREDIT,)), CORRECTIVE, credit_note()], ids=["F", "R", "A"])
def test_it_is_valid_by_the_schema(piece: Invoice, setting: Setting) -> None:
    assert xml_check_xsd(facturx(piece, setting).encode(), flavor="factur-x", level="en16931")


def test_amounts_are_the_invoices() -> None:
    root = said(invoice(settlements=(CREDIT,)))

    names = ("LineTotalAmount", "GrandTotalAmount", "TotalPrepaidAmount", "DuePayableAmount")
    assert [text(root, name) for name in names] == ["70.55", "70.55", "12.00", "58.55"]
    assert text(root, "BilledQuantity") == "17"
    assert text(root, "ChargeAmount") == "4.1500"


def test_a_credit_note_is_positive_and_names_what_it_corrects() -> None:
    root = said(credit_note(), SETTINGS["correction"])

    assert root.findtext("./rsm:ExchangedDocument/ram:TypeCode", namespaces=NAMESPACES) == "381"
    assert (text(root, "BilledQuantity"), text(root, "DuePayableAmount")) == ("2", "8.30")
    assert text(root, "IssuerAssignedID") == "F2026-000001"


def test_what_a_correction_takes_back_has_a_negative_quantity_and_never_a_negative_price() -> None:
    root = said(CORRECTIVE)

    quantities = [one.text for one in root.iterfind(".//ram:BilledQuantity", NAMESPACES)]
    totals = [one.text for one in root.iterfind(".//ram:LineTotalAmount", NAMESPACES)]
    assert (quantities, totals) == (["3", "-2"], ["12.45", "-8.30", "4.15"])
    assert text(root, "ChargeAmount") == "4.1500"


def test_a_planned_debit_names_its_mandate_and_creditor() -> None:
    root = said(invoice(), SETTINGS["debit"])

    assert (text(root, "DirectDebitMandateID"), text(root, "CreditorReferenceID")) == ("SA-12", "FR12ZZZ123456")


@pytest.mark.parametrize("name", ["<b>&\"'", "]]>", "Łukasz", "a\nb"])
def test_names_are_data_and_never_markup(name: str) -> None:
    family: Household = replace(HOUSEHOLD, guardians=(), name=name)
    children: Any = replace(family, children=(replace(HOUSEHOLD.children[0], first_name=name),))

    root = said(invoice(), replace(SETTING, household=children, programmes=PROGRAMMES))

    assert name in (root.findtext(".//ram:BuyerTradeParty/ram:Name", namespaces=NAMESPACES) or "")
