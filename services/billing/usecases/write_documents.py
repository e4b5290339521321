"""Print each issued piece once, keep it, and tell it to whoever sends it to the family."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.billing.domain.copies import Household, Programme, Town
from services.billing.domain.invoices import Invoice
from services.billing.domain.papers.facturx import facturx
from services.billing.domain.papers.invoice import PlannedDebit, Setting, file_name, paper
from services.billing.domain.papers.office import OfficePapers
from services.billing.domain.papers.words import Unprintable
from services.billing.domain.paying.accounts import Account, as_chosen
from services.billing.domain.tariffs import CashOffice, Tariff
from shared.contracts.billing import InvoiceDocument

# As many as two processors and the database between them keep busy.
TOGETHER = 16


class Invoices(Protocol):
    def undocumented(self) -> AsyncIterator[Invoice]: ...
    async def mark_documented(self, invoice: Invoice, sha256: str) -> None: ...
    async def several(self, household_id: str, invoice_ids: Sequence[str]) -> list[Invoice]: ...


class Documents(Protocol):
    async def add(self, invoice: Invoice, pdf: bytes, told: InvoiceDocument, facturx: str) -> str: ...


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def household(self, household_id: str) -> Household | None: ...
    async def programmes(self, municipality_id: str) -> list[Programme]: ...


class Papers(Protocol):
    async def of(self, municipality_id: str, cash_office_id: str) -> OfficePapers: ...


class Accounts(Protocol):
    async def of_town(self, municipality_id: str) -> Mapping[str, Account]: ...


class Debits(Protocol):
    async def planned(self, invoice: Invoice) -> PlannedDebit | None: ...


class Printer(Protocol):
    """The same texts always give the same bytes. Raises `Unprintable`."""

    async def print(self, texts: dict[str, Any]) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Press:
    """The parts of printing. `debits`: None where none is known. `alert` tells the operators, in ids only."""

    invoices: Invoices
    documents: Documents
    tariffs: Tariffs
    copies: Copies
    papers: Papers
    accounts: Accounts
    printer: Printer
    alert: Callable[..., None]
    portal_url: str = ""
    debits: Debits | None = None


async def write_documents(press: Press) -> int:
    """The pieces printed now; one whose household or town is not known yet waits for the next time."""
    written = 0
    batch: list[Invoice] = []
    async for invoice in press.invoices.undocumented():
        batch.append(invoice)
        if len(batch) == TOGETHER:
            written += await _write_all(batch, press)
            batch = []
    return written + await _write_all(batch, press)


async def _write_all(batch: Sequence[Invoice], press: Press) -> int:
    return sum(await asyncio.gather(*(_write(invoice, press) for invoice in batch)))


async def _write(invoice: Invoice, press: Press) -> bool:
    setting = await setting_of(invoice, press)
    if setting is None:
        return False
    try:
        data = facturx(invoice, setting)
        pdf = await press.printer.print({**paper(invoice, setting), "facturx": data})
    except Unprintable:
        # One bad paper must not keep the others from their families.
        press.alert("invoice_unprintable", invoice_id=invoice.id)
        return False
    sha256 = await press.documents.add(invoice, pdf, _told(invoice, setting, pdf), data)
    await press.invoices.mark_documented(invoice, sha256)
    return True


async def setting_of(invoice: Invoice, press: Press) -> Setting | None:
    """None while the town, the office or the household is not known."""
    town_id = invoice.municipality_id
    town, household, programmes, papers, office = await asyncio.gather(
        press.copies.town(town_id),
        press.copies.household(invoice.household_id),
        press.copies.programmes(town_id),
        press.papers.of(town_id, invoice.cash_office_id),
        _office(invoice, press),
    )
    if town is None or household is None or office is None:
        return None
    pieces = await _named(invoice, press)
    return Setting(
        town=town,
        office=office,
        household=household,
        programmes=programmes,
        papers=papers,
        portal_url=press.portal_url,
        debit=await press.debits.planned(invoice) if press.debits and invoice.debit_on else None,
        corrects=pieces.get(invoice.corrects or ""),
        credits={name: piece.number for name, piece in pieces.items()},
    )


async def _office(invoice: Invoice, press: Press) -> CashOffice | None:
    """With a client number where something is paid online, with whomever."""
    tariff = await press.tariffs.of(invoice.municipality_id)
    return as_chosen(tariff, await press.accounts.of_town(invoice.municipality_id)).office(invoice.cash_office_id)


async def _named(invoice: Invoice, press: Press) -> dict[str, Invoice]:
    """The pieces its paper names: the one it corrects, the credit notes used on it."""
    names = {act.source.partition("#")[0] for act in invoice.settlements if act.kind in ("credit", "corrected")}
    names |= {invoice.corrects} if invoice.corrects else set()
    found = await press.invoices.several(invoice.household_id, sorted(names)) if names else []
    return {piece.id: piece for piece in found}


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
        kind=invoice.kind,
        remaining_cents=invoice.remaining_cents,
        debit_on=setting.debit.on if setting.debit else None,
    )
