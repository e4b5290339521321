"""Scarce places, one document each: taken by one conditional update, so that no slot can be sold twice.

Places are laid out when a pool is first asked for. A claim is held for a moment of the database's clock; what becomes
of a hold that ends is decided by looking at the sheet (`usecases/sweep.py`), never by the clock alone.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from pymongo.errors import DuplicateKeyError

from services.reservations.domain.capacity import Pool
from services.reservations.domain.places import Claim, HeldPlace
from services.reservations.store.catalogue import CatalogueStore
from services.reservations.store.census import Census
from services.reservations.store.kept_places import KeptPlaces
from services.reservations.store.place_documents import (
    COLLECTION,
    OCCUPIED,
    PLACES_SCHEMA,
    TAKEN,
    held,
    held_place,
    name_of,
    of_child,
    pool_of,
)
from services.reservations.store.place_layout import Layout
from shared.mongo import Collection, Database, Document

__all__ = ["PLACES_SCHEMA", "PlaceStore"]

FULL_SECONDS = 0.25
REMEMBERED = 10_000
# How many claims of one pool a process has under way: the others of a crowd learn from them that it is full.
TURNS = 8
CONFIRMED = {"$set": {"state": "confirmed"}, "$unset": {"exp": ""}}


class PlaceStore:
    """`monotonic` times only the memory of full slots, which is a cache and never the truth."""

    def __init__(
        self,
        db: Database,
        monotonic: Callable[[], float] = time.monotonic,
        catalogue: CatalogueStore | None = None,
    ) -> None:
        self._places: Collection = db[COLLECTION]
        self._monotonic = monotonic
        self._full_until: dict[str, float] = {}
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self.kept = KeptPlaces(db)
        census = Census(db, catalogue or CatalogueStore(db, lambda _: None))
        self._layout = Layout(db, census, self.kept, monotonic)

    async def claim(self, pools: Sequence[Pool], claim: Claim, *, again: bool = False) -> frozenset[Pool]:
        """Take a place in each pool, or extend the one the child has there; those of `pools` that were full.

        `again`: the child may have them already.
        """
        taken = await asyncio.gather(*(self._claim(pool, claim, again) for pool in pools))
        return frozenset(pool for pool, took in zip(pools, taken, strict=True) if not took)

    async def confirm(self, pools: Iterable[Pool], claim: Claim) -> None:
        """The sheet says booked: the places are the child's for good."""
        await self._places.update_many({**of_child(pools, claim), "state": "held"}, CONFIRMED)

    async def loosen(self, pools: Iterable[Pool], claim: Claim) -> None:
        """Before the sheet cancels: the places are held again, so that a crash loses none of them."""
        if not (pools := list(pools)):
            return
        taken = {"state": {"$in": ["held", "confirmed"]}}
        await self._places.update_many({**of_child(pools, claim), **taken}, held(claim))

    async def free(self, pools: Iterable[Pool], claim: Claim) -> None:
        """Give back what this very attempt holds; the sheet no longer says booked, and no older write can."""
        if pools := list(pools):
            mine = {**of_child(pools, claim), "state": "held", "rid": claim.attempt}
            await self._give_back(mine, pools)

    async def confirm_order(self, order_id: str) -> None:
        await self._places.update_many({"order_id": order_id, "state": "held"}, CONFIRMED)

    async def of_order(self, order_id: str) -> list[HeldPlace]:
        """Places that wait for its payment."""
        return [held_place(found) async for found in self._places.find(_of_order(order_id))]

    async def left(self, capacities: Mapping[Pool, int]) -> dict[Pool, int]:
        """How many places each pool has left, as screens show it: those kept for who waits are not."""
        if not capacities:
            return {}
        pools = {name_of(pool): pool for pool in capacities}
        match = {"slot": {"$in": list(pools)}, "state": {"$in": TAKEN}}
        group = {"_id": "$slot", "taken": {"$sum": 1}}
        taken = {found["_id"]: found["taken"] async for found in self._places.aggregate(_pipeline(match, group))}
        return {pool: max(capacities[pool] - taken.get(name, 0), 0) for name, pool in pools.items()}

    async def had(self, pools: Iterable[Pool], household_id: str) -> dict[str, set[Pool]]:
        """Where the household's children have a place already, or are offered one; by child."""
        wanted = {"slot": {"$in": [name_of(pool) for pool in pools]}, "household_id": household_id}
        found: dict[str, set[Pool]] = {}
        async for one in self._places.find({**wanted, "state": {"$in": OCCUPIED}}, {"slot": 1, "child_id": 1}):
            found.setdefault(one["child_id"], set()).add(pool_of(one["slot"]))
        return found

    async def lay_out(self, capacities: Mapping[Pool, int]) -> None:
        """As many places as the town says, also before anybody asks."""
        for pool, capacity in capacities.items():
            await self._layout.lay_out(pool, capacity)

    async def expired(self, limit: int = 200) -> list[HeldPlace]:
        """Holds whose time is over by the database's clock."""
        over = {"state": "held", "$expr": {"$lt": ["$exp", "$$NOW"]}}
        return [held_place(found) async for found in self._places.find(over, limit=limit)]

    async def settle(self, place: HeldPlace, *, booked: bool) -> None:
        """End one hold, if it still is the same."""
        same = {"_id": place.id, "rid": place.attempt}
        if booked:
            await self._places.update_one({**same, "state": "held"}, CONFIRMED)
        else:
            await self._give_back({**same, "state": {"$in": ["held", "confirmed"]}}, [place.pool])

    async def put_off(self, place: HeldPlace) -> None:
        """Somebody else is about to settle it: look again later."""
        later = [{"$set": {"exp": {"$add": ["$$NOW", 10_000]}}}]
        await self._places.update_one({"_id": place.id, "state": "held", "rid": place.attempt}, later)

    async def end_hold(self, place: HeldPlace) -> None:
        """Its order is over, but other days may need it: the sweeper looks at it now."""
        over = [{"$set": {"exp": "$$NOW", "order_id": "$$REMOVE"}}]
        await self._places.update_one({"_id": place.id, "state": "held", "rid": place.attempt}, over)

    async def _give_back(self, which: Document, pools: Iterable[Pool]) -> None:
        pools = list(pools)
        await self.kept.give_back(which, [name_of(pool) for pool in pools])
        self._forget_full(pools)

    async def _claim(self, pool: Pool, claim: Claim, again: bool) -> bool:
        if again and await self._extend(pool, claim):
            return True
        name = name_of(pool)
        async with self._turns.setdefault(name, asyncio.Semaphore(TURNS)):
            if self._full_until.get(name, 0.0) > self._monotonic():
                return False
            return await self._claim_in_turn(pool, name, claim)

    async def _claim_in_turn(self, pool: Pool, name: str, claim: Claim) -> bool:
        capacity = claim.capacities[pool]
        await self._layout.lay_out(pool, capacity)
        try:
            if await self._take(name, capacity, claim) or await self._extend(pool, claim):
                return True
            # More places were booked than the town now allows, and some have come back.
            if await self._layout.refit(name, capacity) and await self._take(name, capacity, claim):
                return True
        except DuplicateKeyError:
            return await self._extend(pool, claim)
        self._remember_full(name)
        return False

    async def _take(self, name: str, capacity: int, claim: Claim) -> bool:
        """From a random place on, and once round: those who ask at the same moment start at different places."""
        start = random.randrange(capacity) if capacity else 0  # noqa: S311  # spreads load, keeps no secret
        for numbers in ({"$gte": start, "$lt": capacity}, {"$gte": 0, "$lt": start}):
            taken = await self._places.update_one({"slot": name, "state": "free", "n": numbers}, held(claim))
            if taken.matched_count:
                return True
        return False

    async def _extend(self, pool: Pool, claim: Claim) -> bool:
        """The child already has a place in this pool: it is this claim's from now on."""
        result = await self._places.update_one(of_child([pool], claim), held(claim))
        return bool(result.matched_count)

    def _remember_full(self, name: str) -> None:
        if len(self._full_until) >= REMEMBERED:
            self._full_until.clear()
        self._full_until[name] = self._monotonic() + FULL_SECONDS

    def _forget_full(self, pools: Iterable[Pool]) -> None:
        for pool in pools:
            self._full_until.pop(name_of(pool), None)


def _pipeline(match: Document, group: Document) -> list[Document]:
    return [{"$match": match}, {"$group": group}]


def _of_order(order_id: str) -> dict[str, Any]:
    return {"order_id": order_id, "state": {"$in": ["held", "confirmed"]}}
