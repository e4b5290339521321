"""Families as the town's file has them, with their quotients, and the prices each household was told."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date

from services.billing.domain.families import Family
from services.billing.domain.prices import PriceList
from services.billing.store.documents import from_document, save, several
from shared.clock import Clock
from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import Database
from shared.together import Together


class FamilyStore:
    def __init__(self, db: Database) -> None:
        self._families = db["families"]
        self._read_together = Together(self._read_all)

    async def get(self, municipality_id: str, family_id: str) -> Family | None:
        found = await self._families.find_one({"_id": family_id, "municipality_id": municipality_id})
        return from_document(Family, found) if found else None

    async def of_household(self, household_id: str, municipality_id: str) -> Family | None:
        return await self._read_together((household_id, municipality_id))

    async def _read_all(self, wanted: Sequence[tuple[str, str]]) -> list[Family | None]:
        households, towns = (sorted(set(parts)) for parts in zip(*wanted, strict=True))
        scope = {"household_id": {"$in": households}, "municipality_id": {"$in": towns}}
        # Last first, so that of several files of a household the one with the lowest id stays.
        documents = await self._families.find(scope).sort("_id", -1).to_list(None)
        found = {(one["household_id"], one["municipality_id"]): one for one in documents}
        return [from_document(Family, found[one]) if one in found else None for one in wanted]

    async def all_of(self, household_id: str) -> list[Family]:
        """The household's in every town it joined."""
        return several(Family, await self._families.find({"household_id": household_id}).sort("_id", 1).to_list(None))

    async def save(self, family: Family) -> Family:
        return await save(self._families, family)

    async def due(self, day: date) -> AsyncIterator[Family]:
        """Joined families whose prices may have changed by that day."""
        joined = {"reprice_on": {"$lte": day.isoformat()}, "household_id": {"$ne": None}}
        async for found in self._families.find(joined):
            yield from_document(Family, found)

    async def all_due(self, municipality_id: str, day: date) -> None:
        await self._families.update_many(
            {"municipality_id": municipality_id}, {"$set": {"reprice_on": day.isoformat()}, "$inc": {"version": 1}}
        )

    async def reprice(self, municipality_id: str, child_reference: str, day: date) -> None:
        """The families of a child are looked at again that day."""
        scope = {"municipality_id": municipality_id, "children.reference": child_reference}
        await self._families.update_many(scope, {"$set": {"reprice_on": day.isoformat()}, "$inc": {"version": 1}})

    async def reprice_household(self, household_id: str, municipality_id: str, day: date) -> None:
        scope = {"household_id": household_id, "municipality_id": municipality_id}
        await self._families.update_many(scope, {"$set": {"reprice_on": day.isoformat()}, "$inc": {"version": 1}})

    async def mark_priced(self, family: Family, again_on: date | None) -> None:
        """Unless the family changed meanwhile: then it stays due."""
        again = again_on.isoformat() if again_on else None
        await self._families.update_one({"_id": family.id, "version": family.version}, {"$set": {"reprice_on": again}})


class PriceListStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._lists, self._wake, self._clock = db["price_lists"], wake, clock

    async def of(self, household_id: str, municipality_id: str) -> PriceList | None:
        found = await self._lists.find_one({"household_id": household_id, "municipality_id": municipality_id})
        return from_document(PriceList, found) if found else None

    async def save(self, listed: PriceList, events: Sequence[Event]) -> PriceList:
        """With its events: what a household pays changes and is told in one write."""
        entries = pack(
            events,
            subject=listed.id,
            sequence=listed.version + 1,
            municipality_id=listed.municipality_id,
            at=self._clock(),
        )
        saved = await save(self._lists, listed, entries)
        self._wake("price_lists")
        return saved
