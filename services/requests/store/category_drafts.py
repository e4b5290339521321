"""Drafts of categories, one per category: kept as text, since what an agent is still writing may be anything."""

import json
from datetime import datetime

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from services.requests.domain.catalogue.editing import CategoryDraft
from shared.errors import NotFound
from shared.mongo import CollectionSchema, Database, Document
from shared.versions import VersionPassed

DRAFTS_SCHEMA = CollectionSchema(indexes=[IndexModel([("municipality_id", 1)])])


class CategoryDraftStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["category_drafts"]

    async def of_town(self, municipality_id: str) -> list[CategoryDraft]:
        found = await self._documents.find({"municipality_id": municipality_id}).sort("_id", 1).to_list(None)
        return [_draft(one) for one in found]

    async def get(self, municipality_id: str, category_id: str) -> CategoryDraft | None:
        found = await self._documents.find_one({"_id": category_id, "municipality_id": municipality_id})
        return _draft(found) if found else None

    async def save(self, draft: CategoryDraft) -> None:
        """At its next version. Raises `VersionPassed` when the one before is not there any more."""
        state: Document = {
            "municipality_id": draft.municipality_id,
            "entry": json.dumps(draft.entry, ensure_ascii=False),
            "based_on": draft.based_on,
            "edited_at": draft.edited_at,
            "version": draft.version + 1,
        }
        wanted = {"_id": draft.id, "municipality_id": draft.municipality_id, "version": draft.version}
        try:
            written = await self._documents.update_one(wanted, {"$set": state}, upsert=draft.version == 0)
        except DuplicateKeyError:
            raise VersionPassed() from None
        if not written.matched_count and written.upserted_id is None:
            raise VersionPassed()

    async def drop(self, municipality_id: str, category_id: str, version: int | None = None) -> None:
        """`version`: only that one. Raises `NotFound` when nothing is dropped and any would have been."""
        wanted: Document = {"_id": category_id, "municipality_id": municipality_id}
        gone = await self._documents.delete_one(wanted if version is None else {**wanted, "version": version})
        if version is None and not gone.deleted_count:
            raise NotFound()


def _draft(found: Document) -> CategoryDraft:
    edited_at: datetime = found["edited_at"]
    return CategoryDraft(
        id=found["_id"],
        municipality_id=found["municipality_id"],
        entry=json.loads(found["entry"]),
        based_on=found["based_on"],
        edited_at=edited_at,
        version=found["version"],
    )
