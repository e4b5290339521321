"""Invoices, their numbering without gaps, and their documents."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from services.billing.domain.invoices import Draft, Invoice, InvoiceState, number_of, numbering_of
from services.billing.domain.tidings import of_invoice
from services.billing.store.documents import from_document, several, to_document
from shared.clock import Clock
from shared.contracts.billing import InvoiceDocument
from shared.errors import Conflict
from shared.ids import new_id
from shared.messaging.envelope import pack
from shared.mongo import Database, Document

TRIES = 5
LONGEST_PAUSE = 0.05


class InvoiceStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._client = db.client
        self._invoices, self._counters = db["invoices"], db["counters"]
        self._wake, self._clock = wake, clock

    async def issued(self, household_id: str, cash_office_id: str, month: str) -> Invoice | None:
        scope = {"household_id": household_id, "cash_office_id": cash_office_id, "month": month, "kind": "F"}
        return _invoice(await self._invoices.find_one(scope))

    async def issue(self, draft: Draft) -> Invoice:
        """The invoice with its number, both committed together or neither; issued before, as it was then."""
        for _ in range(TRIES):
            try:
                invoice = await self._number_and_insert(draft)
            except DuplicateKeyError:
                known = await self.issued(draft.household_id, draft.cash_office_id, draft.month)
                if known:
                    return known
            except PyMongoError as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
            else:
                self._wake("invoices")
                return invoice
            await asyncio.sleep(random.uniform(0, LONGEST_PAUSE))  # noqa: S311  # spreads retries, guards nothing
        raise Conflict()

    async def _number_and_insert(self, draft: Draft) -> Invoice:
        async with (
            await self._client.start_session() as session,
            session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")),
        ):
            counter = await self._counters.find_one_and_update(
                {"_id": numbering_of(draft)},
                {"$inc": {"last": 1}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            invoice = _numbered(draft, int(counter["last"]))
            await self._invoices.insert_one(self._document(invoice), session=session)
        return invoice

    def _document(self, invoice: Invoice) -> Document:
        entries = pack(
            [of_invoice(invoice)],
            subject=invoice.id,
            sequence=invoice.version,
            municipality_id=invoice.municipality_id,
            at=self._clock(),
        )
        return {**to_document(invoice), "outbox": entries}

    async def get(self, household_id: str, invoice_id: str) -> Invoice | None:
        return _invoice(await self._invoices.find_one({"_id": invoice_id, "household_id": household_id}))

    async def several(self, household_id: str, invoice_ids: Sequence[str]) -> list[Invoice]:
        scope = {"_id": {"$in": list(invoice_ids)}, "household_id": household_id}
        return several(Invoice, await self._invoices.find(scope).sort("_id", 1).to_list(None))

    async def of_household(
        self, household_id: str, *, state: InvoiceState | None = None, municipality_id: str | None = None
    ) -> list[Invoice]:
        """Newest first, without the trail of each day's price."""
        wanted = {"state": state, "municipality_id": municipality_id}
        scope = {"household_id": household_id, **{name: value for name, value in wanted.items() if value}}
        found = self._invoices.find(scope, {"lines.days": 0}).sort([("issue_date", -1), ("_id", -1)])
        return several(Invoice, await found.to_list(None))

    async def mark_paid(self, household_id: str, name: str, payment_id: str, at: datetime) -> bool:
        """True when this payment is the one that settled the invoice, now or before."""
        scope = {"_id": name, "household_id": household_id}
        paid = {"$set": {"state": "paid", "paid_by": payment_id, "paid_at": at}, "$inc": {"version": 1}}
        if (await self._invoices.update_one({**scope, "paid_by": None}, paid)).matched_count:
            return True
        return bool(await self._invoices.count_documents({**scope, "paid_by": payment_id}))

    async def paid_by_others(self, household_id: str, names: list[str], payment_id: str) -> set[str]:
        scope = {"_id": {"$in": names}, "household_id": household_id, "paid_by": {"$nin": [None, payment_id]}}
        return {found["_id"] async for found in self._invoices.find(scope, {"_id": 1})}

    async def undocumented(self) -> AsyncIterator[Invoice]:
        async for found in self._invoices.find({"documented": False}):
            yield from_document(Invoice, found)

    async def mark_documented(self, invoice: Invoice) -> None:
        scope = {"_id": invoice.id, "household_id": invoice.household_id}
        await self._invoices.update_one(scope, {"$set": {"documented": True}})


def _invoice(found: Document | None) -> Invoice | None:
    return from_document(Invoice, found) if found else None


def _numbered(draft: Draft, position: int) -> Invoice:
    content: dict[str, Any] = {field.name: getattr(draft, field.name) for field in fields(Draft)}
    number = number_of(draft.kind, draft.year, position)
    return Invoice(**content, id=new_id("inv"), position=position, number=number, version=1)


class DocumentStore:
    """The printed invoices, stored once with their hash; a page is some 30 kB, far below a document's limit."""

    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._documents, self._wake, self._clock = db["documents"], wake, clock

    async def add(self, invoice: Invoice, pdf: bytes, told: InvoiceDocument) -> None:
        """Once: a document printed again after a crash is the same one."""
        entries = pack(
            [told], subject=invoice.id, sequence=1, municipality_id=invoice.municipality_id, at=self._clock()
        )
        document = {
            "municipality_id": invoice.municipality_id,
            "household_id": invoice.household_id,
            "pdf": pdf,
            "sha256": hashlib.sha256(pdf).hexdigest(),
            "outbox": entries,
        }
        await self._documents.update_one({"_id": invoice.id}, {"$setOnInsert": document}, upsert=True)
        self._wake("documents")

    async def pdf(self, household_id: str, invoice_id: str) -> tuple[bytes, str] | None:
        """The bytes and their SHA-256."""
        found = await self._documents.find_one({"_id": invoice_id, "household_id": household_id}, {"outbox": 0})
        return (bytes(found["pdf"]), found["sha256"]) if found else None
