"""What must hold on live data of debts at the Treasury and of statements, in identifiers only."""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from services.billing.domain.treasury.collection import OPEN
from shared.mongo import Database

MADE = {"state": {"$in": ["ready", "sent", "acknowledged", "refused"]}}
# A statement's lines are stored before they are matched and its differences raised.
SOON = timedelta(minutes=15)


async def files_unlike_their_batch(db: Database) -> list[str]:
    """The stored file is the one that was made, and its batch counts its debts."""
    return [line async for batch in db["treasury_batches"].find(MADE) if (line := await _unlike(db, batch))]


async def _unlike(db: Database, batch: Mapping[str, object]) -> str:
    stored = await db["treasury_files"].find_one({"_id": batch["_id"]})
    if stored is None or stored["sha256"] != batch["sha256"]:
        return f"{batch['_id']}: its file is not the one it names"
    if not stored.get("emptied") and hashlib.sha256(bytes(stored["content"])).hexdigest() != stored["sha256"]:
        return f"{batch['_id']}: its file was changed"
    debts = await db["collection_orders"].find({"batch_id": batch["_id"]}, {"cents": 1}).to_list(None)
    told = (batch["orders"], batch["cents"])
    return "" if told == (len(debts), sum(one["cents"] for one in debts)) else f"{batch['_id']}: its debts differ"


async def invoices_without_their_debt(db: Database) -> list[str]:
    """Whatever is in the Treasury's hands stands in exactly one debt that waits there, once its batch is made."""
    preparing = await db["treasury_batches"].distinct("created_at", {"state": "preparing"})
    waiting = db["collection_orders"].find({"state": {"$in": sorted(OPEN)}}, {"debts.invoice_id": 1})
    times = Counter([owed["invoice_id"] async for order in waiting for owed in order["debts"]])
    handed = db["invoices"].find({"state": "handed_over", "handed_over_at": {"$nin": preparing}}, {"_id": 1})
    lost = [f"{one['_id']}: handed over without a debt" async for one in handed if not times[one["_id"]]]
    return lost + [f"{name}: in {count} debts at once" for name, count in sorted(times.items()) if count > 1]


async def debts_with_gaps(db: Database) -> list[str]:
    """In every cash office and year, debts go 1, 2, 3…"""
    found = await db["collection_orders"].find({}, {"cash_office_id": 1, "year": 1, "number": 1}).to_list(None)
    series: dict[str, list[int]] = {}
    for one in found:
        series.setdefault(f"{one['cash_office_id']}/{one['year']}", []).append(int(one["number"][4:]))
    return [
        f"{name}: {len(positions)} debts up to {max(positions)}"
        for name, positions in sorted(series.items())
        if sorted(positions) != list(range(1, len(positions) + 1))
    ]


async def lines_nobody_asks_about(db: Database) -> list[str]:
    """A line that is the money of nothing known waits for a person: nothing is absorbed silently."""
    young = await db["statements"].distinct("_id", {"imported_at": {"$gte": datetime.now(UTC) - SOON}})
    asked = set(await db["reconciliation_tasks"].distinct("line_id"))
    waiting = db["statement_lines"].find({"state": "open", "statement_id": {"$nin": young}}, {"_id": 1})
    return [f"{one['_id']}: open and nobody is asked" async for one in waiting if one["_id"] not in asked]


ARREARS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "every file for the Treasury is the one that was made": files_unlike_their_batch,
    "every invoice at the Treasury stands in one debt": invoices_without_their_debt,
    "debts at the Treasury are numbered without a gap": debts_with_gaps,
    "every line of a statement is matched or asked about": lines_nobody_asks_about,
}


async def waiting_differences(db: Database, days: int = 7) -> int:
    """A figure, not a fault: differences that nobody answered for so many days."""
    before = datetime.now(UTC) - timedelta(days=days)
    return await db["reconciliation_tasks"].count_documents({"state": "open", "raised_at": {"$lt": before}})


FIGURES: Mapping[str, Callable[[Database], Awaitable[int]]] = {
    "differences that waited for more than a week": waiting_differences,
}
