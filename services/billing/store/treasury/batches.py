"""Batches of debts and the files they became: a file is stored once and never again."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from services.billing.domain.treasury.collection import Batch, series
from services.billing.store.atomic import Session, atomically, next_position
from services.billing.store.documents import from_document, save, several, to_document
from shared.errors import Conflict
from shared.mongo import Database, Document

TICK = timedelta(milliseconds=1)


class BatchStore:
    def __init__(self, db: Database) -> None:
        self._client = db.client
        self._batches, self._files = db["treasury_batches"], db["treasury_files"]
        self._counters = db["treasury_counters"]

    async def open(self, batch: Batch) -> Batch:
        """The batch with its number in the series of its cash office and year, both committed together.

        Opened before under its key, as it is. Raises `Conflict`.
        """
        if known := await self.by_key(batch.municipality_id, batch.key):
            return known

        async def act(session: Session) -> Batch:
            name = f"{series(batch.cash_office_id, batch.year)}/batches"
            number = await next_position(self._counters, name, session)
            opened = replace(batch, number=number, created_at=await self._instant(batch, session), version=1)
            await self._batches.insert_one(to_document(opened), session=session)
            return opened

        try:
            return await atomically(self._client, act)
        except DuplicateKeyError:
            if known := await self.by_key(batch.municipality_id, batch.key):
                return known
            raise Conflict() from None

    async def _instant(self, batch: Batch, session: Session) -> datetime:
        """One no other batch of the cash office has: an invoice knows by it which batch took it."""
        last = await self._batches.find_one(
            {"cash_office_id": batch.cash_office_id}, {"created_at": 1}, sort=[("created_at", -1)], session=session
        )
        return max(batch.created_at, last["created_at"] + TICK) if last else batch.created_at

    async def save(self, batch: Batch) -> Batch:
        """Raises `Conflict`."""
        return await save(self._batches, batch)

    async def by_key(self, municipality_id: str, key: str) -> Batch | None:
        return _batch(await self._batches.find_one({"municipality_id": municipality_id, "key": key}))

    async def get(self, municipality_id: str, batch_id: str) -> Batch | None:
        return _batch(await self._batches.find_one({"_id": batch_id, "municipality_id": municipality_id}))

    async def of_office(self, cash_office_id: str, *, after: str, limit: int) -> list[Batch]:
        """Newest first; `after`: the id of the last one had."""
        scope: Document = {"cash_office_id": cash_office_id}
        if after:
            scope["_id"] = {"$lt": after}
        return several(Batch, await self._batches.find(scope).sort("_id", -1).to_list(limit))

    async def unfinished(self, before: datetime) -> list[Batch]:
        """Cut off while they were prepared, and left alone since."""
        found = self._batches.find({"state": "preparing", "created_at": {"$lt": before}}).sort("_id", 1)
        return several(Batch, await found.to_list(None))

    async def keep_file(self, batch: Batch, content: bytes, now: datetime) -> str:
        """The SHA-256 of the batch's file: of the one stored first, whatever is offered later."""
        document = {
            "municipality_id": batch.municipality_id,
            "content": content,
            "sha256": hashlib.sha256(content).hexdigest(),
            "made_at": now,
        }
        await self._files.update_one({"_id": batch.id}, {"$setOnInsert": document}, upsert=True)
        found = await self._files.find_one({"_id": batch.id}, {"sha256": 1})
        return str((found or document)["sha256"])

    async def file(self, municipality_id: str, batch_id: str) -> tuple[bytes, str] | None:
        """The bytes and their SHA-256."""
        found = await self._files.find_one({"_id": batch_id, "municipality_id": municipality_id})
        return (bytes(found["content"]), found["sha256"]) if found else None


def _batch(found: Document | None) -> Batch | None:
    return from_document(Batch, found) if found else None
