"""The numbered places of a pool: laid out when first asked for, fitted when the town changes their number."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from weakref import WeakValueDictionary

from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.reservations.domain.capacity import Pool
from services.reservations.domain.places import BRIEF
from services.reservations.store.census import Census
from services.reservations.store.kept_places import KeptPlaces
from services.reservations.store.place_documents import COLLECTION, OCCUPIED, name_of, new_place
from shared.mongo import Collection, Database, Document

REMEMBERED = 10_000
# A process keeps the town for 2 s, and no request lives as long as a brief hold.
SLOWEST = BRIEF + timedelta(seconds=5)
DUPLICATE = 11000


class Layout:
    """`monotonic` times when those who were booking while a pool was laid out are looked for, in seconds."""

    def __init__(self, db: Database, census: Census, kept: KeptPlaces, monotonic: Callable[[], float]) -> None:
        self._places: Collection = db[COLLECTION]
        self._waiting: Collection = db["waiting"]
        self._census = census
        self._kept = kept
        self._monotonic = monotonic
        self._laid: dict[str, int] = {}
        self._look_again: dict[str, float] = {}
        self._one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def lay_out(self, pool: Pool, capacity: int) -> None:
        """So many places, numbered from 0. Those who booked before there were any have theirs first."""
        name = name_of(pool)
        if self._laid.get(name) != capacity:
            # A crowd that asks for a new pool has it laid out once, not each for itself.
            async with self._one_at_a_time.setdefault(name, asyncio.Lock()):
                if self._laid.get(name) != capacity:
                    await self._lay_out(pool, name, capacity)
        elif (due := self._look_again.get(name)) is not None and due < self._monotonic():
            del self._look_again[name]
            await self._catch_up(pool, capacity)

    async def _lay_out(self, pool: Pool, name: str, capacity: int) -> None:
        if await self._places.count_documents({"slot": name, "n": {"$lt": capacity}}) < capacity:
            known = await self._places.find_one({"slot": name}, {"_id": 1})
            booked = [] if known else await self._census.places_of(pool)
            self._look_again[name] = self._monotonic() + SLOWEST.total_seconds()
            empty: list[Document] = [{"state": await self._unsold(name)}] * (capacity - len(booked))
            await self._insert_missing([new_place(pool, n, state) for n, state in enumerate([*booked, *empty])])
        await self.fit(name, capacity)
        if len(self._laid) >= REMEMBERED:
            self._laid.clear()
            self._look_again.clear()
        self._laid[name] = capacity

    async def _catch_up(self, pool: Pool, capacity: int) -> None:
        """Who booked while another process did not know yet that places are counted here: each gets a place, beyond
        the limit when all are taken.
        """
        name = name_of(pool)
        for holder in await self._census.places_of(pool):
            own = {"slot": name, "child_id": holder["child_id"], "household_id": holder["household_id"]}
            if await self._places.count_documents(own, limit=1):
                continue
            unsold = {"slot": name, "n": {"$lt": capacity}, "state": {"$in": ["free", "kept"]}}
            try:
                given = await self._places.update_one(unsold, {"$set": holder})
            except DuplicateKeyError:
                continue
            if not given.matched_count:
                last = await self._places.find_one({"slot": name}, {"n": 1}, sort=[("n", -1)])
                await self._insert_missing([new_place(pool, last["n"] + 1 if last else 0, holder)])
        await self.fit(name, capacity)

    async def _unsold(self, name: str) -> str:
        """New places are for those who wait, first of all."""
        waited = await self._waiting.find_one({"pools": name, "waits": True, "state": "waiting"}, {"_id": 1})
        return "kept" if waited else "free"

    async def _insert_missing(self, places: Sequence[Document]) -> None:
        try:
            await self._places.insert_many(places, ordered=False)
        except BulkWriteError as error:
            if any(failure["code"] != DUPLICATE for failure in error.details["writeErrors"]):
                raise

    async def refit(self, name: str, capacity: int) -> bool:
        """The pool is full: whether places that were not given may be given again."""
        if await self._places.find_one({"slot": name, "state": "withdrawn"}, {"_id": 1}) is None:
            return False
        return await self.fit(name, capacity)

    async def fit(self, name: str, capacity: int) -> bool:
        """For each place that is taken beyond the limit, which the town lowered, one within is not given; True when
        some may be given again. Several processes that do this at once come to the same.
        """
        beyond = {"slot": name, "n": {"$gte": capacity}, "state": {"$in": OCCUPIED}}
        surplus = {str(one["_id"]) async for one in self._places.find(beyond, {"_id": 1})}
        # What is itself beyond the limit now stands against nothing.
        await self._places.update_many(
            {"slot": name, "n": {"$gte": capacity}, "state": "withdrawn"},
            {"$set": {"state": "free"}, "$unset": {"against": ""}},
        )
        within: Document = {"slot": name, "n": {"$lt": capacity}}
        withdrawn = {one["_id"]: one async for one in self._places.find({**within, "state": "withdrawn"})}
        matched = {one["against"] for one in withdrawn.values() if one.get("against") in surplus}
        for place_id in sorted(surplus - matched):
            if not await self._kept.withdraw(name, capacity, place_id):
                await self._owe(name, capacity, place_id)
        await self._places.update_many({**within, "owed": {"$exists": True}}, {"$unset": {"owed": ""}})
        again = [place_id for place_id, one in withdrawn.items() if one.get("against") not in surplus]
        if again:
            await self._places.update_many(
                {"_id": {"$in": again}, "state": "withdrawn"}, {"$set": {"state": "kept"}, "$unset": {"against": ""}}
            )
            await self._kept.give_back({"_id": {"$in": again}, "state": "kept"}, [name])
        return bool(again)

    async def _owe(self, name: str, capacity: int, place_id: str) -> None:
        """All within are taken: the next that comes back is not given. It may have come back just before."""
        await self._places.update_one({"_id": place_id, "state": {"$in": OCCUPIED}}, {"$set": {"owed": capacity}})
        await self._kept.withdraw(name, capacity, place_id)
