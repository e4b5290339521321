"""Waiting-list entries: one document per child and slot, numbered in the order they asked."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.reservations.domain.sheet import Slot
from services.reservations.domain.waiting import Entry
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import Collection, CollectionSchema, Database, Document

COLLECTION = "waiting"
LISTS = "waiting_lists"
LISTS_SCHEMA = CollectionSchema()
WAITING_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("slot", 1), ("position", 1)], name="order", unique=True),
        IndexModel([("slot", 1), ("child_id", 1)], name="child", unique=True, partialFilterExpression={"waits": True}),
        IndexModel([("household_id", 1), ("key", 1)], name="key", unique=True),
    ],
    tells=True,
)


class WaitingStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._entries: Collection = db[COLLECTION]
        self._lists: Collection = db[LISTS]
        self._wake = wake

    async def by_key(self, household_id: str, key: str) -> Entry | None:
        found = await self._entries.find_one({"household_id": household_id, "key": key})
        return await self._ranked(found) if found else None

    async def of_child(self, household_id: str, child_id: str, slots: Sequence[Slot]) -> dict[Slot, int]:
        """The rank a child waits at, for those of the slots it waits for."""
        names = [_slot(slot) for slot in slots]
        wanted = {"slot": {"$in": names}, "child_id": child_id, "household_id": household_id, "waits": True}
        entries = [await self._ranked(found) async for found in self._entries.find(wanted)]
        return {(entry.activity_id, entry.date): entry.rank for entry in entries}

    async def add(self, entry: Entry, *, now: datetime) -> Entry:
        """The entry at the end of its list. Raises `Conflict` when the child or the key has an entry already."""
        slot = _slot((entry.activity_id, entry.date))
        end = await self._lists.find_one_and_update(
            {"_id": slot}, {"$inc": {"last": 1}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        # Those who join at this moment count as well, though their entries may not be there yet.
        gone = await self._entries.count_documents({"slot": slot, "waits": False})
        added = replace(entry, position=end["last"], rank=end["last"] - gone)
        document = {
            "_id": added.id,
            "slot": slot,
            "household_id": added.household_id,
            "municipality_id": added.municipality_id,
            "child_id": added.child_id,
            "position": added.position,
            "waits": True,
            "key": added.key,
            "fingerprint": added.fingerprint,
            "at": now,
            "outbox": pack(
                [added.joined()], subject=added.id, sequence=1, municipality_id=added.municipality_id, at=now
            ),
        }
        try:
            await self._entries.insert_one(document)
        except DuplicateKeyError:
            raise Conflict() from None
        self._wake(COLLECTION)
        return added

    async def leave(self, child_id: str, slots: Iterable[Slot]) -> None:
        """The child has a place now and waits no more."""
        names = [_slot(slot) for slot in slots]
        mine = {"slot": {"$in": names}, "child_id": child_id, "waits": True}
        await self._entries.update_many(mine, {"$set": {"waits": False}})

    async def leave_town(self, household_id: str, municipality_id: str) -> None:
        """The household left the town: its children wait there no more."""
        theirs = {"household_id": household_id, "municipality_id": municipality_id, "waits": True}
        await self._entries.update_many(theirs, {"$set": {"waits": False}})

    async def _ranked(self, found: Document) -> Entry:
        before = {"slot": found["slot"], "position": {"$lt": found["position"]}, "waits": True}
        activity_id, day = found["slot"].split("|")
        return Entry(
            id=found["_id"],
            household_id=found["household_id"],
            municipality_id=found["municipality_id"],
            child_id=found["child_id"],
            activity_id=activity_id,
            date=date.fromisoformat(day),
            key=found["key"],
            fingerprint=found["fingerprint"],
            position=found["position"],
            rank=await self._entries.count_documents(before) + 1,
        )


def _slot(slot: Slot) -> str:
    return f"{slot[0]}|{slot[1].isoformat()}"
