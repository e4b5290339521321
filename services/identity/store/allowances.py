"""Counts of misses, one small document each, refilled by time and forgotten when full again."""

import hashlib
import math
from datetime import datetime, timedelta

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.identity.domain.attempts import Bucket
from shared.errors import TooMany
from shared.mongo import CollectionSchema, Database, Document

ALLOWANCES = CollectionSchema(
    indexes=[IndexModel([("forget_at", 1)], name="forget", expireAfterSeconds=0)],
    validator={
        "bsonType": "object",
        "required": ["forget_at"],
        "properties": {"_id": {"bsonType": "string"}, "forget_at": {"bsonType": "date"}},
    },
)


class AllowanceStore:
    """Each count is the instant at which it will be full again (GCRA): exact under any number of processes."""

    def __init__(self, db: Database) -> None:
        self._documents = db["allowances"]

    async def take(self, bucket: Bucket, now: datetime) -> None:
        """Raises `TooMany` with the seconds until the next one."""
        try:
            found = await self._take(bucket, now)
        except DuplicateKeyError:
            # Two first tries at once: the other made the document.
            found = await self._take(bucket, now)
        if not found["taken"]:
            wait = found["forget_at"] - bucket.limit.tolerance - now
            raise TooMany(retry_after=max(1, math.ceil(wait.total_seconds())))

    async def _take(self, bucket: Bucket, now: datetime) -> Document:
        full_at = {"$max": ["$forget_at", now]}
        limit = now + bucket.limit.tolerance
        later = {"$add": ["$forget_at", _milliseconds(bucket.limit.interval)]}
        found: Document = await self._documents.find_one_and_update(
            {"_id": bucket.id},
            [
                {"$set": {"forget_at": full_at}},
                {"$set": {"taken": {"$lte": ["$forget_at", limit]}}},
                {"$set": {"forget_at": {"$cond": ["$taken", later, "$forget_at"]}}},
            ],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return found

    async def give_back(self, bucket: Bucket, now: datetime) -> None:
        earlier = {"$subtract": ["$forget_at", _milliseconds(bucket.limit.interval)]}
        await self._documents.update_one({"_id": bucket.id}, [{"$set": {"forget_at": {"$max": [earlier, now]}}}])

    async def is_known(self, email: str, address: str) -> bool:
        return await self._documents.find_one({"_id": _known(email, address)}, {"_id": 1}) is not None

    async def remember(self, email: str, address: str, until: datetime) -> None:
        await self._documents.update_one({"_id": _known(email, address)}, {"$set": {"forget_at": until}}, upsert=True)


def _known(email: str, address: str) -> str:
    return f"known:{hashlib.sha256(f'{email} {address}'.encode()).hexdigest()}"


def _milliseconds(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
