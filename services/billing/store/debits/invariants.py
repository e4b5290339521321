"""What must hold of direct debit on live data: nobody is debited unannounced, and what was collected is money."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from shared.mongo import Database, Document

OUT = {"$in": ["made", "sent", "collected"]}


async def debits_without_notice(db: Database) -> list[str]:
    """From the announcement to the collection each family has the days its mandate's text promised."""
    days = {"$dateDiff": {"startDate": _day("$announced_on"), "endDate": _day("$collect_on"), "unit": "day"}}
    wrong = {"state": {"$ne": "cancelled"}, "$expr": {"$lt": [days, "$notice_days"]}}
    return [f"{one['_id']}: collected before its notice is over" async for one in db["debits"].find(wrong, {"_id": 1})]


def _day(field: str) -> dict[str, Any]:
    return {"$dateFromString": {"dateString": field}}


async def invoices_that_wait_for_nothing(db: Database) -> list[str]:
    """An invoice its family cannot pay because it is debited has the debit."""
    return [line async for line in _waiting(db)]


async def _waiting(db: Database) -> AsyncIterator[str]:
    async for invoice in db["invoices"].find({"state": "debit_scheduled"}, {"_id": 1}):
        of_invoice = {"invoice_id": invoice["_id"]}
        # One collected a moment ago opens or pays the invoice with its next step.
        if not await db["debits"].count_documents({**of_invoice, "$or": [{"live": True}, {"receipt_id": ""}]}):
            yield f"{invoice['_id']}: waits for a debit nobody planned"


async def collections_without_money(db: Database) -> list[str]:
    """A collected debit has the receipt it names, of its amount."""
    return [line async for line in _unreceived(db)]


async def _unreceived(db: Database) -> AsyncIterator[str]:
    async for debit in db["debits"].find({"state": "collected", "receipt_id": {"$ne": ""}}):
        receipt = {"_id": debit["receipt_id"], "source": debit["_id"], "cents": debit["cents"]}
        if not await db["receipts"].count_documents(receipt):
            yield f"{debit['_id']}: collected, but {debit['receipt_id']} is no receipt of it"


async def files_unlike_their_debits(db: Database) -> list[str]:
    """A file is kept under its hash and holds its debits; those the bank gave back to the plan are in another one."""
    return [line async for batch in db["debit_batches"].find({"state": OUT}) async for line in _unlike(db, batch)]


async def _unlike(db: Database, batch: Document) -> AsyncIterator[str]:
    if not await db["debit_files"].count_documents({"_id": f"{batch['_id']}/{batch['sha256']}"}):
        yield f"{batch['_id']}: its file is not kept"
    debits = db["debits"].find({"batch_id": batch["_id"], "sequence": {"$ne": None}}, {"cents": 1, "state": 1})
    cents = [one["cents"] async for one in debits if one["state"] != "cancelled"]
    too_few = batch["state"] == "made" and sum(cents) != batch["total_cents"]
    if too_few or sum(cents) > batch["total_cents"]:
        yield f"{batch['_id']}: holds {batch['total_cents']}, its debits {sum(cents)}"


DEBITS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "no debit is collected before its notice is over": debits_without_notice,
    "every invoice that waits for a debit has one": invoices_that_wait_for_nothing,
    "every collected debit has its receipt": collections_without_money,
    "every file of debits holds its debits": files_unlike_their_debits,
}
