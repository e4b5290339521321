"""The only place besides the stores that names the driver: connection, schema, and the aliases they share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, TypeAlias

import pymongo
from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import IndexModel, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

Document: TypeAlias = dict[str, Any]
Collection: TypeAlias = AsyncIOMotorCollection[Document]
Database: TypeAlias = AsyncIOMotorDatabase[Document]
Client: TypeAlias = AsyncIOMotorClient[Document]

# Every collection whose documents tell events has it; it holds only documents with something to tell.
OUTBOX_INDEX = IndexModel([("outbox.id", 1)], name="outbox", partialFilterExpression={"outbox.id": {"$exists": True}})


LONGEST_BUILD_SECONDS = 6 * 3600


@dataclass(frozen=True)
class CollectionSchema:
    """What a collection must have: indexes, and a JSON Schema its documents are held to."""

    indexes: Sequence[IndexModel] = ()
    validator: Mapping[str, Any] | None = None
    tells: bool = False
    """Documents carry an outbox."""
    dropped: Sequence[str] = ()
    """Names of indexes that earlier versions had and this one must not have."""


@dataclass(frozen=True)
class Schema:
    """A service's database at a version; raise the version with every change."""

    version: int
    collections: Mapping[str, CollectionSchema] = field(default_factory=dict)

    @property
    def telling(self) -> list[str]:
        return [name for name, collection in self.collections.items() if collection.tells]


class SchemaTooOld(Exception):
    """The database was not migrated to what this code needs: run `python -m services.<service> migrate`."""


def connect(url: str) -> Client:
    """A client for majority reads and writes that gives up after 5 s rather than hang through a failover."""
    return AsyncIOMotorClient(
        url, tz_aware=True, tzinfo=UTC, serverSelectionTimeoutMS=5_000, socketTimeoutMS=10_000, retryWrites=True
    )


def database(client: Client, name: str) -> Database:
    return client.get_database(
        name,
        codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
        write_concern=WriteConcern(w="majority"),
        read_concern=ReadConcern("majority"),
    )


async def keep_newest(collection: Collection, key: str, state: Mapping[str, Any], sequence: int) -> None:
    """Make `state` the document `key` unless the one there is of this `sequence` or a later one."""
    older: Document = {"_id": key, "sequence": {"$lt": sequence}}
    document = {**state, "sequence": sequence}
    try:
        await collection.replace_one(older, document, upsert=True)
    except DuplicateKeyError:
        # There is one: as new or newer, unless an older one was made at this very moment.
        await collection.replace_one(older, document)


async def apply(db: Database, schema: Schema) -> None:
    """Create what is missing and raise the version; harmless when repeated."""
    existing = set(await db.list_collection_names())
    for name, wanted in schema.collections.items():
        if name not in existing:
            await db.create_collection(name)
        if wanted.validator:
            await db.command("collMod", name, validator={"$jsonSchema": dict(wanted.validator)})
        if wanted.dropped:
            for index in await db[name].index_information():
                if index in wanted.dropped:
                    await db[name].drop_index(index)
        indexes = [*wanted.indexes, *([OUTBOX_INDEX] if wanted.tells else [])]
        if indexes:
            await build(db[name], indexes)
    await db["schema"].update_one({"_id": "version"}, {"$max": {"version": schema.version}}, upsert=True)


async def build(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    """Over millions of documents that takes longer than any request may; no limit would leave the socket's."""
    with pymongo.timeout(LONGEST_BUILD_SECONDS):
        await collection.create_indexes(list(indexes))


async def check(db: Database, schema: Schema) -> None:
    """Raises `SchemaTooOld` when `migrate` has not run for this version; newer is fine (roll-back)."""
    found = await db["schema"].find_one({"_id": "version"})
    if found is None or found["version"] < schema.version:
        raise SchemaTooOld(f"{db.name} is at {found and found['version']}, this code needs {schema.version}")
