"""What is joined to articles, one document each: bounded to a few MB, so that it is read and written in one piece."""

from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from bson.binary import Binary

from shared.errors import NotFound
from shared.mongo import Database, Document

Size: TypeAlias = Literal["large", "small", "whole"]
# Nobody's upload takes that long: by then its article names it, or never will.
LOOSE_FOR = timedelta(days=2)


class NewsFileStore:
    def __init__(self, db: Database) -> None:
        self._files = db["news_files"]
        self._news = db["news"]

    async def write(
        self, file_id: str, *, news_id: str, municipality_id: str, data: dict[Size, bytes], at: datetime
    ) -> None:
        kept: Document = {name: Binary(content) for name, content in data.items()}
        whose = {"news_id": news_id, "municipality_id": municipality_id}
        await self._files.insert_one({"_id": file_id, **whose, **kept, "added_at": at})

    async def read(self, file_id: str, news_id: str, size: Size) -> bytes:
        """Raises `NotFound`."""
        found = await self._files.find_one({"_id": file_id, "news_id": news_id}, {size: 1})
        if found is None or size not in found:
            raise NotFound()
        return bytes(found[size])

    async def drop(self, file_id: str, news_id: str) -> None:
        await self._files.delete_one({"_id": file_id, "news_id": news_id})

    async def drop_of(self, news_id: str) -> None:
        await self._files.delete_many({"news_id": news_id})

    async def drop_loose(self, now: datetime) -> int:
        """What a crash left between a file and its article."""
        gone = 0
        old = {"added_at": {"$lt": now - LOOSE_FOR}}
        async for found in self._files.find(old, {"news_id": 1}):
            named = {"_id": found["news_id"], "$or": [{"pictures.id": found["_id"]}, {"documents.id": found["_id"]}]}
            if await self._news.find_one(named, {"_id": 1}) is None:
                gone += (await self._files.delete_one({"_id": found["_id"]})).deleted_count
        return gone
