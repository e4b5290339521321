"""Family files as documents."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from pymongo import IndexModel

from services.identity.domain.families import Family, FamilyFile, FileChild, FileGuardian
from services.identity.domain.imports import FileChange
from services.identity.store.invitations import INVITATION, invitation_fields, invitation_of
from services.identity.store.search_terms import LIKES_INDEX, SEARCH_INDEX, search_fields
from services.identity.store.writes import Duplicate, Write, write_all
from shared.errors import Conflict, NotFound
from shared.mongo import CollectionSchema, Database, Document
from shared.text import plain

FAMILY_FILES = CollectionSchema(
    tells=True,
    indexes=[
        IndexModel([("municipality_id", 1), ("family.reference", 1)], name="reference", unique=True),
        IndexModel([("municipality_id", 1), ("sort_name", 1), ("_id", 1)], name="by_name"),
        IndexModel([("family.email", 1)], name="email"),
        SEARCH_INDEX,
        LIKES_INDEX,
        IndexModel([("municipality_id", 1), ("family.children.reference", 1)], name="child_reference"),
        IndexModel(
            [("invitation.code_hash", 1)],
            name="code",
            unique=True,
            partialFilterExpression={"invitation.code_hash": {"$exists": True}},
        ),
        IndexModel(
            [("invitation.typed_hash", 1)],
            name="typed_code",
            unique=True,
            partialFilterExpression={"invitation.typed_hash": {"$exists": True}},
        ),
    ],
    validator={
        "bsonType": "object",
        "required": ["municipality_id", "family", "household_id", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^ff_[0-9a-f]{32}$"},
            "municipality_id": {"bsonType": "string"},
            "family": {"bsonType": "object", "required": ["reference", "name", "email", "guardians", "children"]},
            "invitation": INVITATION,
            "household_id": {"bsonType": "string", "pattern": "^(hsh_[0-9a-f]{32})?$"},
            "search": {"bsonType": "object", "required": ["terms", "text"]},
            "adopted": {"bsonType": "array", "items": {"required": ["reference", "birth_date"]}},
            "merged_into": {"bsonType": "string", "pattern": "^(ff_[0-9a-f]{32})?$"},
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)
SHOWN = {"outbox": 0}
# Not merged into another one; files kept before there were merges do not say.
STANDING: Document = {"merged_into": {"$in": ["", None]}}


class FamilyFileStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["family_files"]
        self._wake = wake

    async def by_code(self, hashed: str) -> FamilyFile | None:
        found = await self._documents.find_one({"invitation.code_hash": hashed}, SHOWN)
        return file_of(found) if found else None

    async def by_typed_code(self, hashed: str) -> FamilyFile | None:
        found = await self._documents.find_one({"invitation.typed_hash": hashed}, SHOWN)
        return file_of(found) if found else None

    async def open_at(self, email: str) -> list[FamilyFile]:
        """Files of any town that were invited at this address and did not join."""
        asked = {"family.email": email, "household_id": "", "invitation.code_hash": {"$exists": True}, **STANDING}
        return [file_of(found) async for found in self._documents.find(asked, SHOWN)]

    async def get(self, file_id: str, municipality_ids: frozenset[str]) -> FamilyFile:
        """Raises `NotFound` when there is none in these towns."""
        asked = {"_id": file_id, "municipality_id": {"$in": sorted(municipality_ids)}}
        found = await self._documents.find_one(asked, SHOWN)
        if found is None:
            raise NotFound()
        return file_of(found)

    async def child_named(self, municipality_id: str, reference: str) -> FileChild | None:
        """The child with this reference, as one of the town's files has it."""
        asked = {"municipality_id": municipality_id, "family.children.reference": reference, **STANDING}
        found = await self._documents.find_one(asked, SHOWN)
        children = file_of(found).family.children if found else ()
        return next((child for child in children if child.reference == reference), None)

    async def by_reference(self, municipality_id: str, references: Sequence[str]) -> dict[str, FamilyFile]:
        asked = {"municipality_id": municipality_id, "family.reference": {"$in": list(references)}}
        files = [file_of(found) for found in await self._documents.find(asked, SHOWN).to_list(None)]
        return {file.family.reference: file for file in files}

    async def page(self, municipality_id: str, after: str, limit: int) -> list[FamilyFile]:
        """By family name, after the file `after` (empty: from the start). Raises `NotFound` if it is another town's."""
        asked: Document = {"municipality_id": municipality_id, **STANDING}
        if after:
            last = await self._documents.find_one({**asked, "_id": after}, {"sort_name": 1})
            if last is None:
                raise NotFound()
            name = last["sort_name"]
            asked["$or"] = [{"sort_name": {"$gt": name}}, {"sort_name": name, "_id": {"$gt": after}}]
        found = self._documents.find(asked, SHOWN, sort=[("sort_name", 1), ("_id", 1)], limit=limit)
        return [file_of(one) for one in await found.to_list(limit)]

    async def each(self, municipality_id: str, at_once: int) -> AsyncIterator[list[FamilyFile]]:
        """All of the town by family name, some at a time; those written meanwhile may be missed."""
        after = ""
        while some := await self.page(municipality_id, after, at_once):
            yield some
            after = some[-1].id

    async def save_all(self, municipality_id: str, changes: list[FileChange], at: datetime) -> None:
        """Raises `Conflict`."""
        writes = (file_write(change.file, municipality_id, at, change) for change in changes)
        try:
            await write_all(self._documents, writes)
        except Duplicate:
            raise Conflict() from None
        finally:
            self._wake("family_files")


def file_write(file: FamilyFile, municipality_id: str, at: datetime, change: FileChange | None = None) -> Write:
    return Write(
        id=file.id,
        version=file.version,
        fields=_fields(file),
        municipality_id=municipality_id,
        at=at,
        events=change.events if change else (),
        scope={"municipality_id": municipality_id},
    )


def _fields(file: FamilyFile) -> Document:
    fields: Document = {
        "municipality_id": file.municipality_id,
        "family": _family_fields(file.family),
        "sort_name": plain(file.family.name),
        "household_id": file.household_id,
        "search": search_fields(file),
        "adopted": [_child_fields(child) for child in file.adopted],
        # References are the town's own text, which may hold what a MongoDB key may not: a list of pairs.
        "aliases": [{"reference": alias, "same_as": own} for alias, own in file.aliases.items()],
        "merged_into": file.merged_into,
    }
    if file.invitation:
        fields["invitation"] = invitation_fields(file.invitation)
    return fields


def _family_fields(family: Family) -> Document:
    return {**asdict(family), "children": [_child_fields(child) for child in family.children]}


def _child_fields(child: FileChild) -> Document:
    return {**asdict(child), "birth_date": child.birth_date.isoformat()}


def file_of(found: Document) -> FamilyFile:
    return FamilyFile(
        id=found["_id"],
        municipality_id=found["municipality_id"],
        family=_family(found["family"]),
        invitation=invitation_of(found.get("invitation")),
        household_id=found["household_id"],
        adopted=tuple(_child(one) for one in found.get("adopted", ())),
        aliases={one["reference"]: one["same_as"] for one in found.get("aliases", ())},
        merged_into=found.get("merged_into", ""),
        version=found["version"],
    )


def _child(found: Document) -> FileChild:
    return FileChild(**{**found, "birth_date": date.fromisoformat(found["birth_date"])})


def _family(found: Document) -> Family:
    return Family(
        **{
            **found,
            "guardians": tuple(FileGuardian(**one) for one in found["guardians"]),
            "children": tuple(_child(one) for one in found["children"]),
        }
    )
