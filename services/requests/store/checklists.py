"""Documents agents verified, by household and town; the days they hold until are ISO text."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from pymongo import IndexModel

from services.requests.domain.checklists import Verified
from services.requests.store.requests import REQUESTS
from services.requests.store.standing import ADHESIONS
from shared.errors import Conflict, NotFound
from shared.mongo import CollectionSchema, Database, Document

VERIFIED_DOCUMENTS = "verified_documents"
VERIFIED_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("household_id", 1), ("municipality_id", 1), ("valid_until", -1)]),
        IndexModel([("valid_until", 1)]),
        IndexModel([("withdrawn_at", 1)], partialFilterExpression={"withdrawn_at": {"$type": "date"}}),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "municipality_id", "kind", "valid_until", "verified_at", "verified_by", "version"],
        "properties": {
            "household_id": {"bsonType": "string"},
            "municipality_id": {"bsonType": "string"},
            "kind": {"bsonType": "string", "minLength": 1},
            "valid_until": {"bsonType": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        },
    },
)


class ChecklistStore:
    def __init__(self, db: Database) -> None:
        self._documents = db[VERIFIED_DOCUMENTS]
        self._adhesions, self._requests = db[ADHESIONS], db[REQUESTS]

    async def add(self, verified: Verified) -> None:
        await self._documents.insert_one(verified_document(verified))

    async def of_households(self, household_ids: Collection[str], municipality_ids: Collection[str]) -> list[Verified]:
        """Withdrawn and past ones too, the one that holds longest first."""
        wanted = {"household_id": {"$in": list(household_ids)}, "municipality_id": {"$in": list(municipality_ids)}}
        found = self._documents.find(wanted).sort([("valid_until", -1), ("_id", 1)])
        return [verified_of(document) async for document in found]

    async def of_towns(self, document_id: str, municipality_ids: Collection[str]) -> Verified:
        """Raises `NotFound`."""
        found = await self._documents.find_one({"_id": document_id, "municipality_id": {"$in": list(municipality_ids)}})
        if found is None:
            raise NotFound()
        return verified_of(found)

    async def knows(self, household_id: str, municipality_id: str) -> bool:
        """The household joined the town, or filed something there."""
        joined = {"_id": f"{household_id}|{municipality_id}", "household_id": household_id}
        if await self._adhesions.find_one(joined, {"_id": 1}):
            return True
        filed = {"household_id": household_id, "municipality_id": municipality_id, "filed_at": {"$ne": None}}
        return await self._requests.find_one(filed, {"_id": 1}) is not None

    async def save(self, verified: Verified) -> None:
        """At its next version. Raises `Conflict`."""
        before = {
            "_id": verified.id,
            "household_id": verified.household_id,
            "municipality_id": verified.municipality_id,
            "version": verified.version - 1,
        }
        written = await self._documents.replace_one(before, verified_document(verified))
        if not written.matched_count:
            raise Conflict()

    async def forget(self, now: datetime, kept: timedelta) -> int:
        """Those that have not held for that long."""
        before = now - kept
        past: Document = {"valid_until": {"$lt": before.date().isoformat()}}
        gone = await self._documents.delete_many({"$or": [past, {"withdrawn_at": {"$lt": before}}]})
        return gone.deleted_count


def verified_document(verified: Verified) -> Document:
    known = asdict(verified)
    return {"_id": known.pop("id"), **known, "valid_until": verified.valid_until.isoformat()}


def verified_of(document: dict[str, Any]) -> Verified:
    known = {name: value for name, value in document.items() if name != "_id"}
    return Verified(id=document["_id"], **{**known, "valid_until": date.fromisoformat(document["valid_until"])})
