"""Copies of what other services told: towns, programmes, households."""

from collections.abc import Sequence
from typing import Any

from services.billing.domain.copies import Household, Programme, Town
from services.billing.store.documents import from_document, several, to_document
from shared.mongo import Collection, Database, keep_newest


class CopyStore:
    """Each copy remembers the sequence it was told with; an older telling matches nothing."""

    def __init__(self, db: Database) -> None:
        self._towns, self._programmes, self._households = db["towns"], db["programmes"], db["households"]

    async def put_town(self, town: Town, sequence: int) -> None:
        await _put(self._towns, town, sequence)

    async def put_programme(self, programme: Programme, sequence: int) -> None:
        await _put(self._programmes, programme, sequence)

    async def put_household(self, household: Household, sequence: int) -> None:
        await _put(self._households, household, sequence)

    async def town(self, municipality_id: str) -> Town | None:
        found = await self._towns.find_one({"_id": municipality_id})
        return from_document(Town, found) if found else None

    async def household(self, household_id: str) -> Household | None:
        found = await self._households.find_one({"_id": household_id})
        return from_document(Household, found) if found else None

    async def known(self, household_ids: Sequence[str]) -> set[str]:
        """Which of these households there is a copy of."""
        found = self._households.find({"_id": {"$in": list(household_ids)}}, {"_id": 1})
        return {one["_id"] async for one in found}

    async def names(self, household_ids: Sequence[str]) -> dict[str, str]:
        """What those that are known are called, by id."""
        found = self._households.find({"_id": {"$in": list(household_ids)}}, {"name": 1})
        return {one["_id"]: one["name"] async for one in found}

    async def programmes(self, municipality_id: str) -> list[Programme]:
        found = await self._programmes.find({"municipality_id": municipality_id}).sort("_id", 1).to_list(None)
        return several(Programme, found)


async def _put(collection: Collection, copy: Any, sequence: int) -> None:
    document = to_document(copy)
    await keep_newest(collection, document.pop("_id"), document, sequence)
