"""Sheets many at a time, for work in the background: page by page, so that it needs no more memory for a large town."""

from collections.abc import Collection

from services.reservations.domain.sheet import Sheet
from services.reservations.store.sheet_documents import sheet_of
from shared.mongo import Database

UNTOLD = {"outbox": 0, "idem": 0}


class SheetPages:
    def __init__(self, db: Database) -> None:
        self._sheets = db["sheets"]

    async def page(self, municipality_id: str, programme_id: str, month: str, *, after: str, limit: int) -> list[Sheet]:
        """Of a programme and month, by id."""
        wanted = {
            "municipality_id": municipality_id,
            "programme_id": programme_id,
            "month": month,
            "_id": {"$gt": after},
        }
        cursor = self._sheets.find(wanted, UNTOLD, sort=[("_id", 1)], limit=limit)
        return [sheet_of(found) async for found in cursor]

    async def named(self, household_id: str, municipality_id: str, sheet_ids: Collection[str]) -> list[Sheet]:
        wanted = {
            "_id": {"$in": sorted(sheet_ids)},
            "household_id": household_id,
            "municipality_id": municipality_id,
        }
        return [sheet_of(found) async for found in self._sheets.find(wanted, UNTOLD, sort=[("_id", 1)])]
