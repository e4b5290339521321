"""Who read what: one mark per article and household."""

from collections.abc import Collection, Mapping
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from shared.mongo import Database


class NewsReaderStore:
    def __init__(self, db: Database) -> None:
        self._marks = db["news_reads"]

    async def mark(self, news_id: str, municipality_id: str, household_id: str, at: datetime) -> None:
        """Once; harmless when repeated."""
        whose = {"news_id": news_id, "municipality_id": municipality_id, "household_id": household_id}
        try:
            await self._marks.insert_one({"_id": f"{news_id}/{household_id}", **whose, "read_at": at})
        except DuplicateKeyError:
            return

    async def read_by(self, household_id: str, news_ids: Collection[str]) -> frozenset[str]:
        """Which of these the household has read."""
        wanted = {"_id": {"$in": [f"{news_id}/{household_id}" for news_id in news_ids]}}
        return frozenset([found["news_id"] async for found in self._marks.find(wanted, {"news_id": 1})])

    async def counts(self, municipality_id: str, news_ids: Collection[str]) -> Mapping[str, int]:
        """How many households have read each of these."""
        steps = [
            {"$match": {"news_id": {"$in": list(news_ids)}, "municipality_id": municipality_id}},
            {"$group": {"_id": "$news_id", "households": {"$sum": 1}}},
        ]
        return {found["_id"]: found["households"] async for found in self._marks.aggregate(steps)}
