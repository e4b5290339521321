"""Debits: which invoice is collected when, and by which file."""

from collections.abc import Callable, Sequence
from datetime import date

from services.billing.domain.debits.debits import Debit, DebitState
from services.billing.domain.debits.tidings import of_debit
from services.billing.store.documents import Taken, from_document, save, several
from shared.clock import Clock
from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import Database, Document


class DebitStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._debits, self._wake, self._clock = db["debits"], wake, clock

    async def add(self, debit: Debit, events: Sequence[Event]) -> Debit:
        """The debit with its announcement; the one that is planned for the invoice when there is one. `Conflict`."""
        try:
            return await self._save(debit, events)
        except Taken:
            known = await self.live_of(debit.household_id, debit.invoice_id)
            if known is None:
                raise
            return known

    async def save(self, debit: Debit, before: Debit) -> Debit:
        """With what it tells. Raises `Conflict`."""
        return await self._save(debit, of_debit(before, debit))

    async def _save(self, debit: Debit, events: Sequence[Event]) -> Debit:
        entries = pack(
            list(events),
            subject=debit.id,
            sequence=debit.version + 1,
            municipality_id=debit.municipality_id,
            at=self._clock(),
        )
        saved = await save(self._debits, debit, entries)
        if entries:
            self._wake("debits")
        return saved

    async def live_of(self, household_id: str, invoice_id: str) -> Debit | None:
        """The debit planned or under way of an invoice."""
        return _debit(
            await self._debits.find_one({"invoice_id": invoice_id, "household_id": household_id, "live": True})
        )

    async def in_town(self, municipality_id: str, debit_id: str) -> Debit | None:
        return _debit(await self._debits.find_one({"_id": debit_id, "municipality_id": municipality_id}))

    async def by_name(self, municipality_id: str, end_to_end: str) -> Debit | None:
        """By its name in files."""
        scope = {"end_to_end": end_to_end, "municipality_id": municipality_id}
        return _debit(await self._debits.find_one(scope))

    async def of_household(self, household_id: str) -> list[Debit]:
        """Newest first."""
        found = self._debits.find({"household_id": household_id}).sort("_id", -1)
        return several(Debit, await found.to_list(None))

    async def of_mandate(self, household_id: str, mandate_id: str, state: DebitState) -> list[Debit]:
        scope = {"household_id": household_id, "mandate_id": mandate_id, "state": state}
        return several(Debit, await self._debits.find(scope).sort("_id", 1).to_list(None))

    async def of_office(
        self, municipality_id: str, cash_office_id: str, *, state: DebitState, after: str, limit: int
    ) -> list[Debit]:
        scope = {
            "municipality_id": municipality_id,
            "cash_office_id": cash_office_id,
            "state": state,
            "_id": {"$gt": after},
        }
        return several(Debit, await self._debits.find(scope).sort("_id", 1).limit(limit).to_list(limit))

    async def count_planned(self, municipality_id: str, cash_office_id: str, until: date) -> int:
        return await self._debits.count_documents(_due(municipality_id, cash_office_id, until))

    async def claim(self, municipality_id: str, cash_office_id: str, until: date, batch_id: str) -> None:
        """Everything announced for that day or before belongs to that file from now on."""
        change = {"$set": {"state": "batched", "batch_id": batch_id}, "$inc": {"version": 1}}
        await self._debits.update_many(_due(municipality_id, cash_office_id, until), change)

    async def of_batch(self, municipality_id: str, batch_id: str) -> list[Debit]:
        """Whatever became of them since."""
        scope = {"batch_id": batch_id, "municipality_id": municipality_id}
        return several(Debit, await self._debits.find(scope).sort("_id", 1).to_list(None))


def _due(municipality_id: str, cash_office_id: str, until: date) -> Document:
    return {
        "municipality_id": municipality_id,
        "cash_office_id": cash_office_id,
        "state": "planned",
        "collect_on": {"$lte": until.isoformat()},
    }


def _debit(found: Document | None) -> Debit | None:
    return from_document(Debit, found) if found else None
