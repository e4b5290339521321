"""Use a household's credit notes on an invoice, the oldest first, or take such a use back."""

from datetime import datetime
from typing import Protocol

from services.billing.domain.invoices import Invoice
from services.billing.domain.till.credits import usable_on
from shared.clock import Clock
from shared.errors import NotFound


class Credits(Protocol):
    async def left(self, household_id: str, cash_office_id: str) -> list[Invoice]: ...
    async def use(self, household_id: str, credit_id: str, invoice_id: str, at: datetime) -> int: ...
    async def take_back(self, household_id: str, credit_id: str, invoice_id: str, at: datetime) -> int: ...


class Invoices(Protocol):
    async def get(self, household_id: str, invoice_id: str) -> Invoice | None: ...


class CreditTill(Protocol):
    @property
    def credits(self) -> Credits: ...
    @property
    def invoices(self) -> Invoices: ...
    @property
    def clock(self) -> Clock: ...


async def use_credits(household_id: str, invoice_id: str, *, till: CreditTill) -> int:
    """Cents of its invoice the household's credit notes with the same office settle now, 0 when there is nothing.

    Never above what remains of either; harmless when repeated. Raises `NotFound`, `Conflict`.
    """
    invoice = await till.invoices.get(household_id, invoice_id)
    if invoice is None:
        raise NotFound()
    if not usable_on(invoice):
        return 0
    used, left = 0, invoice.remaining_cents
    for credit in await till.credits.left(household_id, invoice.cash_office_id):
        if used >= left:
            break
        used += await till.credits.use(household_id, credit.id, invoice.id, till.clock())
    return used


async def take_credit_back(household_id: str, credit_id: str, invoice_id: str, *, till: CreditTill) -> int:
    """Cents that credit note and invoice are both reopened by. Raises `NotFound`, `CreditNotUsed`, `Conflict`."""
    return await till.credits.take_back(household_id, credit_id, invoice_id, till.clock())
