"""Places that came back: kept while children wait for one, offered to one of them at a time, free when nobody waits.

Whoever gives a place back makes it `kept` first, then free if nobody waits for it. Whoever joins a waiting list is
written first, then marks the kept places as `wanted`, which are then not freed. One of the two always sees the other,
so that no place is sold past a child that waits.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from services.reservations.domain.capacity import Pool
from services.reservations.domain.places import BRIEF, OfferedPlace
from services.reservations.domain.waiting import Entry
from services.reservations.store.place_documents import COLLECTION, FREE, GIVEN_BACK, in_a, name_of, pool_of
from shared.mongo import Collection, Database, Document


class KeptPlaces:
    def __init__(self, db: Database) -> None:
        self._places: Collection = db[COLLECTION]
        self._waiting: Collection = db["waiting"]

    async def give_back(self, which: Document, names: Sequence[str]) -> bool:
        """Those of the pools `names` that match come to whoever waits for them, else they are free; False for none."""
        if not (await self._places.update_many({**which, "slot": {"$in": list(names)}}, GIVEN_BACK)).matched_count:
            return False
        await self._pay_what_is_owed(names)
        wanted = {"pools": {"$in": list(names)}, "waits": True, "state": "waiting"}
        waited = {name async for one in self._waiting.find(wanted, {"pools": 1}) for name in one["pools"]}
        if nobody := [name for name in names if name not in waited]:
            await self._free({"$in": nobody})
        return True

    async def _pay_what_is_owed(self, names: Sequence[str]) -> None:
        """Where more is taken than the town now allows, what comes back is not given."""
        async for one in self._places.find({"slot": {"$in": list(names)}, "owed": {"$exists": True}}):
            await self.withdraw(one["slot"], one["owed"], one["_id"])

    async def withdraw(self, name: str, capacity: int, against: str) -> bool:
        """One place of those within the limit is not given as long as the place `against` beyond it is taken."""
        for state in ("free", "kept"):
            within = {"slot": name, "n": {"$lt": capacity}, "state": state}
            try:
                taken = await self._places.update_one(within, {"$set": {"state": "withdrawn", "against": against}})
            except DuplicateKeyError:
                # Another process withdrew one for it.
                return True
            if taken.matched_count:
                await self._places.update_one({"_id": against}, {"$unset": {"owed": ""}})
                return True
        return False

    async def want(self, pools: Iterable[Pool]) -> None:
        """A child waits from now on: what is kept in the pools is not freed past it, and one place that happens to be
        free in all of them is kept.
        """
        names = [name_of(pool) for pool in pools]
        await self._places.update_many({"slot": {"$in": names}, "state": "kept"}, {"$set": {"wanted": True}})
        loose = {"slot": {"$in": names}, "state": {"$in": ["free", "kept"]}}
        found: dict[str, set[str]] = {}
        async for one in self._places.find(loose, {"slot": 1, "state": 1}):
            found.setdefault(one["slot"], set()).add(one["state"])
        if len(found) == len(names):
            for name in (name for name, states in found.items() if "kept" not in states):
                kept = {"$set": {"state": "kept", "wanted": True}}
                await self._places.update_one({"slot": name, "state": "free"}, kept)

    async def kept_pools(self) -> list[Pool]:
        """Pools with a place nobody has been offered."""
        names = await self._places.distinct("slot", {"state": "kept"})
        return [pool_of(name) for name in sorted(names)]

    async def look_at(self, pool: Pool) -> bool:
        """Whether a place is kept there. What is wanted from now on is wanted anew."""
        kept = {"slot": name_of(pool), "state": "kept"}
        await self._places.update_many(kept, {"$unset": {"wanted": ""}})
        return await self._places.find_one(kept, {"_id": 1}) is not None

    async def free_kept(self, pool: Pool) -> None:
        """None of those who wait can have it; whoever joined meanwhile is looked at in the next round."""
        await self._free(name_of(pool))

    async def _free(self, name: object) -> None:
        nobodys = {"slot": name, "state": "kept", "wanted": {"$exists": False}}
        await self._places.update_many(nobodys, FREE)

    async def take_for(self, needed: Mapping[Pool, int], entry: Entry, offer_id: str) -> datetime | None:
        """A place in each pool for the child, for a moment; when that was, by the database's clock.

        None, and nothing taken, when one is not to be had.
        """
        for pool in sorted(needed):
            if not await self._take_one(pool, needed[pool], entry, offer_id):
                await self.take_back(offer_id, needed)
                return None
        return await self._taken_at(offer_id, needed)

    async def _take_one(self, pool: Pool, capacity: int, entry: Entry, offer_id: str) -> bool:
        offered = {
            "state": "offered",
            "rid": offer_id,
            "entry_id": entry.id,
            "child_id": entry.child_id,
            "household_id": entry.household_id,
            "exp": in_a(BRIEF),
            "wanted": "$$REMOVE",
        }
        for state in ("kept", "free"):
            wanted = {"slot": name_of(pool), "state": state, "n": {"$lt": capacity}}
            try:
                if (await self._places.update_one(wanted, [{"$set": offered}])).matched_count:
                    return True
            except DuplicateKeyError:
                return await self._has_one(pool, entry)
        return await self._has_one(pool, entry)

    async def _has_one(self, pool: Pool, entry: Entry) -> bool:
        """The child is in another activity of the pool: one place is enough for both."""
        own = {"slot": name_of(pool), "child_id": entry.child_id, "household_id": entry.household_id}
        return bool(await self._places.count_documents({**own, "state": {"$in": ["held", "confirmed"]}}, limit=1))

    async def _taken_at(self, offer_id: str, pools: Iterable[Pool]) -> datetime | None:
        """None also when the child had a place in every pool before."""
        found = await self._places.find_one(_offered(offer_id, pools), {"exp": 1}, sort=[("exp", 1)])
        return found["exp"] - BRIEF if found else None

    async def keep_until(self, offer_id: str, pools: Iterable[Pool], until: datetime) -> None:
        """The offer is told: its places wait as long as it stands."""
        await self._places.update_many(_offered(offer_id, pools), {"$set": {"exp": until}})

    async def take_back(self, offer_id: str, pools: Iterable[Pool]) -> bool:
        """What was offered and not taken is for the next in line; False when nothing was there to take back."""
        return await self.give_back({"state": "offered", "rid": offer_id}, [name_of(pool) for pool in pools])

    async def is_kept(self, pool: Pool) -> bool:
        return bool(await self._places.count_documents({"slot": name_of(pool), "state": "kept"}, limit=1))

    async def is_claimed(self, entry: Entry) -> bool:
        """The child is about to book: a place is held for it in one of the pools."""
        own = {"child_id": entry.child_id, "household_id": entry.household_id, "state": "held"}
        places = {"slot": {"$in": [name_of(pool) for pool in entry.pools]}, **own}
        return bool(await self._places.count_documents(places, limit=1))

    async def left_over(self, limit: int = 100) -> list[OfferedPlace]:
        """Offered places whose time is over by the database's clock."""
        over = {"state": "offered", "$expr": {"$lt": ["$exp", "$$NOW"]}}
        return [
            OfferedPlace(pool=pool_of(found["slot"]), offer_id=found["rid"], entry_id=found["entry_id"])
            async for found in self._places.find(over, limit=limit)
        ]


def _offered(offer_id: str, pools: Iterable[Pool]) -> Document:
    return {"slot": {"$in": [name_of(pool) for pool in pools]}, "state": "offered", "rid": offer_id}
