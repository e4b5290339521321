"""The credit notes of households, as the issue of a run uses them."""

from dataclasses import dataclass
from typing import Protocol

from services.billing.usecases.till.use_credits import Credits, Invoices, use_credits
from shared.clock import Clock


class OfficeCredits(Credits, Protocol):
    async def households_with_credit(self, cash_office_id: str) -> set[str]: ...


@dataclass(frozen=True, kw_only=True)
class CreditsAtIssue:
    credits: OfficeCredits
    invoices: Invoices
    clock: Clock

    async def households(self, cash_office_id: str) -> set[str]:
        return await self.credits.households_with_credit(cash_office_id)

    async def use(self, household_id: str, invoice_id: str) -> int:
        return await use_credits(household_id, invoice_id, till=self)
