"""Erasures as documents: who asked for what, and what each service answered."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from services.identity.domain.erasures import Erasure, Part
from shared.contracts import Event
from shared.contracts.privacy import ErasedData, KeptData
from shared.errors import NotFound
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Database, Document

ERASURES = CollectionSchema(
    tells=True,
    indexes=[
        # A household is erased once, whoever asks, however often.
        IndexModel([("household_id", 1)], name="household", unique=True),
        IndexModel([("done_at", 1)], name="done"),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "municipality_ids", "child_ids", "asked_by", "asked_at", "parts"],
        "properties": {"_id": {"bsonType": "string", "pattern": "^era_[0-9a-f]{32}$"}},
    },
)
SHOWN = {"outbox": 0}


class ErasureStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["erasures"]
        self._wake = wake

    async def begin(self, erasure: Erasure, sequence: int) -> Erasure:
        """This one, or the one that was begun for the household before. `sequence`: of the household."""
        document = {
            **{name: value for name, value in vars(erasure).items() if name not in ("id", "parts")},
            "_id": erasure.id,
            "municipality_ids": list(erasure.municipality_ids),
            "child_ids": list(erasure.child_ids),
            "former_ids": list(erasure.former_ids),
            "emails": list(erasure.emails),
            "parts": {},
            "sequence": sequence,
            "outbox": _packed(erasure, [erasure.asked_told()], erasure.household_id, sequence, erasure.asked_at),
        }
        try:
            await self._documents.insert_one(document)
        except DuplicateKeyError:
            found = await self._documents.find_one({"household_id": erasure.household_id}, SHOWN)
            return _erasure(found) if found else erasure
        self._wake("erasures")
        return erasure

    async def of_towns(self, erasure_id: str, municipality_ids: Collection[str]) -> Erasure:
        """Raises `NotFound`."""
        asked = {"_id": erasure_id, "municipality_ids": {"$in": sorted(municipality_ids)}}
        found = await self._documents.find_one(asked, SHOWN)
        if found is None:
            raise NotFound()
        return _erasure(found)

    async def note_part(self, erasure_id: str, service: str, part: Part) -> None:
        document = {
            "erased": [line.model_dump() for line in part.erased],
            "kept": [line.model_dump(mode="json") for line in part.kept],
        }
        missing = {"_id": erasure_id, f"parts.{service}": {"$exists": False}}
        await self._documents.update_one(missing, {"$set": {f"parts.{service}": document}})

    async def under_way(self, erasure_id: str) -> Erasure | None:
        found = await self._documents.find_one({"_id": erasure_id, "done_at": None}, SHOWN)
        return _erasure(found) if found else None

    async def finish(self, erasure: Erasure, events: Sequence[Event], now: datetime) -> None:
        """Once, by whoever comes first; the addresses go into the last letter and are forgotten here."""
        found = await self._documents.find_one({"_id": erasure.id}, {"sequence": 1})
        sequence = found["sequence"] + 1 if found else 1
        change = {
            "$set": {"done_at": now, "emails": [], "addressee": "", "sequence": sequence},
            "$push": {"outbox": {"$each": _packed(erasure, events, erasure.household_id, sequence, now)}},
        }
        await self._documents.update_one({"_id": erasure.id, "done_at": None}, change)
        self._wake("erasures")

    async def forget(self, done_before: datetime) -> int:
        return (await self._documents.delete_many({"done_at": {"$lt": done_before}})).deleted_count


def _packed(
    erasure: Erasure, events: Sequence[Event], subject: str, sequence: int, at: datetime
) -> list[dict[str, str]]:
    town = next(iter(erasure.municipality_ids), "")
    return pack(events, subject=subject, sequence=sequence, municipality_id=town, at=at)


def _erasure(found: Document) -> Erasure:
    kept: dict[str, Any] = {name: value for name, value in found.items() if name not in ("_id", "sequence", "parts")}
    return Erasure(
        **{
            **kept,
            "municipality_ids": tuple(found["municipality_ids"]),
            "child_ids": tuple(found["child_ids"]),
            "former_ids": tuple(found["former_ids"]),
            "emails": tuple(found["emails"]),
        },
        id=found["_id"],
        parts={service: _part(part) for service, part in found["parts"].items()},
    )


def _part(found: Document) -> Part:
    return Part(
        erased=tuple(ErasedData(**line) for line in found["erased"]),
        kept=tuple(KeptData(**{**line, "until": _day(line["until"])}) for line in found["kept"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
