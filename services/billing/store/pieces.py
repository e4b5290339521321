"""What agents read of the pieces of their towns."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from services.billing.domain.invoices import Invoice, InvoiceState, Kind
from services.billing.domain.orders import Order
from services.billing.domain.sheets import ChargeSheet
from services.billing.store.documents import from_document, several
from shared.mongo import Database, Document

LEAN = {"lines": 0, "outbox": 0, "unsealed": 0}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which pieces of a town; None for all. `after`: the id the page before ended with."""

    municipality_id: str
    cash_office_id: str | None = None
    household_id: str | None = None
    month: str | None = None
    state: InvoiceState | None = None
    kind: Kind | None = None
    after: str = ""


class PieceStore:
    def __init__(self, db: Database) -> None:
        self._invoices, self._sheets, self._orders = db["invoices"], db["sheets"], db["orders"]

    async def of_towns(self, invoice_id: str, municipality_ids: Collection[str]) -> Invoice | None:
        """A piece of one of these towns."""
        found = await self._invoices.find_one({"_id": invoice_id, "municipality_id": {"$in": list(municipality_ids)}})
        return from_document(Invoice, found) if found else None

    async def page(self, wanted: Wanted, limit: int) -> list[Invoice]:
        """Newest first, without their lines."""
        scope = _scope(wanted)
        if wanted.after:
            scope["_id"] = {"$lt": wanted.after}
        found = self._invoices.find(scope, LEAN).sort("_id", -1).limit(limit)
        return [_lean(one) for one in await found.to_list(limit)]

    async def batches(self, wanted: Wanted, size: int = 500) -> AsyncIterator[list[Invoice]]:
        """All of them, oldest first, without their lines."""
        batch: list[Invoice] = []
        async for one in self._invoices.find(_scope(wanted), LEAN).sort("_id", 1).batch_size(size):
            batch.append(_lean(one))
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch

    async def sheets(self, household_id: str, sheet_ids: Sequence[str]) -> list[ChargeSheet]:
        scope = {"_id": {"$in": list(sheet_ids)}, "household_id": household_id}
        return several(ChargeSheet, await self._sheets.find(scope).to_list(len(sheet_ids)))

    async def knows(self, household_id: str, municipality_id: str) -> bool:
        """Whether the town ever charged the household anything."""
        scope = {"household_id": household_id, "municipality_id": municipality_id}
        return bool(await self._invoices.find_one(scope, {"_id": 1}) or await self._orders.find_one(scope, {"_id": 1}))

    async def settled_of(self, household_ids: Sequence[str], municipality_id: str) -> list[Invoice]:
        """The households' pieces of a town that something was settled of, with their lines."""
        scope = {"household_id": {"$in": list(household_ids)}, "municipality_id": municipality_id}
        found = self._invoices.find({**scope, "settlements.0": {"$exists": True}}, {"outbox": 0, "unsealed": 0})
        return several(Invoice, await found.to_list(None))

    async def orders_of(self, household_ids: Sequence[str], municipality_id: str) -> list[Order]:
        """The households' paid orders of a town."""
        scope = {"household_id": {"$in": list(household_ids)}, "municipality_id": municipality_id}
        return several(Order, await self._orders.find({**scope, "paid_by": {"$ne": None}}).to_list(None))

    async def prepaid_sheets_of(self, household_ids: Sequence[str], municipality_id: str) -> list[ChargeSheet]:
        scope = {"household_id": {"$in": list(household_ids)}, "municipality_id": municipality_id}
        return several(ChargeSheet, await self._sheets.find({**scope, "billing_mode": "prepaid"}).to_list(None))


def _scope(wanted: Wanted) -> Document:
    names = ("municipality_id", "cash_office_id", "household_id", "month", "state", "kind")
    return {name: value for name in names if (value := getattr(wanted, name)) is not None}


def _lean(document: Document) -> Invoice:
    return from_document(Invoice, {**document, "lines": ()})
