"""How far the sandbox town's story was told."""

from pymongo import ReturnDocument

from shared.mongo import Database

STORY = "sandbox"


class StoryStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["reading"]

    async def take(self, many: int) -> int:
        """The next so many are the caller's to tell: the number of the first."""
        found = await self._documents.find_one_and_update(
            {"_id": STORY}, {"$inc": {"told": many}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        told: int = found["told"]
        return told - many
