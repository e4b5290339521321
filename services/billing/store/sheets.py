"""Charge sheets, one document per child, programme and month."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from services.billing.domain.sheets import ChargeSheet
from services.billing.store.documents import from_document, save_all, several
from shared.errors import Conflict
from shared.mongo import Database
from shared.together import Together

CLOSED = {"closing_id": {"$type": "string"}}


class SheetStore:
    def __init__(self, db: Database) -> None:
        self._sheets = db["sheets"]
        self._read_together = Together(self._read_all)
        self._saved_together = Together(self._save_all)

    async def get(self, household_id: str, sheet_id: str) -> ChargeSheet | None:
        return await self._read_together((household_id, sheet_id))

    async def _read_all(self, wanted: Sequence[tuple[str, str]]) -> list[ChargeSheet | None]:
        households, ids = (sorted(set(parts)) for parts in zip(*wanted, strict=True))
        scope = {"_id": {"$in": ids}, "household_id": {"$in": households}}
        found = {(one["household_id"], one["_id"]): one for one in await self._sheets.find(scope).to_list(len(ids))}
        return [from_document(ChargeSheet, found[one]) if one in found else None for one in wanted]

    async def save(self, sheet: ChargeSheet) -> ChargeSheet:
        return await self._saved_together(sheet)

    async def _save_all(self, sheets: Sequence[ChargeSheet]) -> list[ChargeSheet | Conflict]:
        """The next version of each. The database counts the writes that took place and does not name them: when one
        did not, all are answered `Conflict`, and a fact that is in its sheet already is recognised when heard again.
        """
        if not await save_all(self._sheets, sheets):
            return [Conflict() for _ in sheets]
        return [replace(sheet, version=sheet.version + 1) for sheet in sheets]

    async def count_closed(self, municipality_id: str, closing_id: str) -> int:
        """How many sheets of a closing have arrived."""
        return await self._sheets.count_documents({"closing_id": closing_id, "municipality_id": municipality_id})

    async def households(self, municipality_id: str, month: str, programme_ids: tuple[str, ...]) -> list[str]:
        """Households with a closed sheet of these programmes that month, sorted."""
        scope = {"municipality_id": municipality_id, "month": month, "programme_id": {"$in": list(programme_ids)}}
        return sorted(await self._sheets.distinct("household_id", {**scope, **CLOSED}))

    async def closed_of(
        self, household_ids: Sequence[str], month: str, programme_ids: tuple[str, ...]
    ) -> dict[str, list[ChargeSheet]]:
        """By household, with what they come to and not how: without their facts, so they are read only."""
        scope = {
            "household_id": {"$in": list(household_ids)},
            "month": month,
            "programme_id": {"$in": list(programme_ids)},
        }
        found = await self._sheets.find({**scope, **CLOSED}, {"facts": 0}).sort("_id", 1).to_list(None)
        sheets: dict[str, list[ChargeSheet]] = {household_id: [] for household_id in household_ids}
        for one in found:
            sheets[one["household_id"]].append(from_document(ChargeSheet, one))
        return sheets

    async def of_closing(self, municipality_id: str, closing_id: str) -> AsyncIterator[ChargeSheet]:
        """Those a closing told, without their facts."""
        scope = {"closing_id": closing_id, "municipality_id": municipality_id}
        async for found in self._sheets.find(scope, {"facts": 0}):
            yield from_document(ChargeSheet, found)

    async def closed(self, household_id: str, month: str, programme_ids: tuple[str, ...]) -> list[ChargeSheet]:
        scope = {"household_id": household_id, "month": month, "programme_id": {"$in": list(programme_ids)}}
        return several(ChargeSheet, await self._sheets.find({**scope, **CLOSED}).sort("_id", 1).to_list(None))
