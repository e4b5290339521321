"""Waiting-list entries: one document per child and slot, numbered in the order they asked, sorted as the town says."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from services.reservations.domain.capacity import Pool
from services.reservations.domain.sheet import Slot
from services.reservations.domain.waiting import WAITS, Entry, EntryState, Offer, Trace, order_of
from services.reservations.store.place_documents import name_of
from services.reservations.store.waiting_documents import (
    COLLECTION,
    LISTS,
    LISTS_SCHEMA,
    WAITING_SCHEMA,
    entry_of,
    new_entry,
    offer_document,
    packed,
    placed,
    slot_name,
    trace_document,
)
from shared.contracts import Event
from shared.errors import Conflict
from shared.mongo import Collection, Database, Document

__all__ = ["LISTS_SCHEMA", "WAITING_SCHEMA", "WaitingStore"]

UNTOLD = {"outbox": 0}
# Who has minutes to answer is looking at it.
REMINDED_MS = 2 * 60 * 60 * 1000
DUE = {"due": {"$exists": True}}


class WaitingStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._entries: Collection = db[COLLECTION]
        self._lists: Collection = db[LISTS]
        self._wake = wake

    async def by_key(self, household_id: str, key: str) -> Entry | None:
        return await self._one({"household_id": household_id, "key": key})

    async def get(self, entry_id: str, household_id: str) -> Entry | None:
        return await self._one({"_id": entry_id, "household_id": household_id})

    async def by_id(self, entry_id: str) -> Entry | None:
        """For what happens by itself."""
        return await self._one({"_id": entry_id})

    async def in_town(self, entry_id: str, municipality_id: str) -> Entry | None:
        return await self._one({"_id": entry_id, "municipality_id": municipality_id})

    async def of_offer(self, offer_id: str, household_id: str) -> Entry | None:
        return await self._one({"offer.id": offer_id, "household_id": household_id})

    async def of_secret(self, secret_hash: str) -> Entry | None:
        """Whoever knows the link speaks for the household."""
        return await self._one({"offer.secret_hash": secret_hash})

    async def entries_of_child(self, household_id: str, child_id: str, slots: Sequence[Slot]) -> list[Entry]:
        """What a child waits for, or has been offered, of the slots."""
        names = [slot_name(slot) for slot in slots]
        wanted = {"slot": {"$in": names}, "child_id": child_id, "household_id": household_id, "waits": True}
        return [await self._ranked(found) async for found in self._entries.find(wanted, UNTOLD)]

    async def of_child(self, household_id: str, child_id: str, slots: Sequence[Slot]) -> dict[Slot, int]:
        """The rank a child waits at, for those of the slots it waits for."""
        return {entry.slot: entry.rank for entry in await self.entries_of_child(household_id, child_id, slots)}

    async def of_household(self, household_id: str, since: date, limit: int = 200) -> list[Entry]:
        """What it waits for, and what became of the rest, for days from `since` on; the newest entries first."""
        found = self._entries.find({"household_id": household_id}, UNTOLD).sort("_id", -1).limit(limit)
        return [await self._ranked(one) async for one in found if one["slot"].rsplit("|", 1)[1] >= since.isoformat()]

    async def of_slot(self, municipality_id: str, slot: Slot) -> list[Entry]:
        """The whole list of a day, those who wait no more included; in turn."""
        found = self._entries.find({"slot": slot_name(slot), "municipality_id": municipality_id}, UNTOLD)
        return [await self._ranked(one) async for one in found.sort([("line", 1), ("order", 1), ("_id", 1)])]

    async def length(self, line: str) -> int:
        return await self._entries.count_documents({"line": line, "waits": True})

    async def add(self, entry: Entry, *, now: datetime, standing: str = "") -> Entry:
        """The entry in its list, after those of the same or a better standing.

        Raises `Conflict` when the child or the key has an entry already.
        """
        end = await self._lists.find_one_and_update(
            {"_id": entry.line}, {"$inc": {"last": 1}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        order = order_of(standing, end["last"])
        rank = await self._rank_of_last(entry.line, order, end["last"] if not standing else 0)
        added = replace(entry, position=end["last"], order=order, rank=rank, at=now)
        try:
            await self._entries.insert_one(new_entry(added, standing, now=now))
        except DuplicateKeyError:
            raise Conflict() from None
        self._wake(COLLECTION)
        return added

    async def _rank_of_last(self, line: str, order: str, last: int) -> int:
        """`last`: its number where who asked first comes first, 0 where the town prefers some."""
        if not last:
            return await self._entries.count_documents({"line": line, "waits": True, "order": {"$lt": order}}) + 1
        # Those who join at this moment count as well, though their entries may not be there yet.
        return last - await self._entries.count_documents({"line": line, "waits": False})

    async def move(
        self,
        entry: Entry,
        to: EntryState,
        *events: Event,
        trace: Trace,
        offer: Offer | None = None,
    ) -> bool:
        """From the state `entry` has to another, telling `events`; False when it changed since it was read.

        Raises `Conflict` when it would wait again while the child has another entry there.
        """
        values: Document = {"state": to, "waits": to in WAITS}
        if offer:
            # The pools its places are in, though the child may have moved since it joined.
            pools = [name_of(pool) for pool in entry.pools]
            values |= {"offer": offer_document(offer), "pools": pools, "line": entry.line}
        if entry.state == "offered" and entry.offer:
            values["due"] = entry.offer.id
        push: Document = {"trail": trace_document(trace)}
        if events:
            push["outbox"] = {"$each": packed(entry, events, entry.version + 1, trace.at)}
        same = {"_id": entry.id, "household_id": entry.household_id, "state": entry.state, "version": entry.version}
        try:
            moved = await self._entries.update_one(same, {"$set": values, "$push": push, "$inc": {"version": 1}})
        except DuplicateKeyError:
            raise Conflict() from None
        if events and moved.modified_count:
            self._wake(COLLECTION)
        return bool(moved.modified_count)

    async def settled(self, entry: Entry, offer_id: str) -> None:
        """Nothing is kept for its former offer any more."""
        same = {"_id": entry.id, "household_id": entry.household_id, "due": offer_id}
        await self._entries.update_one(same, {"$unset": {"due": ""}})

    async def requeue(self, entries: Sequence[tuple[Entry, str]]) -> None:
        """Where entries wait, each with its standing, as things are now; those that changed meanwhile stay."""
        writes = [
            UpdateOne({"_id": entry.id, "version": entry.version}, {"$set": placed(entry, standing)})
            for entry, standing in entries
        ]
        if writes:
            await self._entries.bulk_write(writes, ordered=False)

    async def leave(self, child_id: str, slots: Iterable[Slot]) -> None:
        """The child has a place now and waits no more."""
        names = [slot_name(slot) for slot in slots]
        await self._end({"slot": {"$in": names}, "child_id": child_id, "waits": True}, "booked", "family")

    async def leave_town(self, household_id: str, municipality_id: str) -> None:
        """The household left the town: its children wait there no more."""
        theirs = {"household_id": household_id, "municipality_id": municipality_id, "waits": True}
        await self._end(theirs, "left", "town")

    async def _end(self, which: Document, state: EntryState, by: str) -> None:
        trace = {"at": "$$NOW", "step": state, "by": by, "reason": ""}
        values = {
            "due": {"$cond": [{"$eq": ["$state", "offered"]}, "$offer.id", "$$REMOVE"]},
            "state": state,
            "waits": False,
            "trail": {"$concatArrays": [{"$ifNull": ["$trail", []]}, [trace]]},
            "version": {"$add": [{"$ifNull": ["$version", 1]}, 1]},
        }
        await self._entries.update_many(which, [{"$set": values}])

    async def waited_towns(self) -> list[str]:
        return sorted(await self._entries.distinct("municipality_id", {"waits": True}))

    async def waiting_in(self, municipality_id: str) -> list[Entry]:
        """Everybody who waits in a town."""
        found = self._entries.find({"municipality_id": municipality_id, "waits": True, "state": "waiting"}, UNTOLD)
        return [entry_of(one) async for one in found]

    async def in_pool(self, pool: Pool) -> list[Entry]:
        """Those who wait for a place of a pool and have no offer."""
        wanted = {"pools": name_of(pool), "waits": True, "state": "waiting"}
        return [entry_of(one) async for one in self._entries.find(wanted, UNTOLD)]

    async def over(self, limit: int = 100) -> list[Entry]:
        """Offers whose time is over by the database's clock."""
        over = {"state": "offered", "$expr": {"$lt": ["$offer.until", "$$NOW"]}}
        return [entry_of(one) async for one in self._entries.find(over, UNTOLD, limit=limit)]

    async def ending(self, limit: int = 100) -> list[Entry]:
        """Offers of two hours or more in the last quarter of their time, whose families were not reminded."""
        left, whole = {"$subtract": ["$offer.until", "$$NOW"]}, {"$subtract": ["$offer.until", "$offer.made_at"]}
        last_quarter = {"$lte": [{"$multiply": [left, 4]}, whole]}
        soon = {"$expr": {"$and": [last_quarter, {"$gte": [whole, REMINDED_MS]}, {"$gt": [left, 0]}]}}
        wanted = {"state": "offered", "offer.reminded": {"$ne": True}, **soon}
        return [entry_of(one) async for one in self._entries.find(wanted, UNTOLD, limit=limit)]

    async def remind(self, entry: Entry, event: Event, at: datetime) -> None:
        """Told once; not when the offer was answered meanwhile. An answer given at this moment finds its version."""
        offer_id = entry.offer.id if entry.offer else ""
        same = {"_id": entry.id, "household_id": entry.household_id, "state": "offered", "offer.id": offer_id}
        told = {"$each": packed(entry, [event], entry.version, at)}
        change = {"$set": {"offer.reminded": True}, "$push": {"outbox": told}}
        if (await self._entries.update_one({**same, "offer.reminded": {"$ne": True}}, change)).modified_count:
            self._wake(COLLECTION)

    async def too_late(self, municipality_id: str, now: datetime, limit: int = 500) -> list[Entry]:
        """Those without an offer whose day can be booked no more."""
        wanted = {"municipality_id": municipality_id, "waits": True, "state": "waiting", "ends": {"$lt": now}}
        return [entry_of(one) async for one in self._entries.find(wanted, UNTOLD, limit=limit)]

    async def due(self, limit: int = 100) -> list[Entry]:
        """Those whose former offer may still keep a place."""
        return [entry_of(one) async for one in self._entries.find(DUE, UNTOLD, limit=limit)]

    async def stands(self, entry: Entry) -> bool:
        """Whether its offer can still be accepted, by the database's clock."""
        live: dict[str, Any] = {"$expr": {"$gt": ["$offer.until", "$$NOW"]}}
        same = {"_id": entry.id, "household_id": entry.household_id, "state": "offered"}
        return bool(await self._entries.count_documents({**same, **live}, limit=1))

    async def _one(self, wanted: Document) -> Entry | None:
        found = await self._entries.find_one(wanted, UNTOLD)
        return await self._ranked(found) if found else None

    async def _ranked(self, found: Document) -> Entry:
        if not found["waits"]:
            return entry_of(found)
        before = {"line": found["line"], "order": {"$lt": found["order"]}, "waits": True}
        return entry_of(found, await self._entries.count_documents(before) + 1)
