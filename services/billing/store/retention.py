"""What billing lets go of when its time is over: each step one class of data, harmless when repeated."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.billing.domain.invoices import OWED
from services.billing.domain.retention import years_after
from services.billing.store.debits.privacy import forget_debits, forget_mandates
from services.billing.store.papers_kept import forget_contestations
from services.billing.store.quotients_kept import forget_enrolments, forget_quotients
from shared.mongo import Database

# An attempt to pay that brought nothing may be asked about for a while.
ATTEMPT_LIFE = timedelta(days=365)
DRAFT_YEARS = 2
AT_ONCE = 500


class BillingRetention:
    """`invoice_years` counts from issue or payment, `sheet_years` from the month of attendance."""

    def __init__(self, db: Database, *, invoice_years: int, sheet_years: int) -> None:
        self._db = db
        self._invoice_years, self._sheet_years = invoice_years, sheet_years

    async def invoices(self, now: datetime) -> int:
        """Paid and past their time: the number, month and amount stay, for a series without a gap; nobody is named."""
        before = years_after(now.date(), -self._invoice_years).isoformat()
        due = {"state": {"$in": ["paid", "cancelled"]}, "issue_date": {"$lt": before}, "anonymous": {"$ne": True}}
        count = 0
        async for ids in self._in_parts("invoices", due):
            await self._db["documents"].delete_many({"_id": {"$in": ids}})
            count += await self._make_anonymous("invoices", ids, {"lines": _lines_of_nobody()})
        return count

    async def payments(self, now: datetime) -> int:
        due = {"state": "paid", "paid_at": {"$lt": self._accounting_ends(now)}, "anonymous": {"$ne": True}}
        count = 0
        async for ids in self._in_parts("payments", due):
            count += await self._make_anonymous("payments", ids, {"key": "$_id"})
        return count

    async def payment_attempts(self, now: datetime) -> int:
        ended = {"$in": ["refused", "abandoned", "expired", "failed"]}
        due = {"state": ended, "live": False, "opened_at": {"$lt": now - ATTEMPT_LIFE}}
        return (await self._db["payments"].delete_many(due)).deleted_count

    async def orders(self, now: datetime) -> int:
        due = {"paid_at": {"$lt": self._accounting_ends(now)}, "anonymous": {"$ne": True}}
        count = 0
        async for ids in self._in_parts("orders", due):
            count += await self._make_anonymous("orders", ids, {"lines": []})
        unpaid = {"paid_by": None, "expires_at": {"$lt": now - ATTEMPT_LIFE}}
        return count + (await self._db["orders"].delete_many(unpaid)).deleted_count

    async def quotients(self, now: datetime) -> int:
        """Those that another took over so long ago that no day still kept was priced with them."""
        return await forget_quotients(self._db, years_after(now.date(), -self._sheet_years).isoformat())

    async def enrolments(self, now: datetime) -> int:
        return await forget_enrolments(self._db, years_after(now.date(), -self._sheet_years).isoformat())

    async def invoice_drafts(self, now: datetime) -> int:
        """Of months long decided: the pieces say what was issued; who accepted what is of no more use."""
        before = years_after(now.date(), -DRAFT_YEARS).isoformat()[:7]
        decided = {"$or": [{"issued_as": {"$ne": None}}, {"kind": None}]}
        return (await self._db["invoice_drafts"].delete_many({"month": {"$lt": before}, **decided})).deleted_count

    async def contestations(self, now: datetime) -> int:
        return await forget_contestations(self._db, now, years=self._sheet_years)

    async def mandates(self, now: datetime) -> int:
        return await forget_mandates(self._db, now)

    async def debits(self, now: datetime) -> int:
        return await forget_debits(self._db, now, years=self._invoice_years)

    async def charge_sheets(self, now: datetime) -> int:
        """Days of months long invoiced; those of a household that owes something stay as long as it does."""
        before = years_after(now.date(), -self._sheet_years).isoformat()[:7]
        owing = await self._db["invoices"].distinct("household_id", {"state": {"$in": sorted(OWED)}})
        due = {"month": {"$lt": before}, "household_id": {"$nin": owing}}
        return (await self._db["sheets"].delete_many(due)).deleted_count

    def _accounting_ends(self, now: datetime) -> datetime:
        day = years_after(now.date(), -self._invoice_years)
        return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)

    async def _in_parts(self, name: str, due: dict[str, Any]) -> AsyncIterator[list[str]]:
        while found := await self._db[name].find(due, {"_id": 1}).limit(AT_ONCE).to_list(AT_ONCE):
            yield [one["_id"] for one in found]

    async def _make_anonymous(self, name: str, ids: Sequence[str], values: dict[str, Any]) -> int:
        """Each under a household of its own, that is nobody's: unique indexes over households still hold."""
        nobody = {"$concat": ["nobody_", "$_id"]}
        change = [{"$set": {**values, "household_id": nobody, "anonymous": True}}]
        return (await self._db[name].update_many({"_id": {"$in": list(ids)}}, change)).modified_count


def _lines_of_nobody() -> dict[str, Any]:
    kept = {"child_id": "", "days": []}
    return {"$map": {"input": "$lines", "in": {"$mergeObjects": ["$$this", kept]}}}
