"""The towns' news."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from services.notifications.domain.news import NewsItem
from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import Database, Document


class NewsStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["news"]
        self._wake = wake

    async def add(self, item: NewsItem, *events: Event) -> None:
        outbox = pack(events, subject=item.id, sequence=1, municipality_id=item.municipality_id, at=item.published_at)
        await self._documents.insert_one({**_document(item), "outbox": outbox})
        self._wake("news")

    async def newest(self, municipality_ids: Collection[str], *, before: str, limit: int) -> list[NewsItem]:
        """Of those towns, newest first, older than item `before` unless it is empty."""
        wanted: dict[str, Any] = {"municipality_id": {"$in": list(municipality_ids)}}
        if before:
            wanted["_id"] = {"$lt": before}
        return [_item(one) for one in await self._documents.find(wanted).sort("_id", -1).limit(limit).to_list(limit)]

    async def titles(self, municipality_ids: Collection[str], news_ids: Collection[str]) -> Mapping[str, str]:
        wanted = {"_id": {"$in": list(news_ids)}, "municipality_id": {"$in": list(municipality_ids)}}
        return {found["_id"]: found["title"] async for found in self._documents.find(wanted, {"title": 1})}


def _document(item: NewsItem) -> Document:
    return {
        "_id": item.id,
        "municipality_id": item.municipality_id,
        "title": item.title,
        "category": item.category,
        "body_html": item.body_html,
        "published_at": item.published_at,
        "published_by": item.published_by,
    }


def _item(found: Document) -> NewsItem:
    return NewsItem(
        id=found["_id"],
        municipality_id=found["municipality_id"],
        title=found["title"],
        category=found["category"],
        body_html=found["body_html"],
        published_at=found["published_at"],
        published_by=found["published_by"],
    )
