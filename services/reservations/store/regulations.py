"""Regulations as documents: drafts, and every version that was ever published, with who did it and when."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from services.reservations.domain.editions import Edition, Signed
from services.reservations.domain.regulation import Regulation
from shared.errors import Conflict, NotFound
from shared.messaging.envelope import pack
from shared.mongo import Collection as Documents
from shared.mongo import CollectionSchema, Database, Document

COLLECTION = "regulations"
REGULATIONS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("municipality_id", 1), ("programme_id", 1), ("version", -1)], name="programme"),
        IndexModel(
            [("programme_id", 1), ("version", 1)],
            name="published",
            unique=True,
            partialFilterExpression={"state": "published"},
        ),
    ],
    validator={
        "bsonType": "object",
        "required": ["_id", "municipality_id", "programme_id", "state", "version", "regulation", "revision"],
        "properties": {"state": {"enum": ["draft", "published"]}},
    },
    tells=True,
)


class RegulationStore:
    def __init__(self, db: Database) -> None:
        self._regulations: Documents = db[COLLECTION]

    async def of_programme(self, municipality_id: str, programme_id: str) -> list[Edition]:
        """Drafts and published versions, newest first."""
        scope = {"municipality_id": municipality_id, "programme_id": programme_id}
        cursor = self._regulations.find(scope, {"outbox": 0}, sort=[("version", -1), ("_id", -1)], limit=500)
        return [edition_of(found) async for found in cursor]

    async def get(self, edition_id: str, towns: Collection[str]) -> Edition:
        """That of one of these towns. Raises `NotFound`."""
        scope = {"_id": edition_id, "municipality_id": {"$in": sorted(towns)}}
        found = await self._regulations.find_one(scope, {"outbox": 0})
        if found is None:
            raise NotFound()
        return edition_of(found)

    async def add(self, draft: Edition) -> None:
        await self._regulations.insert_one(edition_document(draft))

    async def save(self, draft: Edition) -> None:
        """A draft's next revision. Raises `Conflict` when it changed meanwhile."""
        written = await self._regulations.replace_one(_before(draft), edition_document(draft))
        if not written.matched_count:
            raise Conflict()

    async def drop(self, draft: Edition) -> None:
        """Raises `Conflict` when it changed meanwhile."""
        same = {"_id": draft.id, "municipality_id": draft.municipality_id, "state": "draft"}
        gone = await self._regulations.delete_one({**same, "revision": draft.revision})
        if not gone.deleted_count:
            raise Conflict()


async def publish(
    regulations: Documents, editions: Sequence[Edition], at: datetime, session: AsyncIOMotorClientSession
) -> None:
    """Within a transaction. Raises `Conflict` when a draft changed, or its version was published, meanwhile."""
    for edition in editions:
        document = {**edition_document(edition), "outbox": _told(edition, at)}
        try:
            if edition.revision == 1:
                await regulations.insert_one(document, session=session)
                continue
            written = await regulations.replace_one(_before(edition), document, session=session)
        except DuplicateKeyError:
            raise Conflict() from None
        if not written.matched_count:
            raise Conflict()


def _told(edition: Edition, at: datetime) -> list[dict[str, str]]:
    return pack(
        [edition.event],
        subject=edition.id,
        sequence=edition.revision,
        municipality_id=edition.municipality_id,
        at=at,
    )


def _before(edition: Edition) -> Document:
    same = {"_id": edition.id, "municipality_id": edition.municipality_id, "state": "draft"}
    return {**same, "revision": edition.revision - 1}


def edition_document(edition: Edition) -> Document:
    return {
        "_id": edition.id,
        "municipality_id": edition.municipality_id,
        "programme_id": edition.programme_id,
        "state": edition.state,
        "version": edition.regulation.version,
        "regulation": edition.regulation.model_dump(mode="json"),
        "based_on": edition.based_on,
        "revision": edition.revision,
        "made": vars(edition.made),
        "changed": vars(edition.changed),
        "published": vars(edition.published) if edition.published else None,
    }


def edition_of(found: Mapping[str, Any]) -> Edition:
    return Edition(
        id=found["_id"],
        municipality_id=found["municipality_id"],
        programme_id=found["programme_id"],
        state=found["state"],
        regulation=Regulation.model_validate(found["regulation"]),
        based_on=found["based_on"],
        revision=found["revision"],
        made=Signed(**found["made"]),
        changed=Signed(**found["changed"]),
        published=Signed(**found["published"]) if found["published"] else None,
    )
