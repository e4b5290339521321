"""How far the stream of all events was read, and which process reads it."""

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.mongo import Database

LEASE_MS = 10_000
LOG = "log"


class ReadingStore:
    """`holder`: the name of this process."""

    def __init__(self, db: Database, holder: str) -> None:
        self._documents = db["reading"]
        self._holder = holder

    async def lead(self) -> bool:
        """Read for 10 s more, by the database's clock, unless another process does."""
        free = {"$or": [{"$eq": ["$holder", self._holder]}, {"$lt": [{"$ifNull": ["$until", 0]}, "$$NOW"]}]}
        until = {"$add": ["$$NOW", LEASE_MS]}
        claim = [{"$set": {k: {"$cond": [free, v, f"${k}"]} for k, v in (("holder", self._holder), ("until", until))}}]
        try:
            found = await self._documents.find_one_and_update(
                {"_id": LOG}, claim, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            return False
        return bool(found) and str(found["holder"]) == self._holder

    async def leave(self) -> None:
        """Let another process read at once."""
        await self._documents.update_one({"_id": LOG, "holder": self._holder}, [{"$set": {"until": "$$NOW"}}])

    async def offset(self) -> int | None:
        """Of the last message that was written whole; None before the first."""
        found = await self._documents.find_one({"_id": LOG}, {"offset": 1})
        return found.get("offset") if found else None

    async def passed(self, offset: int) -> None:
        await self._documents.update_one({"_id": LOG}, {"$set": {"offset": offset}}, upsert=True)

    async def forget(self) -> None:
        """Read everything again that the stream still has."""
        await self._documents.update_one({"_id": LOG}, {"$unset": {"offset": ""}})
