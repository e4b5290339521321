"""What is still owed to a cash office, household by household, without the lines of the invoices."""

from collections.abc import AsyncIterator, Collection
from itertools import groupby

from services.billing.domain.invoices import OWED, Invoice, InvoiceState
from services.billing.store.documents import from_document
from shared.mongo import Database, Document

LEAN = {"lines": 0, "outbox": 0, "unsealed": 0}
AT_ONCE = 500


class UnpaidStore:
    def __init__(self, db: Database) -> None:
        self._invoices, self._payments = db["invoices"], db["payments"]

    async def page(self, cash_office_id: str, after: tuple[str, str] | None, limit: int) -> list[Invoice]:
        """Ordered by household; `after`: household and id of the last one had."""
        scope = _owed(cash_office_id, OWED)
        if after:
            household_id, last = after
            scope["$or"] = [
                {"household_id": {"$gt": household_id}},
                {"household_id": household_id, "_id": {"$gt": last}},
            ]
        found = self._invoices.find(scope, LEAN).sort([("household_id", 1), ("_id", 1)]).limit(limit)
        return [_lean(one) for one in await found.to_list(limit)]

    async def batches(self, cash_office_id: str) -> AsyncIterator[list[Invoice]]:
        """All of them, ordered by household."""
        batch: list[Invoice] = []
        found = self._invoices.find(_owed(cash_office_id, OWED), LEAN).sort([("household_id", 1), ("_id", 1)])
        async for one in found.batch_size(AT_ONCE):
            batch.append(_lean(one))
            if len(batch) == AT_ONCE:
                yield batch
                batch = []
        if batch:
            yield batch

    async def overdue(
        self, cash_office_id: str, due_before: str, states: Collection[InvoiceState]
    ) -> AsyncIterator[tuple[str, list[Invoice]]]:
        """Each household with its invoices due that day or before (ISO date), in these states."""
        scope = {**_owed(cash_office_id, states), "due_date": {"$lte": due_before}}
        # Read whole first: what is done for one household may take long, and a cursor left alone dies.
        found = await self._invoices.find(scope, LEAN).sort([("household_id", 1), ("_id", 1)]).to_list(None)
        for household_id, own in groupby(found, key=lambda one: str(one["household_id"])):
            yield household_id, [_lean(one) for one in own]

    async def being_paid(self, household_id: str) -> set[str]:
        """Invoices a payment of this household is under way for."""
        live = {"household_id": household_id, "live": True}
        return set(await self._payments.distinct("claims", live))

    async def paid_elsewhere(self) -> AsyncIterator[Invoice]:
        """Invoices in the Treasury's hands that the cash office took money for."""
        paid = {"settlements.kind": {"$in": ["payment", "credit"]}}
        async for one in self._invoices.find({"handed_over_at": {"$type": "date"}, **paid}, LEAN):
            yield _lean(one)


def _owed(cash_office_id: str, states: Collection[InvoiceState]) -> Document:
    return {"cash_office_id": cash_office_id, "state": {"$in": sorted(states)}, "kind": {"$ne": "A"}}


def _lean(document: Document) -> Invoice:
    return from_document(Invoice, {**document, "lines": ()})
