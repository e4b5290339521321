"""Contestations of lines, told to the service of requests with the write that keeps them."""

from collections.abc import Callable
from typing import Any

from services.billing.domain.papers.contestations import Contestation, ContestationState
from services.billing.store.documents import Taken, from_document, save, several
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import KeyReused
from shared.messaging.envelope import pack
from shared.mongo import Database


class ContestationStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._contestations, self._wake, self._clock = db["contestations"], wake, clock

    async def get(self, household_id: str, name: str) -> Contestation | None:
        found = await self._contestations.find_one({"_id": name, "household_id": household_id})
        return from_document(Contestation, found) if found else None

    async def save(self, contestation: Contestation, events: list[Event]) -> Contestation:
        """Raises `Conflict`, and `KeyReused` when its key contested another line of the household."""
        entries = pack(
            events,
            subject=contestation.id,
            sequence=contestation.version + 1,
            municipality_id=contestation.municipality_id,
            at=self._clock(),
        )
        try:
            saved = await save(self._contestations, contestation, entries)
        except Taken:
            raise KeyReused() from None
        if events:
            self._wake("contestations")
        return saved

    async def of_invoice(self, household_id: str, invoice_id: str) -> list[Contestation]:
        found = self._contestations.find({"household_id": household_id, "invoice_id": invoice_id}).sort("line", 1)
        return several(Contestation, await found.to_list(None))

    async def of_town(
        self, municipality_id: str, state: ContestationState | None, after: str, limit: int
    ) -> list[Contestation]:
        """Newest first."""
        scope: dict[str, Any] = {"municipality_id": municipality_id, **({"state": state} if state else {})}
        if after:
            scope["_id"] = {"$lt": after}
        return several(Contestation, await self._contestations.find(scope).sort("_id", -1).to_list(limit))

    async def contested(self, household_id: str) -> set[str]:
        """The invoices of the household with a line it contests and nobody answered."""
        scope = {"household_id": household_id, "state": "open"}
        return set(await self._contestations.distinct("invoice_id", scope))
