"""What the public accountant told each cash office, and the returns it brought."""

from services.billing.domain.treasury.collection import TreasurySettings
from services.billing.domain.treasury.imports import ImportedReturn
from services.billing.store.documents import from_document, save, several, to_document
from shared.mongo import Database


class TreasurySettingsStore:
    def __init__(self, db: Database) -> None:
        self._settings = db["treasury_settings"]

    async def of(self, cash_office_id: str, municipality_id: str) -> TreasurySettings | None:
        found = await self._settings.find_one({"_id": cash_office_id, "municipality_id": municipality_id})
        return from_document(TreasurySettings, found) if found else None

    async def save(self, settings: TreasurySettings) -> TreasurySettings:
        """Raises `Conflict`."""
        return await save(self._settings, settings)


class ReturnStore:
    def __init__(self, db: Database) -> None:
        self._returns = db["treasury_returns"]

    async def keep(self, done: ImportedReturn) -> ImportedReturn:
        """Once per content: the same file again is answered with what its first time did."""
        document = to_document(done)
        name = document.pop("_id")
        await self._returns.update_one({"_id": name}, {"$setOnInsert": document}, upsert=True)
        found = await self._returns.find_one({"_id": name, "municipality_id": done.municipality_id})
        return from_document(ImportedReturn, found or {})

    async def get(self, municipality_id: str, return_id: str) -> ImportedReturn | None:
        found = await self._returns.find_one({"_id": return_id, "municipality_id": municipality_id})
        return from_document(ImportedReturn, found) if found else None

    async def of_office(self, municipality_id: str, cash_office_id: str, limit: int) -> list[ImportedReturn]:
        """Newest first."""
        scope = {"municipality_id": municipality_id, "cash_office_id": cash_office_id}
        found = self._returns.find(scope).sort("imported_at", -1).limit(limit)
        return several(ImportedReturn, await found.to_list(limit))
