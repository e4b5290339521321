"""Drafts of imports as documents; the file and the faults of its lines beside them, in pieces, for a while."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from bson import Binary
from pymongo import IndexModel, ReturnDocument

from services.identity.domain.import_drafts import Counts, ImportDraft
from services.identity.domain.import_mapping import ColumnMapping
from shared.errors import Conflict, NotFound
from shared.ids import uuid7
from shared.mongo import CollectionSchema, Database, Document
from shared.tables import Fault

KEPT = timedelta(days=7)
PIECE = 4 * 1024 * 1024
FAULTS_A_PIECE = 500
LEASE_MS = 30_000
FILE, FAULTS = "file", "faults"
FORGET = IndexModel([("expires_at", 1)], name="forget", expireAfterSeconds=0)
NEWEST_FIRST = [("_id", -1)]

IMPORT_DRAFTS = CollectionSchema(
    indexes=[
        IndexModel([("municipality_id", 1), ("_id", -1)], name="by_town"),
        IndexModel([("state", 1)], name="running", partialFilterExpression={"state": "running"}),
        FORGET,
    ],
    validator={
        "bsonType": "object",
        "required": ["municipality_id", "state", "position", "mapping", "expires_at"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^imp_[0-9a-f]{32}$"},
            "municipality_id": {"bsonType": "string", "minLength": 1},
            "state": {"enum": ["draft", "running", "done"]},
            "position": {"bsonType": ["int", "long"], "minimum": 0},
            "expires_at": {"bsonType": "date"},
        },
    },
)
# What the town sent, as it is: forgotten as soon as its families are in, and after a week if nobody ran it.
IMPORT_PIECES = CollectionSchema(
    indexes=[IndexModel([("draft_id", 1), ("kind", 1), ("number", 1)], name="draft", unique=True), FORGET],
    validator={"bsonType": "object", "required": ["draft_id", "municipality_id", "kind", "number", "expires_at"]},
)
IMPORT_MAPPINGS = CollectionSchema(validator={"bsonType": "object", "required": ["fields", "date_format"]})


class ImportDraftStore:
    def __init__(self, db: Database) -> None:
        self._drafts = db["import_drafts"]
        self._pieces = db["import_pieces"]
        self._mappings = db["import_mappings"]
        self._me = uuid7()

    async def add(self, draft: ImportDraft, content: bytes) -> None:
        """The file first: a draft is never without."""
        pieces = [Binary(content[start : start + PIECE]) for start in range(0, len(content), PIECE)]
        await self._put(draft, FILE, pieces)
        await self._drafts.insert_one({"_id": draft.id, **_fields(draft), "expires_at": draft.created_at + KEPT})

    async def get(self, draft_id: str, municipality_ids: frozenset[str]) -> ImportDraft:
        """Raises `NotFound` when there is none in these towns."""
        asked = {"_id": draft_id, "municipality_id": {"$in": sorted(municipality_ids)}}
        found = await self._drafts.find_one(asked)
        if found is None:
            raise NotFound()
        return _draft(found)

    async def newest(self, municipality_id: str, limit: int) -> list[ImportDraft]:
        found = self._drafts.find({"municipality_id": municipality_id}, sort=NEWEST_FIRST, limit=limit)
        return [_draft(one) async for one in found]

    async def content(self, draft: ImportDraft) -> bytes:
        """Raises `NotFound` once it is forgotten."""
        pieces = [piece async for piece in self._pieces.find(_part(draft, FILE), sort=[("number", 1)])]
        if not pieces:
            raise NotFound()
        return b"".join(bytes(piece["content"]) for piece in pieces)

    async def save(self, draft: ImportDraft, former: ImportDraft) -> None:
        """Raises `Conflict` when it is not as it was read any more."""
        asked = {**_as_read(former), "state": former.state, "mapping": _mapping_fields(former.mapping)}
        written = await self._drafts.update_one(asked, {"$set": _fields(draft)})
        if not written.matched_count:
            raise Conflict()

    async def drop(self, draft: ImportDraft) -> None:
        """Raises `Conflict` when it was started meanwhile."""
        dropped = await self._drafts.delete_one({**_as_read(draft), "state": draft.state})
        if not dropped.deleted_count:
            raise Conflict()
        await self._pieces.delete_many({"draft_id": draft.id, "municipality_id": draft.municipality_id})

    async def keep_faults(self, draft: ImportDraft, faults: Sequence[Fault]) -> None:
        """In place of those of an earlier look."""
        await self._pieces.delete_many(_part(draft, FAULTS))
        shown = [asdict(fault) for fault in faults]
        starts = range(0, len(shown), FAULTS_A_PIECE)
        await self._put(draft, FAULTS, [shown[start : start + FAULTS_A_PIECE] for start in starts])

    async def faults(self, draft: ImportDraft, start: int, limit: int) -> list[Fault]:
        """From the `start`-th on, in line order."""
        first, last = start // FAULTS_A_PIECE, (start + limit) // FAULTS_A_PIECE
        asked = {**_part(draft, FAULTS), "number": {"$gte": first, "$lte": last}}
        pieces = [piece async for piece in self._pieces.find(asked, sort=[("number", 1)])]
        found = [Fault(**fault) for piece in pieces for fault in piece["content"]]
        return found[start - first * FAULTS_A_PIECE :][:limit]

    async def _put(self, draft: ImportDraft, kind: str, contents: Sequence[Any]) -> None:
        pieces = [
            {**_part(draft, kind), "number": number, "content": content, "expires_at": draft.created_at + KEPT}
            for number, content in enumerate(contents)
        ]
        for piece in pieces:
            await self._pieces.insert_one(piece)

    async def remembered(self, municipality_id: str) -> ColumnMapping | None:
        found = await self._mappings.find_one({"_id": municipality_id})
        return _mapping(found) if found else None

    async def remember(self, municipality_id: str, mapping: ColumnMapping) -> None:
        await self._mappings.replace_one({"_id": municipality_id}, _mapping_fields(mapping), upsert=True)

    # --- running -----------------------------------------------------------------------------------------------

    async def claim(self) -> ImportDraft | None:
        """One that runs and that nobody works on, mine for half a minute of the database's clock."""
        free = {"$or": [{"lease": None}, {"$expr": {"$lt": ["$lease.until", "$$NOW"]}}]}
        found = await self._drafts.find_one_and_update(
            {"state": "running", **free}, self._leased(), return_document=ReturnDocument.AFTER, sort=[("_id", 1)]
        )
        return _draft(found) if found else None

    async def planned(self, draft: ImportDraft) -> Counts | None:
        found = await self._drafts.find_one(_as_read(draft), {"planned": 1})
        planned = found.get("planned") if found else None
        return Counts(**planned["counts"]) if planned and planned["position"] == draft.position else None

    async def plan(self, draft: ImportDraft, counts: Counts) -> None:
        """Raises `Conflict` when it is not mine any more."""
        planned = {"position": draft.position, "counts": asdict(counts)}
        await self._mine(draft, [{"$set": {"planned": planned}}])

    async def advance(self, draft: ImportDraft, former: ImportDraft) -> None:
        """Keeps it mine for another half minute. Raises `Conflict` when it is not mine any more."""
        await self._mine(former, [_literally(draft), *self._leased()])

    async def finish(self, draft: ImportDraft, former: ImportDraft) -> None:
        """Raises `Conflict` when it is not mine any more. The file is forgotten."""
        await self._mine(former, [_literally(draft)])
        await self._pieces.delete_many(_part(draft, FILE))

    async def release(self, draft: ImportDraft) -> None:
        await self._drafts.update_one({**_as_read(draft), "lease.holder": self._me}, {"$set": {"lease": None}})

    def _leased(self) -> list[Document]:
        lease = {"holder": self._me, "until": {"$add": ["$$NOW", LEASE_MS]}}
        return [{"$set": {"lease": lease}}]

    async def _mine(self, draft: ImportDraft, change: list[Document]) -> None:
        asked = {**_as_read(draft), "state": "running", "position": draft.position, "lease.holder": self._me}
        written = await self._drafts.update_one(asked, change)
        if not written.matched_count:
            raise Conflict()


def _as_read(draft: ImportDraft) -> Document:
    return {"_id": draft.id, "municipality_id": draft.municipality_id}


def _part(draft: ImportDraft, kind: str) -> Document:
    return {"draft_id": draft.id, "municipality_id": draft.municipality_id, "kind": kind}


def _fields(draft: ImportDraft) -> Document:
    fields = asdict(replace(draft, mapping=ColumnMapping()))
    del fields["id"]
    return {**fields, "mapping": _mapping_fields(draft.mapping)}


def _literally(draft: ImportDraft) -> Document:
    """In a pipeline, a town's “$column” would be taken for a path."""
    return {"$set": {name: {"$literal": value} for name, value in _fields(draft).items()}}


def _mapping_fields(mapping: ColumnMapping) -> Document:
    """Columns are the town's own words, which may hold what a MongoDB key may not: a list of pairs."""
    pairs = [{"column": column, "field": name} for column, name in mapping.fields.items()]
    return {"fields": pairs, "date_format": mapping.date_format}


def _mapping(found: Document) -> ColumnMapping:
    return ColumnMapping({one["column"]: one["field"] for one in found["fields"]}, found["date_format"])


def _draft(found: Document) -> ImportDraft:
    own = {name: found[name] for name in ImportDraft.__dataclass_fields__ if name in found}
    return ImportDraft(
        **{
            **own,
            "id": found["_id"],
            "columns": tuple(found["columns"]),
            "samples": tuple(tuple(row) for row in found["samples"]),
            "mapping": _mapping(found["mapping"]),
            "counts": Counts(**found["counts"]),
            "merged": tuple(found["merged"]),
        }
    )
