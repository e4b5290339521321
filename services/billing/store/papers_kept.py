"""What must hold on stored papers and contestations, and how long contestations stay."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from services.billing.domain.retention import years_after
from shared.mongo import Database


async def papers_unlike_their_hash(db: Database) -> list[str]:
    """The bytes of every stored paper give its hash, which its invoice holds too."""
    wrong = []
    async for one in db["documents"].find({}, {"pdf": 1, "sha256": 1}, batch_size=50):
        held = await db["invoices"].find_one({"_id": one["_id"]}, {"paper_sha256": 1}) or {}
        found = hashlib.sha256(one["pdf"]).hexdigest()
        if found != one["sha256"] or held.get("paper_sha256", found) != found:
            wrong.append(f"{one['_id']}: its paper is not the one that was printed")
    return wrong


async def invoices_without_their_paper(db: Database) -> list[str]:
    printed = {"documented": True, "anonymous": {"$ne": True}}
    kept = set(await db["documents"].distinct("_id"))
    return [
        f"{one['_id']}: printed, but its paper is gone"
        async for one in db["invoices"].find(printed, {"_id": 1})
        if one["_id"] not in kept
    ]


async def contestations_without_their_line(db: Database) -> list[str]:
    wrong = []
    async for one in db["contestations"].find({}, {"invoice_id": 1, "household_id": 1, "line": 1}):
        wanted = {"_id": one["invoice_id"], "household_id": one["household_id"]}
        if not await db["invoices"].count_documents({**wanted, f"lines.{one['line'] - 1}": {"$exists": True}}):
            wrong.append(f"{one['_id']}: {one['invoice_id']} has no such line")
    return wrong


async def forget_contestations(db: Database, now: datetime, *, years: int) -> int:
    """With the facts they are about: the trail of a line is not kept longer."""
    day = years_after(now.date(), -years)
    before = datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
    return (await db["contestations"].delete_many({"at": {"$lt": before}})).deleted_count


PAPERS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "every stored paper is the one that was printed": papers_unlike_their_hash,
    "every printed invoice has its paper": invoices_without_their_paper,
    "every contestation is about a line there is": contestations_without_their_line,
}
