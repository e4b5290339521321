"""What documents written by earlier versions lack: filled in by every `migrate`, harmless when repeated."""

from datetime import UTC, datetime, time
from typing import Any

from pymongo import UpdateOne

from services.billing.domain.invoices import Invoice, posting_of
from services.billing.store.documents import from_document, posted
from shared.mongo import Database, Document

AT_ONCE = 500


async def fill_in(db: Database) -> None:
    await settlements(db)


async def settlements(db: Database) -> None:
    """Invoices of the time when one payment settled an invoice in full: the act, and the posting of their issue.

    The journal had not begun then: their issue is entered at the beginning of its day.
    """
    while found := await db["invoices"].find({"settlements": {"$exists": False}}).limit(AT_ONCE).to_list(AT_ONCE):
        await db["invoices"].bulk_write([UpdateOne({"_id": one["_id"]}, _filled(one)) for one in found])


def _filled(document: Document) -> dict[str, Any]:
    settled = document["state"] == "paid"
    paid = {"source": document.get("paid_by"), "cents": document["total_cents"], "at": document.get("paid_at")}
    acts = [{**paid, "kind": "payment"}] if settled else []
    invoice = from_document(Invoice, {**document, "settlements": acts})
    posting = posted(posting_of(invoice, datetime.combine(invoice.issue_date, time(), UTC)))
    return {"$set": {"settlements": acts, "occasion": ""}, "$push": {"unsealed": posting}}
