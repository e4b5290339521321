"""What of reminders, of debts at the Treasury and of statements names somebody, and how long it does."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from services.billing.domain.invoices import OWED
from services.billing.domain.retention import years_after
from services.billing.domain.treasury.collection import OPEN
from shared.contracts.privacy import KeptData
from shared.mongo import Database

HELD = ("reminders", "reminder_exemptions", "collection_orders")
EXEMPTION_LIFE = timedelta(days=365)
AT_ONCE = 500


async def held(db: Database, household_id: str) -> dict[str, list[Any]]:
    """Everything of a household, for its export."""
    scope, without = {"household_id": household_id}, {"outbox": 0}
    return {name: await db[name].find(scope, without).sort("_id", 1).to_list(None) for name in HELD}


async def erase(db: Database, household_id: str, *, years: int) -> tuple[dict[str, int], Sequence[KeptData]]:
    """What went, by class, and what stays with its reason: a debt is proved by its reminders."""
    scope = {"household_id": household_id}
    gone = {"reminder_exemptions": (await db["reminder_exemptions"].delete_many(scope)).deleted_count}
    kept: list[KeptData] = []
    if await db["invoices"].count_documents({**scope, "state": {"$in": sorted(OWED)}}):
        count = await db["reminders"].count_documents(scope)
        kept += [KeptData(what="reminders", count=count, reason="debt")] if count else []
    else:
        gone["reminders"] = (await db["reminders"].delete_many(scope)).deleted_count
    return gone, [*kept, *await _kept_debts(db, household_id, years)]


async def _kept_debts(db: Database, household_id: str, years: int) -> list[KeptData]:
    found = await db["collection_orders"].find({"household_id": household_id}).to_list(None)
    waiting = [one for one in found if one["state"] in OPEN]
    closed = [one for one in found if one["state"] not in OPEN]
    kept = [KeptData(what="collection_orders", count=len(waiting), reason="debt")] if waiting else []
    if closed:
        last = max(one["handed_over_at"] for one in closed).date()
        until = years_after(last, years)
        kept.append(KeptData(what="collection_orders", count=len(closed), reason="accounting", until=until))
    return kept


class ArrearsRetention:
    """`years`: of accounting; `sheet_years`: of what only explains a debt that is settled."""

    def __init__(self, db: Database, *, years: int, sheet_years: int) -> None:
        self._db, self._years, self._sheet_years = db, years, sheet_years

    async def reminders(self, now: datetime) -> int:
        """Of households that owe nothing; and exemptions that ended a year ago."""
        owing = await self._db["invoices"].distinct("household_id", {"state": {"$in": sorted(OWED)}})
        old = {"at": {"$lt": _years_ago(now, self._sheet_years)}, "household_id": {"$nin": owing}}
        ended = {"until": {"$lt": (now.date() - EXEMPTION_LIFE).isoformat()}}
        gone = await self._db["reminders"].delete_many(old)
        return gone.deleted_count + (await self._db["reminder_exemptions"].delete_many(ended)).deleted_count

    async def collection_orders(self, now: datetime) -> int:
        """Closed and past their time: number and amount stay, nobody is named; the files they stood in lose their
        content, their hash stays.
        """
        before = _years_ago(now, self._years)
        closed = {"state": {"$nin": sorted(OPEN)}, "handed_over_at": {"$lt": before}, "anonymous": {"$ne": True}}
        nobody = [{"$set": {"household_id": {"$concat": ["nobody_", "$_id"]}, "anonymous": True}}]
        count = (await self._db["collection_orders"].update_many(closed, nobody)).modified_count
        open_batches = await self._db["collection_orders"].distinct("batch_id", {"state": {"$in": sorted(OPEN)}})
        due = {"made_at": {"$lt": before}, "_id": {"$nin": open_batches}, "emptied": {"$ne": True}}
        emptied = {"$set": {"content": b"", "emptied": True}}
        return count + (await self._db["treasury_files"].update_many(due, emptied)).modified_count

    async def statement_lines(self, now: datetime) -> int:
        """Banks write names into labels: day and amount stay without them."""
        before = years_after(now.date(), -self._years).isoformat()
        due = {"on": {"$lt": before}, "label": {"$ne": ""}}
        blank = {"$set": {"label": ""}}
        lines = await self._db["statement_lines"].update_many(due, blank)
        return lines.modified_count + (await self._db["reconciliation_tasks"].update_many(due, blank)).modified_count


def _years_ago(now: datetime, years: int) -> datetime:
    day: date = years_after(now.date(), -years)
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
