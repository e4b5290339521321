"""Answers to exports and erasures on their way, tombstones, and documents as a family may read them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Database
from shared.privacy import File, Holdings
from shared.together import Together

ANSWERS, TOMBSTONES = "privacy_answers", "erased_households"
# Longer than a message can wait in the retry tiers; what was told is in the broker by then.
KEPT = timedelta(days=30)
# An access token lives ten minutes; what it wrote after the erasure is gone the next day.
LATE_WRITES = timedelta(days=2)
PRIVACY_SCHEMA: Mapping[str, CollectionSchema] = {
    ANSWERS: CollectionSchema(
        tells=True,
        indexes=[
            IndexModel(
                [("at", 1)],
                name="forget",
                expireAfterSeconds=int(KEPT.total_seconds()),
                # One that waits to be told is never forgotten, however long the broker is away.
                partialFilterExpression={"outbox": []},
            )
        ],
    ),
    # No name, no town: an identifier and a date, so that the household cannot come back.
    TOMBSTONES: CollectionSchema(indexes=[IndexModel([("kept", 1)], name="unfinished")]),
}


class AnswerStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db[ANSWERS]
        self._wake = wake

    async def answered(self, name: str) -> bool:
        return await self._documents.find_one({"_id": name}, {"_id": 1}) is not None

    async def tell(self, name: str, subject: str, event: Event, municipality_id: str, at: datetime) -> None:
        """Once per name, however often it is asked."""
        outbox = pack([event], subject=subject, sequence=1, municipality_id=municipality_id, at=at)
        try:
            await self._documents.insert_one({"_id": name, "at": at, "outbox": outbox})
        except DuplicateKeyError:
            return
        self._wake(ANSWERS)


class TombstoneStore:
    def __init__(self, db: Database) -> None:
        self._documents = db[TOMBSTONES]
        self._read_together = Together(self._read)

    async def put(self, household_id: str, erased_at: datetime, *, kept: bool) -> None:
        """`kept`: something had to stay, look again."""
        change = {"$max": {"erased_at": erased_at}, "$set": {"kept": kept}}
        await self._documents.update_one({"_id": household_id}, change, upsert=True)

    async def settle(self, household_id: str, *, kept: bool) -> None:
        await self._documents.update_one({"_id": household_id}, {"$set": {"kept": kept}})

    async def erased_at(self, household_id: str) -> datetime | None:
        return await self._read_together(household_id)

    async def _read(self, household_ids: Sequence[str]) -> list[datetime | None]:
        wanted = {"_id": {"$in": sorted(set(household_ids))}}
        found = {one["_id"]: one["erased_at"] async for one in self._documents.find(wanted)}
        return [found.get(one) for one in household_ids]

    async def unfinished(self, since: datetime) -> list[str]:
        """Households something is still kept of, and those erased so lately that an old token may still write."""
        wanted = {"$or": [{"kept": True}, {"erased_at": {"$gte": since}}]}
        return [one["_id"] async for one in self._documents.find(wanted, {"_id": 1})]


def parts(db: Database, wake: Callable[[str], None], holdings: Holdings) -> dict[str, Any]:
    """What `shared.privacy.HANDLERS` work with, by name."""
    return {"holdings": holdings, "answers": AnswerStore(db, wake), "tombstones": TombstoneStore(db)}


async def erase_again(holdings: Holdings, tombstones: TombstoneStore, now: datetime) -> int:
    """What had to be kept of erased households goes when its reason is over; a task of the daily job."""
    erased = 0
    for household_id in await tombstones.unfinished(now - LATE_WRITES):
        receipt = await holdings.erase(household_id, now)
        await tombstones.settle(household_id, kept=bool(receipt.kept))
        erased += sum(line.count for line in receipt.erased)
    return erased


def json_file(name: str, sections: Mapping[str, Iterable[Mapping[str, Any]]]) -> File:
    """Documents by what they are, as they are kept, without what only serves the machinery."""
    shown = {section: [readable(document) for document in documents] for section, documents in sections.items()}
    content = json.dumps(shown, ensure_ascii=False, indent=1).encode()
    return File(name=name, media_type="application/json", content=content)


# Counters, queues and secrets of the machinery; no fact about anybody.
MACHINERY = frozenset(
    {"outbox", "version", "sequence", "revision", "idem", "fingerprint", "key", "filing", "search", "sort_name"}
)


def readable(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: one for key, one in value.items() if key not in MACHINERY and not key.endswith("_hash")}
        return {("id" if key == "_id" else key): readable(one) for key, one in kept.items()}
    if isinstance(value, list | tuple):
        return [readable(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
