"""How each cash office keeps its books, one document per office."""

from services.billing.domain.till.accounts import TillSettings
from services.billing.store.documents import from_document, save
from shared.mongo import Database


class TillSettingsStore:
    def __init__(self, db: Database) -> None:
        self._settings = db["till_settings"]

    async def of(self, cash_office_id: str, municipality_id: str) -> TillSettings:
        """The office's, or what holds until it has any."""
        found = await self._settings.find_one({"_id": cash_office_id, "municipality_id": municipality_id})
        if found is None:
            return TillSettings(id=cash_office_id, municipality_id=municipality_id)
        return from_document(TillSettings, found)

    async def save(self, settings: TillSettings) -> TillSettings:
        """Raises `Conflict`."""
        return await save(self._settings, settings)
