"""What a run reads of the pieces of many households at once."""

from collections.abc import Sequence

from services.billing.domain.invoices import INVOICE, OWED, Invoice
from services.billing.store.documents import several
from shared.mongo import Database

WITHOUT_DAYS = {"lines.days": 0}


class MonthPieceStore:
    def __init__(self, db: Database) -> None:
        self._invoices = db["invoices"]

    async def of_month(self, household_ids: Sequence[str], cash_office_id: str, month: str) -> dict[str, list[Invoice]]:
        """Every piece of the month with all its days, by household, oldest first."""
        scope = {"household_id": {"$in": list(household_ids)}, "cash_office_id": cash_office_id, "month": month}
        found = await self._invoices.find(scope, {"outbox": 0, "unsealed": 0}).to_list(None)
        pieces: dict[str, list[Invoice]] = {}
        for piece in sorted(several(Invoice, found), key=lambda one: (one.issue_date, one.id)):
            pieces.setdefault(piece.household_id, []).append(piece)
        return pieces

    async def usual_cents(self, household_ids: Sequence[str], cash_office_id: str, month: str) -> dict[str, int]:
        """What the invoices of other months cost on average, of households that have any."""
        months = {"cash_office_id": cash_office_id, "kind": INVOICE, "month": {"$ne": month}}
        found = self._invoices.aggregate(
            [
                {"$match": {"household_id": {"$in": list(household_ids)}, **months}},
                {"$group": {"_id": "$household_id", "cents": {"$avg": "$total_cents"}}},
            ]
        )
        return {one["_id"]: round(one["cents"]) async for one in found}

    async def owed(self, household_id: str, cash_office_id: str) -> list[Invoice]:
        """What the household still owes the cash office, oldest first, without days."""
        scope = {"household_id": household_id, "cash_office_id": cash_office_id, "state": {"$in": sorted(OWED)}}
        found = self._invoices.find(scope, WITHOUT_DAYS).sort([("issue_date", 1), ("_id", 1)])
        return several(Invoice, await found.to_list(None))
