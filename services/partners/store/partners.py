"""What identity tells of partner accounts: where each may read events."""

from collections.abc import Collection

from shared.mongo import Database, keep_newest


class PartnerStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["partners"]

    async def keep(self, client_id: str, municipality_ids: Collection[str], sequence: int) -> None:
        await keep_newest(self._documents, client_id, {"municipality_ids": sorted(municipality_ids)}, sequence)

    async def may_read_in(self, client_id: str, municipality_id: str) -> bool:
        found = await self._documents.find_one({"_id": client_id, "municipality_ids": municipality_id}, {"_id": 1})
        return found is not None
