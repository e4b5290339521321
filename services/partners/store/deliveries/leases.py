"""Which process sends to an endpoint: a lease per subscription, by the database's clock."""

import asyncio
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.ids import uuid7
from shared.mongo import Database

# Longer than a try may take, so that nobody else sends what flies.
LEASE_MS = 30_000
RENEW_SECONDS = 5.0


class SenderLeases:
    def __init__(self, db: Database) -> None:
        self._documents = db["leases"]
        self._me = uuid7()
        self._renew_at: dict[str, float] = {}

    async def hold(self, subscription_id: str) -> bool:
        """Take the lease, or keep it; False when another process has it."""
        now = asyncio.get_running_loop().time()
        if now < self._renew_at.get(subscription_id, 0.0):
            return True
        free = {"$or": [{"$eq": ["$holder", self._me]}, {"$lt": ["$until", "$$NOW"]}]}
        until: dict[str, Any] = {"$add": ["$$NOW", LEASE_MS]}
        claim = [{"$set": {k: {"$cond": [free, v, f"${k}"]} for k, v in (("holder", self._me), ("until", until))}}]
        try:
            lease = await self._documents.find_one_and_update(
                {"_id": _key(subscription_id)}, claim, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            # Two processes made the first lease at the same moment.
            lease = None
        if lease is None or lease["holder"] != self._me:
            self._renew_at.pop(subscription_id, None)
            return False
        self._renew_at[subscription_id] = now + RENEW_SECONDS
        return True

    async def release(self, subscription_id: str) -> None:
        """So that the next process need not wait for it to lapse."""
        if self._renew_at.pop(subscription_id, None) is not None:
            await self._documents.delete_one({"_id": _key(subscription_id), "holder": self._me})


def _key(subscription_id: str) -> str:
    return f"webhook/{subscription_id}"
