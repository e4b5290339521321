"""Files of debits and the answers of banks to them."""

from datetime import date
from typing import Any

from services.billing.domain.debits.batches import Batch
from services.billing.domain.debits.imports import Import
from services.billing.store.documents import Taken, from_document, save, several
from shared.errors import Conflict
from shared.mongo import Database, Document


class BatchStore:
    def __init__(self, db: Database) -> None:
        self._batches, self._files = db["debit_batches"], db["debit_files"]

    async def save(self, batch: Batch) -> Batch:
        """Raises `Conflict`, also when one is being made for the office, or its name was taken meanwhile."""
        try:
            return await save(self._batches, batch)
        except Taken:
            raise Conflict() from None

    async def keep_file(self, batch: Batch, sealed: str, sha256: str) -> None:
        """Once for these very bytes: a file is never replaced."""
        document = {"municipality_id": batch.municipality_id, "cash_office_id": batch.cash_office_id, "sealed": sealed}
        kept = {**document, "made_at": batch.made_at}
        await self._files.update_one({"_id": f"{batch.id}/{sha256}"}, {"$setOnInsert": kept}, upsert=True)

    async def file(self, batch: Batch) -> str | None:
        """Sealed."""
        scope = {"_id": f"{batch.id}/{batch.sha256}", "municipality_id": batch.municipality_id}
        found = await self._files.find_one(scope)
        return found["sealed"] if found else None

    async def get(self, municipality_id: str, batch_id: str) -> Batch | None:
        return _batch(await self._batches.find_one({"_id": batch_id, "municipality_id": municipality_id}))

    async def by_key(self, municipality_id: str, key: str) -> Batch | None:
        return _batch(await self._batches.find_one({"municipality_id": municipality_id, "key": key}))

    async def by_message(self, municipality_id: str, message_id: str) -> Batch | None:
        return _batch(await self._batches.find_one({"municipality_id": municipality_id, "message_id": message_id}))

    async def making(self, municipality_id: str, cash_office_id: str) -> Batch | None:
        """The file that is being made, or was when whoever made it was cut off."""
        scope = {"municipality_id": municipality_id, "cash_office_id": cash_office_id, "state": "making"}
        return _batch(await self._batches.find_one(scope))

    async def last_number(self, municipality_id: str, made_on: date) -> int:
        """Of the town's files of that day, 0 when there is none: two offices may have one short name."""
        scope = {"municipality_id": municipality_id, "made_on": made_on.isoformat()}
        found = await self._batches.find(scope, {"number": 1}).sort("number", -1).limit(1).to_list(1)
        return int(found[0]["number"]) if found else 0

    async def of_office(self, municipality_id: str, cash_office_id: str, limit: int) -> list[Batch]:
        """Newest first."""
        scope: dict[str, Any] = {"municipality_id": municipality_id, "cash_office_id": cash_office_id}
        found = self._batches.find(scope).sort("_id", -1).limit(limit)
        return several(Batch, await found.to_list(limit))

    async def sent_until(self, day: date, limit: int) -> list[Batch]:
        """Sent files whose collection day is that day or before, in whatever town."""
        scope = {"state": "sent", "collect_on": {"$lte": day.isoformat()}}
        found = self._batches.find(scope).sort("collect_on", 1).limit(limit)
        return several(Batch, await found.to_list(limit))


class AnswerStore:
    def __init__(self, db: Database) -> None:
        self._answers = db["debit_answers"]

    async def get(self, municipality_id: str, name: str) -> Import | None:
        found = await self._answers.find_one({"_id": name, "municipality_id": municipality_id})
        return from_document(Import, found) if found else None

    async def save(self, answer: Import) -> Import:
        """Raises `Conflict` when it was kept meanwhile."""
        return await save(self._answers, answer)

    async def of_town(self, municipality_id: str, limit: int) -> list[Import]:
        found = self._answers.find({"municipality_id": municipality_id}).sort("imported_at", -1).limit(limit)
        return several(Import, await found.to_list(limit))


def _batch(found: Document | None) -> Batch | None:
    return from_document(Batch, found) if found else None
