"""The quick way to write lines writes what the general one does, and reads back the same."""

from dataclasses import fields, replace
from decimal import Decimal

from services.billing.domain.invoices import InvoicedDay, InvoiceLine
from services.billing.store.documents import plain
from services.billing.store.line_documents import line_document
from tests.billing.samples import invoice_line, price


def test_a_line_is_written_as_the_general_way_would() -> None:
    late = replace(invoice_line(1).days[0], late="hors-delai", late_minutes=5, price=price("37.5"))
    for line in (
        invoice_line(3),
        replace(invoice_line(2), what="late_pickup", reverses="inv_1/0", surcharge_cents=Decimal("2.5")),
        replace(invoice_line(1), days=(late,)),
    ):
        assert line_document(line) == plain(line)


def test_no_field_is_forgotten() -> None:
    written = line_document(invoice_line(1))

    assert set(written) == {field.name for field in fields(InvoiceLine)}
    assert set(written["days"][0]) == {field.name for field in fields(InvoicedDay)}
