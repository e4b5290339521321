"""Invoices, their numbering without gaps, and their documents."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeAlias

from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.billing.domain.invoices import (
    INVOICE,
    Draft,
    Invoice,
    InvoiceState,
    number_of,
    numbering_of,
    posting_of,
    settle,
    taken_cents,
)
from services.billing.domain.postings import Posting
from services.billing.domain.settlements import Settlement
from services.billing.domain.tidings import of_issue
from services.billing.store.atomic import Session, atomically, next_position
from services.billing.store.documents import DUPLICATE, accompanied, from_document, several, to_document
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.billing import InvoiceDocument
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.messaging.envelope import pack
from shared.mongo import Database, Document

TRIES = 5
NaturalKey: TypeAlias = tuple[str, ...]
Contents: TypeAlias = Mapping[NaturalKey, list[Document]]
"""Lines as documents, by the piece they belong to."""
NATURAL_KEY = ("household_id", "cash_office_id", "month", "kind", "occasion")
COLLECTING = ("settlements", "state", "debit_on", "handed_over_at", "paid_by", "paid_at", "version")
"""The only fields of an issued piece that may change."""


def collected(after: Invoice, carried: Mapping[str, list[Document]]) -> Document:
    """The change that makes an issued piece this one, in how it is settled and collected, with what goes with it."""
    document = to_document(after)
    change: Document = {"$set": {name: document[name] for name in COLLECTING}}
    if carried:
        change["$push"] = {name: {"$each": parts} for name, parts in carried.items()}
    return change


class InvoiceStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._client = db.client
        self._invoices, self._counters = db["invoices"], db["counters"]
        self._wake, self._clock = wake, clock

    async def issued(self, household_id: str, cash_office_id: str, month: str) -> Invoice | None:
        """The month's invoice, whatever corrected it since."""
        scope = {"household_id": household_id, "cash_office_id": cash_office_id, "month": month}
        return _invoice(await self._invoices.find_one({**scope, "kind": INVOICE, "occasion": ""}))

    async def issue(self, draft: Draft) -> Invoice:
        """The piece with its number, both committed together or neither; issued before, as it was then."""
        return (await self.issue_many([draft]))[0]

    async def issue_many(self, drafts: Sequence[Draft], lines: Sequence[list[Document]] = ()) -> list[Invoice]:
        """The pieces of one series of numbers, committed together or none, in the order of their drafts.

        What was issued before is answered as it was then; a hundred at a time are meant. `lines`: of each draft, as
        documents, where the drafts come without the days of theirs. Raises `Conflict`.
        """
        contents = dict(zip(map(_natural_key, drafts), lines, strict=True)) if lines else {}
        for _ in range(TRIES):
            issued = await self._issued_for(drafts)
            before = [issued.get(_natural_key(draft)) for draft in drafts]
            missing = [draft for draft, known in zip(drafts, before, strict=True) if known is None]
            try:
                added = await self._number_and_insert(missing, contents)
            except (DuplicateKeyError, BulkWriteError) as error:
                if not _issued_meanwhile(error):
                    raise
                continue
            self._wake("invoices")
            fresh = iter(added)
            return [known or next(fresh) for known in before]
        raise Conflict()

    async def _issued_for(self, drafts: Sequence[Draft]) -> dict[NaturalKey, Invoice]:
        """What these drafts became before, by natural key."""
        wanted = {name: {"$in": sorted({getattr(draft, name) for draft in drafts})} for name in NATURAL_KEY}
        found = several(Invoice, await self._invoices.find(wanted, {"outbox": 0, "unsealed": 0}).to_list(None))
        return {_natural_key(invoice): invoice for invoice in found}

    async def _number_and_insert(self, drafts: Sequence[Draft], contents: Contents) -> list[Invoice]:
        if not drafts:
            return []

        async def act(session: Session) -> list[Invoice]:
            first = await next_position(self._counters, numbering_of(drafts[0]), session, len(drafts))
            invoices = [_numbered(draft, position) for position, draft in enumerate(drafts, start=first)]
            documents = [{**self._document(one), **_content(one, contents)} for one in invoices]
            await self._invoices.insert_many(documents, session=session)
            return invoices

        return await atomically(self._client, act)

    def _document(self, invoice: Invoice) -> Document:
        return {
            **to_document(invoice),
            **self._carried(invoice, [of_issue(invoice)], [posting_of(invoice, self._clock())]),
        }

    def _carried(self, invoice: Invoice, events: list[Event], postings: Sequence[Posting]) -> dict[str, list[Document]]:
        entries = pack(
            events,
            subject=invoice.id,
            sequence=invoice.version,
            municipality_id=invoice.municipality_id,
            at=self._clock(),
        )
        return accompanied(entries, postings)

    async def settle(
        self,
        household_id: str,
        invoice_id: str,
        act: Settlement,
        *,
        events: Sequence[Event] = (),
        postings: Sequence[Posting] = (),
    ) -> Invoice:
        """The piece with the act entered, once: `taken_cents` tells how much of it the piece took.

        `events` and `postings` go with it when it changes the piece. Raises `NotFound`, `Conflict`.
        """
        return await self.change(
            household_id, invoice_id, lambda invoice: settle(invoice, act), events=events, postings=postings
        )

    async def change(
        self,
        household_id: str,
        invoice_id: str,
        step: Callable[[Invoice], Invoice],
        *,
        events: Sequence[Event] = (),
        postings: Sequence[Posting] = (),
    ) -> Invoice:
        """The piece after a pure step over how it is settled or collected, never over what it says."""
        for _ in range(TRIES):
            invoice = await self.get(household_id, invoice_id)
            if invoice is None:
                raise NotFound()
            changed = step(invoice)
            if changed is invoice:
                return invoice
            changed = replace(changed, version=invoice.version + 1)
            if await self._store(invoice, changed, list(events), postings):
                return changed
        raise Conflict()

    async def _store(self, before: Invoice, after: Invoice, events: list[Event], postings: Sequence[Posting]) -> bool:
        change = collected(after, self._carried(after, events, postings))
        scope = {"_id": before.id, "household_id": before.household_id, "version": before.version}
        stored = bool((await self._invoices.update_one(scope, change)).matched_count)
        if stored and events:
            self._wake("invoices")
        return stored

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

    async def pay(self, household_id: str, name: str, payment_id: str, cents: int, at: datetime) -> int:
        """What this payment settled of the invoice, now or before, in cents; less than it brings when less was owed."""
        act = Settlement(source=payment_id, kind="payment", cents=cents, at=at)
        return taken_cents(await self.settle(household_id, name, act), act)

    async def paid_by_others(self, household_id: str, names: list[str], payment_id: str) -> set[str]:
        scope = {"_id": {"$in": names}, "household_id": household_id, "paid_by": {"$nin": [None, payment_id]}}
        return {found["_id"] async for found in self._invoices.find(scope, {"_id": 1})}

    async def undocumented(self) -> AsyncIterator[Invoice]:
        async for found in self._invoices.find({"documented": False}):
            yield from_document(Invoice, found)

    async def mark_documented(self, invoice: Invoice, sha256: str) -> None:
        """Its paper is stored, with that hash: kept in two places, so that a paper put in its place shows."""
        scope = {"_id": invoice.id, "household_id": invoice.household_id}
        await self._invoices.update_one(scope, {"$set": {"documented": True, "paper_sha256": sha256}})


def _issued_meanwhile(error: DuplicateKeyError | BulkWriteError) -> bool:
    """Somebody else issued a piece of the same natural key, or the same number, a moment before: worth another look."""
    return isinstance(error, DuplicateKeyError) or all(one["code"] == DUPLICATE for one in error.details["writeErrors"])


def _invoice(found: Document | None) -> Invoice | None:
    return from_document(Invoice, found) if found else None


def _content(invoice: Invoice, contents: Contents) -> Document:
    lines = contents.get(_natural_key(invoice))
    return {} if lines is None else {"lines": lines}


def _natural_key(draft: Draft) -> NaturalKey:
    return tuple(getattr(draft, name) for name in NATURAL_KEY)


def _numbered(draft: Draft, position: int) -> Invoice:
    content: dict[str, Any] = {field.name: getattr(draft, field.name) for field in fields(Draft)}
    number = number_of(draft.kind, draft.year, position)
    return Invoice(**content, id=new_id("inv"), position=position, number=number, version=1)


class DocumentStore:
    """The printed invoices, stored once with their hash; a page is some 30 kB, far below a document's limit."""

    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._documents, self._wake, self._clock = db["documents"], wake, clock

    async def add(self, invoice: Invoice, pdf: bytes, told: InvoiceDocument, facturx: str = "") -> str:
        """Once: a document printed again after a crash is the same one. `facturx`: the data inside it.

        The hash of the paper that is stored.
        """
        entries = pack(
            [told], subject=invoice.id, sequence=1, municipality_id=invoice.municipality_id, at=self._clock()
        )
        document = {
            "municipality_id": invoice.municipality_id,
            "household_id": invoice.household_id,
            "pdf": pdf,
            "sha256": hashlib.sha256(pdf).hexdigest(),
            "facturx": facturx,
            "outbox": entries,
        }
        done = await self._documents.update_one({"_id": invoice.id}, {"$setOnInsert": document}, upsert=True)
        self._wake("documents")
        if done.upserted_id:
            return str(document["sha256"])
        kept = await self._documents.find_one({"_id": invoice.id, "household_id": invoice.household_id}, {"sha256": 1})
        return str(kept["sha256"]) if kept else ""

    async def pdf(self, household_id: str, invoice_id: str) -> tuple[bytes, str] | None:
        """The bytes and their SHA-256."""
        scope = {"_id": invoice_id, "household_id": household_id}
        found = await self._documents.find_one(scope, {"outbox": 0, "facturx": 0})
        return (bytes(found["pdf"]), found["sha256"]) if found else None

    async def facturx(self, household_id: str, invoice_id: str) -> str:
        """Empty before it is printed, and for papers printed before there were data in them."""
        found = await self._documents.find_one({"_id": invoice_id, "household_id": household_id}, {"facturx": 1})
        return str(found.get("facturx", "")) if found else ""
