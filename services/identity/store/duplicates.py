"""Which files of a town share something, by the index of what they could share."""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from services.identity.domain.duplicates import MOST_ALIKE
from services.identity.domain.families import FamilyFile
from services.identity.store.family_files import SHOWN, STANDING, file_of
from services.identity.store.search_terms import LIKES_INDEX
from shared.mongo import CollectionSchema, Database, Document

LONGEST_MS = 9_000
DISMISSALS = CollectionSchema(
    validator={"bsonType": "object", "required": ["municipality_id", "files", "dismissed_by", "dismissed_at"]}
)


class DuplicateStore:
    def __init__(self, db: Database) -> None:
        self._files = db["family_files"]
        self._dismissals = db["duplicate_dismissals"]

    async def candidates(self, municipality_id: str, most: int) -> list[tuple[str, str]]:
        """Pairs of files with something in common that nobody dismissed; no more than about `most`."""
        groups = await self._files.aggregate(
            _alike(municipality_id, most),
            hint=LIKES_INDEX.document["name"],
            allowDiskUse=True,
            maxTimeMS=LONGEST_MS,
        ).to_list(None)
        pairs = {pair for group in groups for pair in combinations(sorted(group["files"]), 2)}
        dismissed = self._dismissals.find({"municipality_id": municipality_id}, {"files": 1})
        return sorted(pairs - {(one["files"][0], one["files"][1]) async for one in dismissed})

    async def files(self, municipality_id: str, file_ids: Sequence[str]) -> dict[str, FamilyFile]:
        asked = {"_id": {"$in": list(file_ids)}, "municipality_id": municipality_id, **STANDING}
        return {one["_id"]: file_of(one) async for one in self._files.find(asked, SHOWN)}

    async def dismiss(self, municipality_id: str, pair: Sequence[str], account_id: str, at: datetime) -> None:
        """They are not the same; said twice, it stays as it was said first."""
        files = sorted(pair)
        document = {
            "municipality_id": municipality_id,
            "files": files,
            "dismissed_by": account_id,
            "dismissed_at": at,
        }
        key = f"{municipality_id}/{'/'.join(files)}"
        await self._dismissals.update_one({"_id": key}, {"$setOnInsert": document}, upsert=True)


def _alike(municipality_id: str, most: int) -> list[Document]:
    return [
        {"$match": {"municipality_id": municipality_id, "search.likes": {"$gt": 0}}},
        {"$project": {"like": "$search.likes"}},
        {"$unwind": "$like"},
        {"$group": {"_id": "$like", "files": {"$push": "$_id"}, "count": {"$sum": 1}}},
        {"$match": {"count": {"$gte": 2, "$lte": MOST_ALIKE}}},
        {"$sort": {"_id": 1}},
        {"$limit": most},
    ]
