"""Payments whose money the till has not entered, or whose money due back nobody has taken up."""

from collections.abc import Sequence

from services.billing.domain.payments import Payment
from services.billing.domain.postings import Posting
from services.billing.store.documents import accompanied, from_document
from shared.mongo import Database, Document

NOT_ENTERED = {"state": "paid", "allocated": True, "in_books": {"$ne": True}}
DUE_BACK = {"refunds.ref": {"$exists": True}}


class PaidStore:
    def __init__(self, db: Database) -> None:
        self._payments = db["payments"]

    async def not_entered(self, limit: int = 100) -> list[Payment]:
        found = self._payments.find(NOT_ENTERED).sort("_id", 1).limit(limit)
        return [from_document(Payment, one) for one in await found.to_list(limit)]

    async def mark_entered(self, payment: Payment, postings: Sequence[Posting]) -> None:
        """Once, with what else the journal must hold of it."""
        change: Document = {"$set": {"in_books": True}}
        if carried := accompanied([], postings):
            change["$push"] = {name: {"$each": parts} for name, parts in carried.items()}
        await self._payments.update_one({"_id": payment.id, "in_books": {"$ne": True}}, change)

    async def with_dues(self, limit: int = 100) -> list[Payment]:
        """Those that have more to give back than was taken up."""
        more = {"$expr": {"$gt": [{"$size": "$refunds"}, {"$ifNull": ["$dues_opened", 0]}]}}
        found = self._payments.find({**DUE_BACK, **more}).limit(limit)
        return [from_document(Payment, one) for one in await found.to_list(limit)]

    async def mark_opened(self, payment: Payment) -> None:
        """As many of its dues as are known here."""
        await self._payments.update_one({"_id": payment.id}, {"$max": {"dues_opened": len(payment.refunds)}})
