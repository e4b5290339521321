"""Leases: one process at a time does a background job, by the database's clock."""

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.ids import uuid7
from shared.mongo import Collection, CollectionSchema, Database

LEASES_SCHEMA = CollectionSchema()
LEASE_MS = 10_000


class LeaseStore:
    def __init__(self, db: Database) -> None:
        self._leases: Collection = db["leases"]
        self._me = uuid7()

    async def take(self, job: str) -> bool:
        """Take or renew the lease of a job; False while another process holds it."""
        # MongoDB refuses `$expr` in the filter of an upsert, so the comparison sits in the update itself.
        free = {"$or": [{"$eq": ["$holder", self._me]}, {"$lt": ["$until", "$$NOW"]}]}
        until = {"$add": ["$$NOW", LEASE_MS]}
        claim = [{"$set": {k: {"$cond": [free, v, f"${k}"]} for k, v in (("holder", self._me), ("until", until))}}]
        try:
            lease = await self._leases.find_one_and_update(
                {"_id": job}, claim, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            return False
        return bool(lease["holder"] == self._me)

    async def give_back(self, job: str) -> None:
        await self._leases.delete_one({"_id": job, "holder": self._me})
