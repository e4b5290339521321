"""Print each issued invoice once, keep it, and tell it to whoever sends it to the family."""

import base64
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

from services.billing.domain.copies import Household, Programme, Town
from services.billing.domain.invoices import Invoice
from services.billing.domain.paper import Setting, Unprintable, file_name, paper
from services.billing.domain.tariffs import Tariff
from shared.contracts.billing import InvoiceDocument


class Invoices(Protocol):
    def undocumented(self) -> AsyncIterator[Invoice]: ...
    async def mark_documented(self, invoice: Invoice) -> None: ...


class Documents(Protocol):
    async def add(self, invoice: Invoice, pdf: bytes, told: InvoiceDocument) -> None: ...


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def household(self, household_id: str) -> Household | None: ...
    async def programmes(self, municipality_id: str) -> list[Programme]: ...


class Printer(Protocol):
    """The same texts always give the same bytes. Raises `Unprintable`."""

    async def print(self, texts: dict[str, Any]) -> bytes: ...


async def write_documents(
    *,
    invoices: Invoices,
    documents: Documents,
    tariffs: Tariffs,
    copies: Copies,
    printer: Printer,
    alert: Callable[..., None],
) -> int:
    """The invoices printed now; one whose household or town is not known yet waits for the next time."""
    written = 0
    async for invoice in invoices.undocumented():
        setting = await _setting(invoice, tariffs, copies)
        if setting is None:
            continue
        try:
            pdf = await printer.print(paper(invoice, setting))
        except Unprintable:
            # One bad paper must not keep the others from their families.
            alert("invoice_unprintable", invoice_id=invoice.id)
            continue
        await documents.add(invoice, pdf, _told(invoice, setting, pdf))
        await invoices.mark_documented(invoice)
        written += 1
    return written


async def _setting(invoice: Invoice, tariffs: Tariffs, copies: Copies) -> Setting | None:
    town = await copies.town(invoice.municipality_id)
    household = await copies.household(invoice.household_id)
    office = (await tariffs.of(invoice.municipality_id)).office(invoice.cash_office_id)
    if town is None or household is None or office is None:
        return None
    programmes = await copies.programmes(invoice.municipality_id)
    return Setting(town=town, office=office, household=household, programmes=programmes)


def _told(invoice: Invoice, setting: Setting, pdf: bytes) -> InvoiceDocument:
    return InvoiceDocument(
        invoice_id=invoice.id,
        number=invoice.number,
        household_id=invoice.household_id,
        municipality_id=invoice.municipality_id,
        cash_office_name=setting.office.name,
        month=invoice.month,
        total_cents=invoice.total_cents,
        due_date=invoice.due_date,
        filename=file_name(invoice),
        pdf_base64=base64.b64encode(pdf).decode(),
    )
