"""Tariffs, one document per town: an import is one write."""

from collections.abc import Sequence

from services.billing.domain.tariffs import Tariff
from services.billing.store.documents import from_document, save, several
from shared.mongo import Database
from shared.together import Together


class TariffStore:
    def __init__(self, db: Database) -> None:
        self._tariffs = db["tariffs"]
        self._read: dict[str, Tariff] = {}
        self._read_together = Together(self._read_all)

    async def of(self, municipality_id: str) -> Tariff:
        """The town's tariff, empty before its first import. Its version is asked each time, the rest once."""
        return await self._read_together(municipality_id)

    async def _read_all(self, municipality_ids: Sequence[str]) -> list[Tariff]:
        towns = sorted(set(municipality_ids))
        found = await self._tariffs.find({"_id": {"$in": towns}}, {"version": 1}).to_list(len(towns))
        current = {one["_id"]: await self._known(one["_id"], one["version"]) for one in found}
        return [current.get(town) or Tariff(id=town) for town in municipality_ids]

    async def _known(self, municipality_id: str, version: int) -> Tariff:
        known = self._read.get(municipality_id)
        if known is None or known.version != version:
            known = from_document(Tariff, await self._tariffs.find_one({"_id": municipality_id}) or {})
            self._read[municipality_id] = known
        return known

    async def save(self, tariff: Tariff) -> Tariff:
        return await save(self._tariffs, tariff)

    async def not_spread(self) -> list[Tariff]:
        return several(Tariff, await self._tariffs.find({"spread": False}).to_list(None))

    async def mark_spread(self, tariff: Tariff) -> None:
        """Unless it was published anew meanwhile."""
        await self._tariffs.update_one({"_id": tariff.id, "version": tariff.version}, {"$set": {"spread": True}})
