"""Debts at the Treasury, numbered without a gap per cash office and year."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.billing.domain.treasury.collection import CollectionOrder, OrderState, series
from services.billing.store.atomic import Session, atomically, next_position
from services.billing.store.documents import accompanied, from_document, save, several, to_document
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import Database, Document

Made = Callable[[int], CollectionOrder]
"""The debt at its position in the series."""


class CollectionOrderStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._client = db.client
        self._orders, self._counters = db["collection_orders"], db["treasury_counters"]
        self._wake, self._clock = wake, clock

    async def add(self, name: str, made: Made, told: Callable[[CollectionOrder], Event]) -> CollectionOrder:
        """The debt of that id, made once with its number and told in one commit; made before, as it is."""
        if known := await self._get(name):
            return known

        async def act(session: Session) -> CollectionOrder:
            blank = made(0)
            position = await next_position(self._counters, f"{series(blank.cash_office_id, blank.year)}/debts", session)
            order = made(position)
            document = {**to_document(order), "version": 1, **accompanied(self._packed(order, [told(order)], 1), [])}
            await self._orders.insert_one(document, session=session)
            return order

        with suppress(DuplicateKeyError):
            await atomically(self._client, act)
        self._wake("collection_orders")
        if found := await self._get(name):
            return found
        raise Conflict()

    def _packed(self, order: CollectionOrder, events: Sequence[Event], sequence: int) -> list[Document]:
        return pack(
            list(events),
            subject=order.id,
            sequence=sequence,
            municipality_id=order.municipality_id,
            at=self._clock(),
        )

    async def save(self, order: CollectionOrder, events: Sequence[Event] = ()) -> CollectionOrder:
        """Raises `Conflict`."""
        saved = await save(self._orders, order, self._packed(order, events, order.version + 1))
        if events:
            self._wake("collection_orders")
        return saved

    async def _get(self, name: str) -> CollectionOrder | None:
        found = await self._orders.find_one({"_id": name})
        return from_document(CollectionOrder, found) if found else None

    async def by_number(self, cash_office_id: str, year: int, number: str) -> CollectionOrder | None:
        found = await self._orders.find_one({"cash_office_id": cash_office_id, "year": year, "number": number})
        return from_document(CollectionOrder, found) if found else None

    async def of_batch(self, municipality_id: str, batch_id: str) -> list[CollectionOrder]:
        """In the order of their numbers."""
        found = self._orders.find({"batch_id": batch_id, "municipality_id": municipality_id}).sort("number", 1)
        return several(CollectionOrder, await found.to_list(None))

    async def of_household(self, household_id: str) -> list[CollectionOrder]:
        """Newest first."""
        found = self._orders.find({"household_id": household_id}).sort("_id", -1)
        return several(CollectionOrder, await found.to_list(None))

    async def of_office(
        self, cash_office_id: str, *, state: OrderState | None, after: str, limit: int
    ) -> list[CollectionOrder]:
        """Newest first; `after`: the id of the last one had."""
        scope: dict[str, Any] = {"cash_office_id": cash_office_id, **({"state": state} if state else {})}
        if after:
            scope["_id"] = {"$lt": after}
        return several(CollectionOrder, await self._orders.find(scope).sort("_id", -1).to_list(limit))
