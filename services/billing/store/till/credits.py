"""Credit notes used on invoices: both documents change in one transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from services.billing.domain.invoices import CREDIT_NOTE, Invoice
from services.billing.domain.till.credits import oldest_first, take_back, use, use_posting
from services.billing.store.atomic import Session, atomically
from services.billing.store.documents import accompanied, from_document, several
from services.billing.store.invoices import collected
from shared.errors import Conflict, NotFound
from shared.mongo import Database, Document

LEFT = {"kind": CREDIT_NOTE, "state": {"$in": ["open", "partly_paid"]}}
Both: TypeAlias = Callable[[Invoice, Invoice, datetime], tuple[Invoice, Invoice, int]]


class CreditStore:
    def __init__(self, db: Database) -> None:
        self._client = db.client
        self._pieces = db["invoices"]

    async def left(self, household_id: str, cash_office_id: str) -> list[Invoice]:
        """The household's credit notes with something left, oldest first."""
        scope = {**LEFT, "household_id": household_id, "cash_office_id": cash_office_id}
        return oldest_first(several(Invoice, await self._pieces.find(scope, {"lines.days": 0}).to_list(None)))

    async def households_with_credit(self, cash_office_id: str) -> set[str]:
        return set(await self._pieces.distinct("household_id", {**LEFT, "cash_office_id": cash_office_id}))

    async def of_occasion(self, household_id: str, occasion: str) -> Invoice | None:
        """The household's credit note of that occasion."""
        scope = {"household_id": household_id, "kind": CREDIT_NOTE, "occasion": occasion}
        found = await self._pieces.find_one(scope)
        return from_document(Invoice, found) if found else None

    async def use(self, household_id: str, credit_id: str, invoice_id: str, at: datetime) -> int:
        """Cents of the credit note now used on the invoice; 0 when there is nothing left of either."""
        return await self._both(household_id, credit_id, invoice_id, at, use, sign=1)

    async def take_back(self, household_id: str, credit_id: str, invoice_id: str, at: datetime) -> int:
        """Cents that both are reopened by. Raises `CreditNotUsed`."""
        return await self._both(household_id, credit_id, invoice_id, at, take_back, sign=-1)

    async def _both(
        self, household_id: str, credit_id: str, invoice_id: str, at: datetime, change: Both, *, sign: int
    ) -> int:
        async def act(session: Session) -> int:
            credit = await self._piece(household_id, credit_id, session)
            invoice = await self._piece(household_id, invoice_id, session)
            if credit.kind != CREDIT_NOTE or credit.cash_office_id != invoice.cash_office_id:
                raise NotFound()
            used, paid, cents = change(credit, invoice, at)
            if cents:
                posting = use_posting(used, paid, sign * cents, at)
                await self._store(credit, used, accompanied([], [posting]), session)
                await self._store(invoice, paid, {}, session)
            return cents

        return await atomically(self._client, act)

    async def _piece(self, household_id: str, name: str, session: Session) -> Invoice:
        found = await self._pieces.find_one({"_id": name, "household_id": household_id}, session=session)
        if found is None:
            raise NotFound()
        return from_document(Invoice, found)

    async def _store(
        self, before: Invoice, after: Invoice, carried: dict[str, list[Document]], session: Session
    ) -> None:
        change = collected(replace(after, version=before.version + 1), carried)
        scope = {"_id": before.id, "version": before.version}
        if not (await self._pieces.update_one(scope, change, session=session)).matched_count:
            raise Conflict()
