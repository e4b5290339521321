"""Exports as documents, and the pieces the services give, sealed; MongoDB forgets both after their end."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

from pymongo import IndexModel

from services.identity.domain.exports import LIFE, Export, piece_name
from services.identity.store.sealing import Sealer
from shared.contracts import Event
from shared.contracts.privacy import ExportedFile, ExportPartGiven
from shared.errors import NotFound
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Database, Document

# An archive that was never complete is no use to anybody.
GATHERED_WITHIN = timedelta(days=3)
EXPORTS = CollectionSchema(
    tells=True,
    indexes=[
        IndexModel([("account_id", 1), ("asked_at", -1)], name="account"),
        IndexModel([("household_id", 1)], name="household"),
        IndexModel([("forget_at", 1)], name="forget", expireAfterSeconds=0),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "account_id", "municipality_ids", "asked_at", "forget_at", "version"],
        "properties": {"_id": {"bsonType": "string", "pattern": "^exp_[0-9a-f]{32}$"}},
    },
)
EXPORT_PARTS = CollectionSchema(
    indexes=[
        IndexModel([("export_id", 1)], name="export"),
        IndexModel([("forget_at", 1)], name="forget", expireAfterSeconds=0),
    ],
    validator={"bsonType": "object", "required": ["export_id", "content", "forget_at"]},
)
SHOWN = {"outbox": 0}


class ExportStore:
    """An export belongs to the account that asked for it: that is its scope."""

    def __init__(self, db: Database, wake: Callable[[str], None], sealer: Sealer) -> None:
        self._exports, self._parts = db["exports"], db["export_parts"]
        self._wake, self._sealer = wake, sealer

    async def add(self, export: Export, event: Event) -> None:
        document = {
            "_id": export.id,
            "household_id": export.household_id,
            "account_id": export.account_id,
            "municipality_ids": list(export.municipality_ids),
            "asked_at": export.asked_at,
            "answers": [],
            "ready_at": None,
            "forget_at": export.asked_at + GATHERED_WITHIN,
            "version": 1,
            "outbox": _packed(export, [event], 1, export.asked_at),
        }
        await self._exports.insert_one(document)
        self._wake("exports")

    async def get(self, export_id: str, account_id: str) -> Export:
        """Raises `NotFound`."""
        found = await self._exports.find_one({"_id": export_id, "account_id": account_id}, SHOWN)
        if found is None:
            raise NotFound()
        return _export(found)

    async def of_account(self, account_id: str, household_id: str) -> list[Export]:
        """Newest first."""
        scope = {"account_id": account_id, "household_id": household_id}
        found = self._exports.find(scope, SHOWN).sort([("asked_at", -1), ("_id", -1)])
        return [_export(one) async for one in found]

    async def put_piece(self, piece: ExportPartGiven, content: bytes, now: datetime) -> bool:
        """Once per piece; False when nobody waits for it (any more)."""
        if not await self._exports.count_documents({"_id": piece.export_id, "ready_at": None}):
            return False
        name = piece_name(piece.export_id, piece.service, piece.name, piece.sha256, piece.chunk)
        document = {
            "export_id": piece.export_id,
            "content": self._sealer.seal(content, name),
            "forget_at": now + GATHERED_WITHIN + LIFE,
        }
        await self._parts.update_one({"_id": name}, {"$setOnInsert": document}, upsert=True)
        return True

    async def note_answer(self, export_id: str, service: str, files: Sequence[ExportedFile]) -> None:
        answer = {"service": service, "files": [file.model_dump() for file in files]}
        waiting = {"_id": export_id, "ready_at": None, "answers.service": {"$ne": service}}
        await self._exports.update_one(waiting, {"$push": {"answers": answer}, "$inc": {"version": 1}})

    async def waiting(self, export_id: str) -> Export | None:
        found = await self._exports.find_one({"_id": export_id, "ready_at": None}, SHOWN)
        return _export(found) if found else None

    async def has_all(self, export: Export) -> bool:
        pieces = export.pieces()
        return await self._parts.count_documents({"_id": {"$in": pieces}}) == len(pieces)

    async def finish(self, export: Export, events: Sequence[Event], now: datetime) -> None:
        """Once, by whoever comes first."""
        change = {
            "$set": {"ready_at": now, "forget_at": now + 2 * LIFE},
            "$inc": {"version": 1},
            "$push": {"outbox": {"$each": _packed(export, events, len(export.answers) + 2, now)}},
        }
        await self._exports.update_one({"_id": export.id, "ready_at": None}, change)
        self._wake("exports")

    async def content(self, export: Export, service: str, file: ExportedFile) -> AsyncIterator[bytes]:
        """Piece by piece, as it was given."""
        for number in range(file.chunks):
            name = piece_name(export.id, service, file.name, file.sha256, number)
            found = await self._parts.find_one({"_id": name, "export_id": export.id})
            if found is None:
                raise NotFound()
            yield self._sealer.open(found["content"], name)


def _packed(export: Export, events: Sequence[Event], sequence: int, at: datetime) -> list[dict[str, str]]:
    town = next(iter(export.municipality_ids), "")
    return pack(events, subject=export.id, sequence=sequence, municipality_id=town, at=at)


def _export(found: Document) -> Export:
    return Export(
        id=found["_id"],
        household_id=found["household_id"],
        account_id=found["account_id"],
        municipality_ids=tuple(found["municipality_ids"]),
        asked_at=found["asked_at"],
        answers={one["service"]: tuple(ExportedFile(**file) for file in one["files"]) for one in found["answers"]},
        ready_at=found["ready_at"],
    )
