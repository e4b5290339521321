"""Counts of misses, one small document each, refilled by time and forgotten when full again."""

import hashlib
from collections.abc import Sequence
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
        limit = now + bucket.limit.tolerance
        later = {"$add": ["$forget_at", _milliseconds(bucket.limit.interval)]}
        found = await self._change(
            bucket,
            {"forget_at": {"$max": ["$forget_at", now]}},
            {"taken": {"$lte": ["$forget_at", limit]}},
            {"forget_at": {"$cond": ["$taken", later, "$forget_at"]}},
        )
        if not found["taken"]:
            raise TooMany(retry_after=bucket.limit.wait(found["forget_at"], now))

    async def miss(self, bucket: Bucket, now: datetime) -> datetime:
        """Count one, be there room or not; when the allowance will be full again."""
        later = {"$add": [{"$max": ["$forget_at", now]}, _milliseconds(bucket.limit.interval)]}
        full_at: datetime = (await self._change(bucket, {"forget_at": later}))["forget_at"]
        return full_at

    async def _change(self, bucket: Bucket, *steps: Document) -> Document:
        """The count afterwards."""
        asked, change = {"_id": bucket.id}, [{"$set": step} for step in steps]
        after = ReturnDocument.AFTER
        try:
            found = await self._documents.find_one_and_update(asked, change, upsert=True, return_document=after)
        except DuplicateKeyError:
            # Two first tries at once: the other made the document.
            found = await self._documents.find_one_and_update(asked, change, return_document=after)
        counted: Document = found
        return counted

    async def look(self, email: str, place: str, buckets: Sequence[Bucket]) -> tuple[bool, dict[str, datetime]]:
        """Whether the owner signed in from there before; by id, when each allowance not full will be full again."""
        known = _known(email, place)
        wanted: Document = {"_id": {"$in": [known, *(bucket.id for bucket in buckets)]}}
        found = {one["_id"]: one["forget_at"] async for one in self._documents.find(wanted, {"forget_at": 1})}
        return found.pop(known, None) is not None, found

    async def remember(self, email: str, address: str, until: datetime) -> None:
        await self._documents.update_one({"_id": _known(email, address)}, {"$set": {"forget_at": until}}, upsert=True)


def _known(email: str, address: str) -> str:
    return f"known:{hashlib.sha256(f'{email} {address}'.encode()).hexdigest()}"


def _milliseconds(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
