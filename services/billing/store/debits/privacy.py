"""What is held of a household's direct debits, what of it goes with the household, and when the rest goes.

A bank may ask for a mandate's proof 13 months after a debit (decree 2017-1099, L133-24 of the Code monétaire et
financier): until then its account number and holder stay, sealed. Debits that were made are accounting pieces.
"""

from datetime import date, datetime, timedelta
from typing import Any

from services.billing.domain.debits.debits import scheduled
from services.billing.domain.debits.mandates import months_after
from services.billing.domain.invoices import Invoice
from services.billing.domain.retention import years_after
from services.billing.store.debits.schema import IN_FORCE
from services.billing.store.documents import from_document, to_document
from shared.contracts.privacy import KeptData
from shared.mongo import Database, Document

CLAIMED_WITHIN_MONTHS = 14
"""13 months, and the days a bank takes to answer."""
FORGOTTEN = {"iban": "", "holder": "", "account_shown": "", "bic": "", "bank": "", "signed_by": "", "forgotten": True}
NEVER_MADE_LIFE = timedelta(days=365)


async def held(db: Database, household_id: str) -> dict[str, list[Document]]:
    """For the household to read: its account as far as it is shown, never the sealed number."""
    scope = {"household_id": household_id}
    return {
        "mandates": await db["mandates"].find(scope, {"iban": 0}).sort("_id", 1).to_list(None),
        "debits": await db["debits"].find(scope).sort("_id", 1).to_list(None),
    }


async def erase(db: Database, household_id: str, now: datetime, *, years: int) -> tuple[dict[str, int], list[KeptData]]:
    """Counts of what went, and what stays: mandates a bank may ask about, debits that were made."""
    scope = {"household_id": household_id}
    await _take_out_planned(db, household_id)
    never_made = await db["debits"].delete_many({**scope, "state": "cancelled"})
    over = {"state": "revoked", "ended_at": now, "ended_by": "erasure"}
    await db["mandates"].update_many({**scope, "state": IN_FORCE}, {"$set": over, "$inc": {"version": 1}})
    unused = await db["mandates"].delete_many({**scope, **_past_claims(now)})
    kept = [
        *await _stays(db, "mandates", household_id, "presented_on", months=CLAIMED_WITHIN_MONTHS),
        *await _stays(db, "debits", household_id, "collect_on", months=12 * years),
    ]
    return {"mandates": unused.deleted_count, "planned_debits": never_made.deleted_count}, kept


async def _stays(db: Database, name: str, household_id: str, day: str, *, months: int) -> list[KeptData]:
    days = [one[day] async for one in db[name].find({"household_id": household_id}, {day: 1})]
    if not days:
        return []
    until = months_after(date.fromisoformat(max(days)), months)
    return [KeptData(what=name, count=len(days), reason="accounting", until=until)]


async def _take_out_planned(db: Database, household_id: str) -> None:
    """What is owed stays owed, and is collected in another way; what is with the bank goes its way."""
    planned = {"household_id": household_id, "state": "planned"}
    async for debit in db["debits"].find(planned, {"invoice_id": 1}):
        found = await db["invoices"].find_one({"_id": debit["invoice_id"], "household_id": household_id})
        if found:
            await _unschedule(db, from_document(Invoice, found))
        change = {"state": "cancelled", "live": False, "cancelled_for": "erased"}
        await db["debits"].update_one({"_id": debit["_id"], **planned}, {"$set": change, "$inc": {"version": 1}})


async def _unschedule(db: Database, invoice: Invoice) -> None:
    freed = to_document(scheduled(invoice, None))
    change = {"$set": {name: freed[name] for name in ("debit_on", "state")}, "$inc": {"version": 1}}
    scope = {"_id": invoice.id, "household_id": invoice.household_id, "version": invoice.version}
    await db["invoices"].update_one(scope, change)


def _past_claims(now: datetime) -> dict[str, Any]:
    """Ended mandates under which no bank can ask about a debit any more."""
    day = months_after(now.date(), -CLAIMED_WITHIN_MONTHS).isoformat()
    return {
        "state": {"$nin": IN_FORCE["$in"]},
        "$or": [{"presented_on": None}, {"presented_on": {"$lt": day}}],
    }


async def forget_mandates(db: Database, now: datetime) -> int:
    """Of what ended: the account and its holder once no bank asks any more; its reference and dates stay."""
    due = {**_past_claims(now), "ended_at": {"$lt": now - timedelta(days=365)}, "forgotten": {"$ne": True}}
    change = {"$set": FORGOTTEN, "$inc": {"version": 1}}
    return (await db["mandates"].update_many(due, change)).modified_count


async def forget_debits(db: Database, now: datetime, *, years: int) -> int:
    """Those never made after a year; those made, and their files, once they are no accounting any more."""
    never_made = {"state": "cancelled", "announced_at": {"$lt": now - NEVER_MADE_LIFE}}
    count = (await db["debits"].delete_many(never_made)).deleted_count
    before = years_after(now.date(), -years).isoformat()
    old = {"state": {"$in": ["collected", "rejected"]}, "collect_on": {"$lt": before}, "anonymous": {"$ne": True}}
    nobody = {"$set": {"household_id": {"$concat": ["nobody_", "$_id"]}, "anonymous": True}}
    count += (await db["debits"].update_many(old, [nobody])).modified_count
    limit = now - timedelta(days=366 * years)
    count += (await db["debit_answers"].delete_many({"imported_at": {"$lt": limit}})).deleted_count
    return count + (await db["debit_files"].delete_many({"made_at": {"$lt": limit}})).deleted_count
