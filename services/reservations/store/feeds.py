"""Calendar links by the hash of their secret; one that nobody read for 13 months is forgotten."""

from datetime import datetime, timedelta

from pymongo import IndexModel

from services.reservations.domain.feeds import Feed
from shared.mongo import Collection, CollectionSchema, Database, Document

COLLECTION = "feeds"
KEPT = timedelta(days=396)
# Calendar programs ask every few minutes: when a link was last read is kept to the day.
NOTED_EVERY = timedelta(days=1)
FEEDS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("secret_hash", 1)], name="secret", unique=True),
        IndexModel([("household_id", 1)], name="household"),
        IndexModel([("read_at", 1)], name="forgotten", expireAfterSeconds=int(KEPT.total_seconds())),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "child_id", "secret_hash", "created_at", "read_at"],
    },
)


class FeedStore:
    def __init__(self, db: Database) -> None:
        self._feeds: Collection = db[COLLECTION]

    async def add(self, feed: Feed) -> None:
        document = {**vars(feed), "_id": feed.id}
        del document["id"]
        await self._feeds.insert_one(document)

    async def of_household(self, household_id: str) -> list[Feed]:
        """Oldest first."""
        return [_feed(found) async for found in self._feeds.find({"household_id": household_id}).sort("_id", 1)]

    async def by_hash(self, secret_hash: str, *, now: datetime) -> Feed | None:
        found = await self._feeds.find_one({"secret_hash": secret_hash})
        if found and found["read_at"] < now - NOTED_EVERY:
            await self._feeds.update_one({"_id": found["_id"]}, {"$max": {"read_at": now}})
        return _feed(found) if found else None

    async def remove(self, feed_id: str, household_id: str) -> bool:
        gone = await self._feeds.delete_one({"_id": feed_id, "household_id": household_id})
        return bool(gone.deleted_count)


def _feed(found: Document) -> Feed:
    return Feed(
        id=found["_id"],
        household_id=found["household_id"],
        child_id=found["child_id"],
        secret_hash=found["secret_hash"],
        created_at=found["created_at"],
        read_at=found["read_at"],
    )
