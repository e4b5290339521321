"""The event log: per town every event once, in one order, without a gap."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import BulkWriteError

from services.partners.domain.facts import Fact
from services.partners.domain.recording import Entry
from shared.mongo import Database, Document

DUPLICATE_KEY = 11000
# Somebody else wrote at the same moment: mostly the former reader, whose lease is just over.
CLASHES = 20


class LogStore:
    def __init__(self, db: Database) -> None:
        self._log, self._floors = db["log"], db["floors"]
        # What this process wrote last; the unique index is what holds.
        self._heads: dict[str, int] = {}

    async def append(self, entries: Sequence[Entry]) -> frozenset[str]:
        """Write those that are not there yet, in this order; the towns that got some."""
        written: set[str] = set()
        for _ in range(CLASHES):
            try:
                written |= await self._append(entries)
                return frozenset(written)
            except BulkWriteError as error:
                if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
                    raise
                # What came before the clash is written: it is found and left out the next time.
                written |= {entry.municipality_id for entry in entries}
                self._heads.clear()
        raise RuntimeError("the log is written to by somebody else all the time")

    async def _append(self, entries: Sequence[Entry]) -> set[str]:
        found = self._log.find({"_id": {"$in": [entry.key for entry in entries]}}, {"_id": 1})
        known = {one["_id"] async for one in found}
        heads = dict(self._heads)
        documents = []
        for entry in entries:
            if entry.key in known:
                continue
            known.add(entry.key)
            town = entry.municipality_id
            heads[town] = (heads[town] if town in heads else await self.newest(town)) + 1
            documents.append(_document(entry, heads[town]))
        if documents:
            await self._log.insert_many(documents, ordered=True)
        self._heads = heads
        return {document["municipality_id"] for document in documents}

    async def newest(self, municipality_id: str) -> int:
        """The position of the town's last event, be it kept or not; 0 before the first."""
        last = await self._log.find_one({"municipality_id": municipality_id}, {"position": 1}, sort=[("position", -1)])
        return last["position"] if last else await self.oldest(municipality_id) - 1

    async def oldest(self, municipality_id: str) -> int:
        """The oldest position that is kept, or the next one to be written when none is."""
        floor = await self._floors.find_one({"_id": municipality_id})
        return floor["position"] if floor else 1

    async def page(self, municipality_id: str, after: int, limit: int, types: Collection[str] = ()) -> list[Fact]:
        """The first events after that position, of these types or of any."""
        wanted: Document = {"municipality_id": municipality_id, "position": {"$gt": after}}
        if types:
            wanted["type"] = {"$in": list(types)}
        found = self._log.find(wanted, sort=[("position", 1)], limit=limit, batch_size=limit)
        return [_fact(one) for one in await found.to_list(limit)]

    async def position_at(self, municipality_id: str, instant: datetime) -> int:
        """Of the first event told then or later; one more than the newest when there is none."""
        wanted: Document = {"municipality_id": municipality_id, "time": {"$gte": instant}}
        found = await self._log.find_one(wanted, {"position": 1}, sort=[("time", 1), ("position", 1)])
        return found["position"] if found else await self.newest(municipality_id) + 1

    async def forget(self, told_before: datetime) -> int:
        """All that is older, and whatever was written before it: what is kept has no gap."""
        gone = 0
        for town in await self._log.distinct("municipality_id"):
            gone += await self._forget(town, told_before)
        return gone

    async def _forget(self, town: str, told_before: datetime) -> int:
        kept: Document = {"municipality_id": town, "time": {"$gte": told_before}}
        found = await self._log.find_one(kept, {"position": 1}, sort=[("position", 1)])
        floor = found["position"] if found else await self.newest(town) + 1
        # Said first: whoever reads asks for it after reading, and is told what a page may have missed.
        await self._floors.update_one({"_id": town}, {"$max": {"position": floor}}, upsert=True)
        due: Document = {"municipality_id": town, "position": {"$lt": floor}}
        return (await self._log.delete_many(due)).deleted_count


def _document(entry: Entry, position: int) -> Document:
    return {
        "_id": entry.key,
        "municipality_id": entry.municipality_id,
        "position": position,
        "type": entry.type,
        "subject": entry.subject,
        "time": entry.time,
        "body": entry.body,
    }


def _fact(found: Any) -> Fact:
    return Fact(
        id=found["_id"].partition("/")[2],
        municipality_id=found["municipality_id"],
        position=found["position"],
        type=found["type"],
        subject=found["subject"],
        time=found["time"],
        body=found["body"],
    )
