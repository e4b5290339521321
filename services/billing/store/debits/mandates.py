"""Creditors, one per cash office, and mandates, one in force per household and cash office."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from services.billing.domain.debits.creditors import Creditor
from services.billing.domain.debits.mandates import (
    LAPSES_AFTER_MONTHS,
    Mandate,
    MandateExists,
    MandateState,
    months_after,
)
from services.billing.domain.debits.tidings import of_mandate
from services.billing.store.debits.schema import IN_FORCE
from services.billing.store.documents import Taken, from_document, save, several
from shared.clock import Clock
from shared.messaging.envelope import pack
from shared.mongo import Database, Document


class CreditorStore:
    def __init__(self, db: Database) -> None:
        self._creditors = db["creditors"]

    async def of(self, municipality_id: str, cash_office_id: str) -> Creditor | None:
        found = await self._creditors.find_one({"_id": cash_office_id, "municipality_id": municipality_id})
        return from_document(Creditor, found) if found else None

    async def of_towns(self, municipality_ids: Iterable[str]) -> list[Creditor]:
        scope = {"municipality_id": {"$in": list(municipality_ids)}}
        return several(Creditor, await self._creditors.find(scope).sort("_id", 1).to_list(None))

    async def save(self, creditor: Creditor) -> Creditor:
        """Raises `Conflict`."""
        return await save(self._creditors, creditor)


class MandateStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._mandates, self._wake, self._clock = db["mandates"], wake, clock

    async def get(self, household_id: str, mandate_id: str) -> Mandate | None:
        return _mandate(await self._mandates.find_one({"_id": mandate_id, "household_id": household_id}))

    async def in_town(self, municipality_id: str, mandate_id: str) -> Mandate | None:
        return _mandate(await self._mandates.find_one({"_id": mandate_id, "municipality_id": municipality_id}))

    async def in_force(self, household_id: str, cash_office_id: str) -> Mandate | None:
        scope = {"household_id": household_id, "cash_office_id": cash_office_id, "state": IN_FORCE}
        return _mandate(await self._mandates.find_one(scope))

    async def any_in_force(self) -> bool:
        return await self._mandates.find_one({"state": IN_FORCE}, {"_id": 1}) is not None

    async def all_in_force(self, household_ids: Iterable[str]) -> dict[tuple[str, str], Mandate]:
        """By household and cash office."""
        scope = {"household_id": {"$in": list(household_ids)}, "state": IN_FORCE}
        found = several(Mandate, await self._mandates.find(scope).to_list(None))
        return {(one.household_id, one.cash_office_id): one for one in found}

    async def of_household(self, household_id: str) -> list[Mandate]:
        """Newest first, also those that ended."""
        found = self._mandates.find({"household_id": household_id}).sort("_id", -1)
        return several(Mandate, await found.to_list(None))

    async def of_office(
        self, municipality_id: str, cash_office_id: str, *, state: MandateState | None, after: str, limit: int
    ) -> list[Mandate]:
        """From the one after `after` on, in the order of their ids."""
        scope: Document = {"municipality_id": municipality_id, "cash_office_id": cash_office_id, "_id": {"$gt": after}}
        if state:
            scope["state"] = state
        found = self._mandates.find(scope).sort("_id", 1).limit(limit)
        return several(Mandate, await found.to_list(limit))

    async def unused_since(self, today: date, limit: int) -> list[Mandate]:
        """In force, though nothing was collected under them for 36 months, as far as dates without months tell."""
        # A month has 28 to 31 days: whoever comes out of here is looked at exactly.
        before = months_after(today, -LAPSES_AFTER_MONTHS).isoformat()
        quiet: list[dict[str, Any]] = [{"presented_on": None}, {"presented_on": {"$lte": before}}]
        found = self._mandates.find({"state": IN_FORCE, "signed_on": {"$lte": before}, "$or": quiet}).limit(limit)
        return several(Mandate, await found.to_list(limit))

    async def save(self, mandate: Mandate, before: Mandate | None) -> Mandate:
        """With what it tells. Raises `Conflict`, `MandateExists`."""
        entries = pack(
            of_mandate(before, mandate),
            subject=mandate.id,
            sequence=mandate.version + 1,
            municipality_id=mandate.municipality_id,
            at=self._clock(),
        )
        try:
            saved = await save(self._mandates, mandate, entries)
        except Taken:
            raise MandateExists(mandate.id) from None
        self._wake("mandates")
        return saved


def _mandate(found: Document | None) -> Mandate | None:
    return from_document(Mandate, found) if found else None
