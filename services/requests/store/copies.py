"""Copies of what other services own, replaced when a newer one is told."""

from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

from shared.mongo import Database, keep_newest

PARIS = ZoneInfo("Europe/Paris")


class TownStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["municipalities"]

    async def keep(self, municipality_id: str, time_zone: str, sequence: int) -> None:
        await keep_newest(self._documents, municipality_id, {"time_zone": time_zone}, sequence)

    async def zone(self, municipality_id: str) -> ZoneInfo:
        """Paris as long as the town was not told of."""
        found = await self._documents.find_one({"_id": municipality_id})
        return ZoneInfo(found["time_zone"]) if found else PARIS


class HouseholdStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["households"]

    async def keep(self, household_id: str, children: Mapping[str, str], sequence: int) -> None:
        await keep_newest(self._documents, household_id, {"children": dict(children)}, sequence)

    async def children_of(self, household_id: str) -> Mapping[str, str]:
        """First name by child id; nothing as long as the household was not told of."""
        return (await self.children_in([household_id])).get(household_id, {})

    async def children_in(self, household_ids: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """First name by child id, by household."""
        found = self._documents.find({"_id": {"$in": list(household_ids)}}, {"children": 1})
        return {document["_id"]: document["children"] async for document in found}
