"""Scarce places, one document each: taken by one conditional update, so that no slot can be sold twice.

Places are laid out when a slot is first asked for. A claim is held for a moment of the database's clock; what becomes
of a hold that ends is decided by looking at the sheet (`usecases/sweep.py`), never by the clock alone.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from pymongo import IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.reservations.domain.places import Claim, HeldPlace
from services.reservations.domain.programmes import municipality_of
from services.reservations.domain.sheet import Slot, month_of
from shared.mongo import Collection, CollectionSchema, Database, Document

COLLECTION = "places"
FULL_SECONDS = 0.25
REMEMBERED = 10_000
DUPLICATE = 11000
PLACES_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("slot", 1), ("state", 1), ("n", 1)], name="slot"),
        IndexModel(
            [("slot", 1), ("child_id", 1)],
            name="child",
            unique=True,
            partialFilterExpression={"child_id": {"$exists": True}},
        ),
        IndexModel([("exp", 1)], name="holds", partialFilterExpression={"state": "held"}),
        IndexModel([("order_id", 1)], name="order", partialFilterExpression={"order_id": {"$exists": True}}),
    ],
    validator={
        "bsonType": "object",
        "required": ["slot", "n", "state", "municipality_id"],
        "properties": {
            "n": {"bsonType": ["int", "long"], "minimum": 0},
            "state": {"enum": ["free", "held", "confirmed", "withdrawn"]},
        },
    },
)
TAKEN = ["held", "confirmed"]
RELEASED = {
    "$set": {"state": "free"},
    "$unset": dict.fromkeys(("child_id", "household_id", "programme_id", "order_id", "exp", "rid"), ""),
}


class PlaceStore:
    """`monotonic` times only the memory of full slots, which is a cache and never the truth."""

    def __init__(self, db: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._places: Collection = db[COLLECTION]
        self._sheets: Collection = db["sheets"]
        self._monotonic = monotonic
        self._full_until: dict[str, float] = {}
        self._laid: set[tuple[str, int]] = set()

    async def claim(self, slots: Sequence[Slot], claim: Claim, *, again: bool = False) -> frozenset[Slot]:
        """Take a place in each slot, or extend the one the child has there; those of `slots` that were full.

        `again`: a further try of a request that may already have them.
        """
        taken = await asyncio.gather(*(self._claim(slot, claim, again) for slot in slots))
        return frozenset(slot for slot, took in zip(slots, taken, strict=True) if not took)

    async def confirm(self, slots: Iterable[Slot], claim: Claim) -> None:
        """The sheet says booked: the places are the child's for good."""
        await self._places.update_many(
            {**_of_child(slots, claim), "state": "held"},
            {"$set": {"state": "confirmed"}, "$unset": {"exp": ""}},
        )

    async def loosen(self, slots: Iterable[Slot], claim: Claim) -> None:
        """Before the sheet cancels: the places are held again, so that a crash loses none of them."""
        if not (slots := list(slots)):
            return
        await self._places.update_many(_of_child(slots, claim), _held(claim))

    async def free(self, slots: Iterable[Slot], claim: Claim) -> None:
        """Give back what this very attempt holds; the sheet no longer says booked, and no older write can."""
        slots = list(slots)
        await self._places.update_many({**_of_child(slots, claim), "state": "held", "rid": claim.attempt}, RELEASED)
        self._forget_full(slots)

    async def confirm_order(self, order_id: str) -> None:
        await self._places.update_many(
            {"order_id": order_id, "state": "held"}, {"$set": {"state": "confirmed"}, "$unset": {"exp": ""}}
        )

    async def free_order(self, order_id: str, slots: Iterable[Slot]) -> None:
        await self._places.update_many({"order_id": order_id, "state": "held"}, RELEASED)
        self._forget_full(slots)

    async def left(self, capacities: "dict[Slot, int]") -> dict[Slot, int]:
        """How many places each slot has left, as screens show it."""
        slots = {_slot(slot): slot for slot in capacities}
        match = {"slot": {"$in": list(slots)}, "state": {"$in": TAKEN}}
        group = {"_id": "$slot", "taken": {"$sum": 1}}
        taken = {found["_id"]: found["taken"] async for found in self._places.aggregate(_pipeline(match, group))}
        return {slot: max(capacities[slot] - taken.get(name, 0), 0) for name, slot in slots.items()}

    async def expired(self, limit: int = 200) -> list[HeldPlace]:
        """Holds whose time is over by the database's clock."""
        over = {"state": "held", "$expr": {"$lt": ["$exp", "$$NOW"]}}
        return [_place(found) async for found in self._places.find(over, limit=limit)]

    async def settle(self, place: HeldPlace, *, booked: bool) -> None:
        """End one hold, if it still is the same."""
        same = {"_id": place.id, "state": "held", "rid": place.attempt}
        kept = {"$set": {"state": "confirmed"}, "$unset": {"exp": ""}}
        await self._places.update_one(same, kept if booked else RELEASED)
        self._forget_full([place.slot])

    async def put_off(self, place: HeldPlace) -> None:
        """Somebody else is about to settle it: look again later."""
        later = [{"$set": {"exp": {"$add": ["$$NOW", 10_000]}}}]
        await self._places.update_one({"_id": place.id, "state": "held", "rid": place.attempt}, later)

    async def _claim(self, slot: Slot, claim: Claim, again: bool) -> bool:
        if again and await self._extend(slot, claim):
            return True
        name, capacity = _slot(slot), claim.capacities[slot]
        if self._full_until.get(name, 0.0) > self._monotonic():
            return False
        await self._lay_out(slot, capacity)
        try:
            if await self._take(name, capacity, claim):
                return True
        except DuplicateKeyError:
            return await self._extend(slot, claim)
        if await self._extend(slot, claim):
            return True
        self._remember_full(name)
        return False

    async def _take(self, name: str, capacity: int, claim: Claim) -> bool:
        """From a random place on, and once round: those who ask at the same moment start at different places."""
        start = random.randrange(capacity) if capacity else 0  # noqa: S311  # spreads load, keeps no secret
        for numbers in ({"$gte": start, "$lt": capacity}, {"$gte": 0, "$lt": start}):
            taken = await self._places.update_one({"slot": name, "state": "free", "n": numbers}, _held(claim))
            if taken.matched_count:
                return True
        return False

    async def _extend(self, slot: Slot, claim: Claim) -> bool:
        """The child already has a place in this slot: it is this claim's from now on."""
        result = await self._places.update_one(_of_child([slot], claim), _held(claim))
        return bool(result.matched_count)

    async def _lay_out(self, slot: Slot, capacity: int) -> None:
        name = _slot(slot)
        if (name, capacity) in self._laid:
            return
        if await self._places.count_documents({"slot": name, "n": {"$lt": capacity}}) < capacity:
            booked = [] if await self._places.find_one({"slot": name}, {"_id": 1}) else await self._booked(slot)
            empty: list[Document] = [{"state": "free"}] * (capacity - len(booked))
            await self._insert_missing([_new_place(slot, n, state) for n, state in enumerate([*booked, *empty])])
        await self._fit(name, capacity)
        if len(self._laid) >= REMEMBERED:
            self._laid.clear()
        self._laid.add((name, capacity))

    async def _booked(self, slot: Slot) -> list[Document]:
        """Those who had booked the slot before its number was limited have their places already."""
        activity_id, day = slot
        cell = f"days.{day.isoformat()}.{activity_id.split('.', 1)[1]}.state"
        wanted = {
            "municipality_id": municipality_of(activity_id),
            "month": month_of(day),
            cell: {"$in": ["booked", "present", "absent_justified", "absent_unjustified"]},
        }
        fields = ("child_id", "household_id", "programme_id")
        found = self._sheets.find(wanted, dict.fromkeys(fields, 1))
        return [{"state": "confirmed", **{name: sheet[name] for name in fields}} async for sheet in found]

    async def _insert_missing(self, places: Sequence[Document]) -> None:
        try:
            await self._places.insert_many(places, ordered=False)
        except BulkWriteError as error:
            if any(failure["code"] != DUPLICATE for failure in error.details["writeErrors"]):
                raise

    async def _fit(self, name: str, capacity: int) -> None:
        """The town lowered the limit below what is taken: as many free places are withdrawn as are taken beyond it."""
        beyond = {"slot": name, "n": {"$gte": capacity}, "state": {"$in": TAKEN}}
        surplus = await self._places.count_documents(beyond)
        within = {"slot": name, "n": {"$lt": capacity}}
        surplus -= await self._places.count_documents({**within, "state": "withdrawn"})
        before, after = ("free", "withdrawn") if surplus > 0 else ("withdrawn", "free")
        for _ in range(abs(surplus)):
            await self._places.update_one({**within, "state": before}, {"$set": {"state": after}})

    def _remember_full(self, name: str) -> None:
        if len(self._full_until) >= REMEMBERED:
            self._full_until.clear()
        self._full_until[name] = self._monotonic() + FULL_SECONDS

    def _forget_full(self, slots: Iterable[Slot]) -> None:
        for slot in slots:
            self._full_until.pop(_slot(slot), None)


def _pipeline(match: Document, group: Document) -> list[Document]:
    return [{"$match": match}, {"$group": group}]


def _slot(slot: Slot) -> str:
    return f"{slot[0]}|{slot[1].isoformat()}"


def _new_place(slot: Slot, n: int, state: Document) -> Document:
    name = _slot(slot)
    return {"_id": f"{name}|{n}", "slot": name, "n": n, "municipality_id": municipality_of(slot[0]), **state}


def _of_child(slots: Iterable[Slot], claim: Claim) -> Document:
    key = claim.key
    names = [_slot(slot) for slot in slots]
    return {"slot": {"$in": names}, "child_id": key.child_id, "household_id": key.household_id}


def _held(claim: Claim) -> list[dict[str, Any]]:
    """A pipeline, because only a pipeline can read the database's clock."""
    key = claim.key
    return [
        {
            "$set": {
                "state": "held",
                "rid": claim.attempt,
                "household_id": key.household_id,
                "child_id": key.child_id,
                "programme_id": key.programme_id,
                "order_id": claim.order_id or "$$REMOVE",
                "exp": {"$add": ["$$NOW", claim.hold // timedelta(milliseconds=1)]},
            }
        }
    ]


def _place(found: Document) -> HeldPlace:
    activity_id, day = found["slot"].split("|")
    return HeldPlace(
        id=found["_id"],
        slot=(activity_id, date.fromisoformat(day)),
        attempt=found["rid"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        child_id=found["child_id"],
        programme_id=found["programme_id"],
        order_id=found.get("order_id"),
    )
