"""Versions of categories that others have replaced: kept the moment they are, each once and for good."""

from collections.abc import Sequence

from pymongo import IndexModel

from services.requests.domain.categories import Category
from services.requests.store.documents import category_document, category_of
from shared.mongo import CollectionSchema, Database

EDITIONS_SCHEMA = CollectionSchema(indexes=[IndexModel([("municipality_id", 1), ("category_id", 1), ("version", -1)])])


class EditionStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["category_editions"]

    async def keep(self, categories: Sequence[Category]) -> None:
        """Before their catalogue is written: whoever loses that race kept the same."""
        for one in categories:
            state = {
                "municipality_id": one.municipality_id,
                "category_id": one.id,
                "version": one.version,
                "category": category_document(one),
            }
            await self._documents.update_one({"_id": f"{one.id}@{one.version}"}, {"$setOnInsert": state}, upsert=True)

    async def of(self, municipality_id: str, category_id: str, before: int) -> list[Category]:
        """Newest first, of versions below `before`."""
        wanted = {"municipality_id": municipality_id, "category_id": category_id, "version": {"$lt": before}}
        found = await self._documents.find(wanted).sort("version", -1).to_list(None)
        return [category_of(one["category"]) for one in found]
