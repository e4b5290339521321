"""The towns' news."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.notifications.domain.news.audience import Place, Reader
from services.notifications.domain.news.item import NewsItem, ShownState
from services.notifications.store.news_documents import document_of, item_of
from shared.contracts import Event
from shared.errors import BadInput
from shared.messaging.envelope import pack
from shared.mongo import Database, Document
from shared.versions import VersionPassed

# Before there were states every item was published.
OUT: Document = {"state": {"$in": ["published", None]}}
FOR_EVERYBODY: Document = {"audience": None}


class NewsStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["news"]
        self._wake = wake

    async def add(self, item: NewsItem, *events: Event) -> None:
        document = document_of(item)
        if events:
            document["outbox"] = _packed(item, events, _out_since(item))
        await self._documents.insert_one(document)
        if events:
            self._wake("news")

    async def save(self, item: NewsItem, events: Sequence[Event], at: datetime) -> None:
        """The version after the one that was read. Raises `VersionPassed` when somebody else changed it meanwhile."""
        change: Document = {"$set": {name: value for name, value in document_of(item).items() if name != "_id"}}
        if events:
            change["$push"] = {"outbox": {"$each": _packed(item, events, at)}}
        read = {"_id": item.id, "municipality_id": item.municipality_id, **_at_version(item.version - 1)}
        if not (await self._documents.update_one(read, change)).matched_count:
            raise VersionPassed()
        if events:
            self._wake("news")

    async def addressed(self, news_id: str, municipality_id: str, households: int) -> None:
        """How many households were concerned, once they were told."""
        whose = {"_id": news_id, "municipality_id": municipality_id}
        await self._documents.update_one(whose, {"$set": {"addressed": households}})

    async def of_town(self, news_id: str, municipality_ids: Collection[str]) -> NewsItem | None:
        """In any state, of one of these towns."""
        whose = {"_id": news_id, "municipality_id": {"$in": list(municipality_ids)}}
        found = await self._documents.find_one(whose, {"outbox": 0})
        return None if found is None else item_of(found)

    async def readable(self, news_id: str, reader: Reader, now: datetime) -> NewsItem | None:
        """When that reader may read it now."""
        found = await self._documents.find_one({"$and": [{"_id": news_id}, *_readable(reader, now)]}, {"outbox": 0})
        return None if found is None else item_of(found)

    async def newest(
        self, reader: Reader, now: datetime, *, cursor: str = "", limit: int = 50, pinned_first: bool = False
    ) -> list[NewsItem]:
        """What that reader may read now, newest first; `cursor`: `cursor_of` the last one of the page before."""
        wanted = _readable(reader, now)
        order = [("published_at", -1), ("_id", -1)]
        if pinned_first:
            order.insert(0, ("pinned", -1))
        if cursor:
            wanted.append(_after(cursor, pinned_first=pinned_first))
        found = self._documents.find({"$and": wanted}, {"outbox": 0}).sort(order).limit(limit)
        return [item_of(one) for one in await found.to_list(limit)]

    async def on_desk(
        self, municipality_id: str, state: ShownState | None, now: datetime, *, before: str, limit: int
    ) -> list[NewsItem]:
        """An editor's list, last written first, older than item `before` unless it is empty."""
        wanted: Document = {"municipality_id": municipality_id, **(_in_state(state, now) if state else {})}
        if before:
            wanted["_id"] = {"$lt": before}
        found = self._documents.find(wanted, {"outbox": 0}).sort("_id", -1).limit(limit)
        return [item_of(one) for one in await found.to_list(limit)]

    async def counts(self, municipality_id: str, now: datetime) -> Mapping[ShownState, int]:
        """How many there are of each state."""
        states: tuple[ShownState, ...] = ("draft", "scheduled", "published", "ended", "withdrawn")
        return {
            state: await self._documents.count_documents({"municipality_id": municipality_id, **_in_state(state, now)})
            for state in states
        }

    async def due(self, now: datetime, limit: int = 100) -> list[NewsItem]:
        """Of all towns: scheduled for now or earlier."""
        waiting = {"state": "scheduled", "publish_at": {"$lte": now}}
        found = await self._documents.find(waiting, {"outbox": 0}).sort("publish_at", 1).to_list(limit)
        return [item_of(one) for one in found]

    async def titles(self, municipality_ids: Collection[str], news_ids: Collection[str]) -> Mapping[str, str]:
        """Of those that were not taken back."""
        wanted = {"_id": {"$in": list(news_ids)}, "municipality_id": {"$in": list(municipality_ids)}, **OUT}
        return {found["_id"]: found["title"] async for found in self._documents.find(wanted, {"title": 1})}


def cursor_of(item: NewsItem) -> str:
    return f"{int(item.pinned)}~{_out_since(item).isoformat()}~{item.id}"


def _out_since(item: NewsItem) -> datetime:
    if item.published_at is None:
        raise ValueError(f"{item.id} is not out")
    return item.published_at


def _packed(item: NewsItem, events: Sequence[Event], at: datetime) -> list[dict[str, str]]:
    return pack(events, subject=item.id, sequence=item.version, municipality_id=item.municipality_id, at=at)


def _at_version(version: int) -> Document:
    return {"version": version} if version > 1 else {"version": {"$in": [1, None]}}


def _readable(reader: Reader, now: datetime) -> list[Document]:
    in_time: Document = {"$or": [{"until": None}, {"until": {"$gt": now}}]}
    family: Document = {"municipality_id": {"$in": list(reader.family_of)}}
    meant: list[Document] = [{"municipality_id": {"$in": list(reader.agent_of)}}, {**family, **FOR_EVERYBODY}]
    meant += [_meant(place) for place in sorted(reader.places, key=repr) if place.municipality_id in reader.family_of]
    towns = {"municipality_id": {"$in": list(reader.agent_of | reader.family_of)}}
    return [towns, OUT, in_time, {"$or": meant}]


def _meant(place: Place) -> Document:
    """An empty list stands for all of them, as in `Audience`."""
    named = {"programme_ids": place.programme_id, "site_ids": place.site_id, "groups": place.group}
    return {
        "municipality_id": place.municipality_id,
        **{f"audience.{name}": {"$in": [value, []]} for name, value in named.items()},
    }


def _in_state(state: ShownState, now: datetime) -> Document:
    if state == "published":
        return {**OUT, "$or": [{"until": None}, {"until": {"$gt": now}}]}
    return {**OUT, "until": {"$lte": now}} if state == "ended" else {"state": state}


def _after(cursor: str, *, pinned_first: bool) -> Document:
    pinned, published_at, last_id = _read(cursor)
    later: list[Document] = [
        {"published_at": {"$lt": published_at}},
        {"published_at": published_at, "_id": {"$lt": last_id}},
    ]
    if not pinned_first:
        return {"$or": later}
    if pinned:
        return {"$or": [{"pinned": {"$ne": True}}, {"pinned": True, "$or": later}]}
    return {"pinned": {"$ne": True}, "$or": later}


def _read(cursor: str) -> tuple[bool, datetime, str]:
    """Raises `BadInput` for what is no cursor of ours."""
    pinned, _, rest = cursor.partition("~")
    at, _, last_id = rest.partition("~")
    try:
        published_at: Any = datetime.fromisoformat(at)
    except ValueError:
        published_at = None
    if published_at is None or published_at.tzinfo is None or pinned not in ("0", "1") or not last_id:
        raise BadInput([{"in": "query", "field": "cursor", "message": "Not a cursor of the page before."}])
    return pinned == "1", published_at, last_id
