"""What must hold of the news on live data; identifiers only."""

from collections.abc import Awaitable, Callable, Mapping

from services.notifications.domain.news.rich_text import sanitised
from services.notifications.domain.refusals import NewsEmpty
from shared.mongo import Database, Document


async def articles_without_their_moment(db: Database) -> list[str]:
    """What is out came out some time, what is scheduled will."""
    out: Document = {"state": {"$in": ["published", None]}, "published_at": None}
    found = db["news"].find({"$or": [out, {"state": "scheduled", "publish_at": None}]}, {"_id": 1})
    return [f"news {one['_id']} is out or scheduled without a moment" async for one in found]


async def files_that_are_gone(db: Database) -> list[str]:
    joined = db["news"].find({"$or": [{"pictures.0": {"$exists": True}}, {"documents.0": {"$exists": True}}]})
    lines = []
    async for one in joined:
        ids = [each["id"] for name in ("pictures", "documents") for each in one.get(name, ())]
        held = await db["news_files"].count_documents({"_id": {"$in": ids}, "news_id": one["_id"]})
        if held != len(ids):
            lines.append(f"news {one['_id']} names {len(ids) - held} files that are not there")
    return lines


async def unsafe_words(db: Database) -> list[str]:
    """What is shown as it is must be what the sanitiser of today would leave of it."""
    found = db["news"].find({}, {"body_html": 1})
    return [f"news {one['_id']} holds more than text formatting" async for one in found if not _safe(one["body_html"])]


def _safe(body: str) -> bool:
    try:
        return sanitised(body) == body
    except NewsEmpty:
        return False


NEWS_INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "what is published or scheduled has its moment": articles_without_their_moment,
    "every file an article names is there": files_that_are_gone,
    "news hold text formatting and links only": unsafe_words,
}
