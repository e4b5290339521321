"""How far each subscription was served. Serving takes a lease, by the database's clock: one process at a time."""

from collections.abc import Collection, Mapping
from typing import Any

from pymongo import ReturnDocument, UpdateOne

from services.partners.domain.feeds import Feed
from shared.mongo import Database, Document

LEASE_MS = 15_000
PRESENCE = "feeder"


class FeedStore:
    """`holder`: the name of this process."""

    def __init__(self, db: Database, holder: str) -> None:
        self._documents, self._presences = db["feeds"], db["reading"]
        self._holder = holder

    async def add(self, subscription_id: str, municipality_id: str, position: int) -> None:
        """Harmless when it is there."""
        fresh: Document = {"municipality_id": municipality_id, "position": position, "holder": ""}
        update: list[Document] = [
            {
                "$set": {
                    **{name: {"$ifNull": [f"${name}", {"$literal": value}]} for name, value in fresh.items()},
                    "until": {"$ifNull": ["$until", "$$NOW"]},
                }
            }
        ]
        await self._documents.update_one({"_id": subscription_id}, update, upsert=True)

    async def drop(self, subscription_id: str) -> None:
        await self._documents.delete_one({"_id": subscription_id})

    async def positions(self, municipality_id: str) -> dict[str, int]:
        """By subscription."""
        found = self._documents.find({"municipality_id": municipality_id}, {"position": 1})
        return {one["_id"]: one["position"] async for one in found}

    async def move(self, subscription_id: str, municipality_id: str, position: int) -> None:
        """Serve it again from after that position; whoever serves it now notices within a second."""
        wanted = {"_id": subscription_id, "municipality_id": municipality_id}
        await self._documents.update_one(wanted, {"$set": {"position": position}})

    async def claim(self, subscription_id: str) -> Feed | None:
        """It, to be served by this process alone; None when another process serves it."""
        free = {"$or": [{"$lte": ["$until", "$$NOW"]}, {"$eq": ["$holder", self._holder]}]}
        hold: list[Document] = [{"$set": {"holder": self._holder, "until": {"$add": ["$$NOW", LEASE_MS]}}}]
        found = await self._documents.find_one_and_update(
            {"_id": subscription_id, "$expr": free}, hold, return_document=ReturnDocument.AFTER
        )
        return _feed(found) if found else None

    async def renew(self) -> Mapping[str, int]:
        """Keep all that this process serves for 15 s more; where each of them is."""
        hold: list[Document] = [{"$set": {"until": {"$add": ["$$NOW", LEASE_MS]}}}]
        await self._documents.update_many({"holder": self._holder}, hold)
        found = self._documents.find({"holder": self._holder}, {"position": 1})
        return {one["_id"]: one["position"] async for one in found}

    async def save(self, moves: Mapping[str, tuple[int, int]]) -> None:
        """From which position to which, by subscription; one that is elsewhere, or another's, is left alone."""
        changes = [
            UpdateOne({"_id": name, "holder": self._holder, "position": was}, {"$set": {"position": now}})
            for name, (was, now) in moves.items()
        ]
        if changes:
            await self._documents.bulk_write(changes, ordered=False)

    async def release(self, subscription_ids: Collection[str]) -> None:
        """Let another process serve them at once."""
        mine: Document = {"_id": {"$in": list(subscription_ids)}, "holder": self._holder}
        await self._documents.update_many(mine, [{"$set": {"holder": "", "until": "$$NOW"}}])

    async def present(self) -> int:
        """Say that this process serves; how many do."""
        here: list[Document] = [{"$set": {"kind": PRESENCE, "until": {"$add": ["$$NOW", LEASE_MS]}}}]
        await self._presences.update_one({"_id": f"{PRESENCE}/{self._holder}"}, here, upsert=True)
        await self._presences.delete_many({"kind": PRESENCE, "$expr": {"$lt": ["$until", "$$NOW"]}})
        return await self._presences.count_documents({"kind": PRESENCE})

    async def leave(self) -> None:
        await self._presences.delete_one({"_id": f"{PRESENCE}/{self._holder}"})
        await self._documents.update_many({"holder": self._holder}, [{"$set": {"holder": "", "until": "$$NOW"}}])


def _feed(found: Any) -> Feed:
    return Feed(subscription_id=found["_id"], municipality_id=found["municipality_id"], position=found["position"])
