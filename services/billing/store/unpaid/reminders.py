"""Reminders, told with the write that keeps them."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date

from services.billing.domain.unpaid.policy import By
from services.billing.domain.unpaid.reminders import Reminder
from services.billing.store.documents import Taken, save, several
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import Database, Document

AT_ONCE = 500


class ReminderStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._reminders, self._wake, self._clock = db["reminders"], wake, clock

    async def add(self, reminder: Reminder, events: Sequence[Event]) -> Reminder | None:
        """None when one of its steps was taken already, by another process or today."""
        entries = pack(
            list(events),
            subject=reminder.id,
            sequence=reminder.version + 1,
            municipality_id=reminder.municipality_id,
            at=self._clock(),
        )
        try:
            saved = await save(self._reminders, reminder, entries)
        except (Taken, Conflict):
            return None
        self._wake("reminders")
        return saved

    async def of_invoices(self, household_id: str, invoice_ids: Sequence[str]) -> list[Reminder]:
        scope = {"household_id": household_id, "pieces.invoice_id": {"$in": list(invoice_ids)}}
        return several(Reminder, await self._reminders.find(scope).to_list(None))

    async def of_household(self, household_id: str) -> list[Reminder]:
        """Newest first."""
        found = self._reminders.find({"household_id": household_id}).sort([("at", -1), ("_id", -1)])
        return several(Reminder, await found.to_list(None))

    async def of_office(
        self, cash_office_id: str, *, by: By | None, on: date | None, after: str, limit: int
    ) -> list[Reminder]:
        """By id, the latest first; `after`: the id of the last one had."""
        scope = _scope(cash_office_id, by, on)
        if after:
            scope["_id"] = {"$lt": after}
        found = self._reminders.find(scope).sort("_id", -1).limit(limit)
        return several(Reminder, await found.to_list(limit))

    async def batches(self, cash_office_id: str, *, by: By | None, on: date | None) -> AsyncIterator[list[Reminder]]:
        after = "\uffff"
        while found := await self.of_office(cash_office_id, by=by, on=on, after=after, limit=AT_ONCE):
            yield found
            after = found[-1].id


def _scope(cash_office_id: str, by: By | None, on: date | None) -> Document:
    scope: Document = {"cash_office_id": cash_office_id}
    if by:
        scope["by"] = by
    if on:
        scope["on"] = on.isoformat()
    return scope
