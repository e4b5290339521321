"""One way to write an aggregate with its events: insert it at version 1, or compare-and-set its version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.contracts import Event
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import Collection, Document

DUPLICATE_KEY = 11000
CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class Write:
    """A document as it will be; `version` is the one it was read at, 0 for a new one; `scope` goes into the query."""

    id: str
    version: int
    fields: Document
    municipality_id: str
    at: datetime
    events: Sequence[Event] = ()
    scope: Mapping[str, Any] = field(default_factory=dict)

    def operation(self) -> InsertOne[Document] | UpdateOne:
        outbox = pack(
            self.events, subject=self.id, sequence=self.version + 1, municipality_id=self.municipality_id, at=self.at
        )
        if self.version == 0:
            return InsertOne({"_id": self.id, **self.fields, "version": 1, "outbox": outbox})
        asked: Document = {"_id": self.id, "version": self.version, **self.scope}
        change: Document = {"$set": self.fields, "$inc": {"version": 1}}
        return UpdateOne(asked, {**change, "$push": {"outbox": {"$each": outbox}}} if outbox else change)


class Duplicate(Exception):
    """A unique index refused a new document; says nothing of its content."""


async def write_all(
    collection: Collection, writes: Iterable[Write], *, session: AsyncIOMotorClientSession | None = None
) -> None:
    """Raises `Conflict` when a document changed since it was read, `Duplicate` when a key is taken.

    Outside a session others may be written all the same: callers repeat the whole and find them done.
    """
    left = iter(writes)
    # Made chunk by chunk: a whole town at once would keep the event loop for seconds.
    while chunk := [write.operation() for write in islice(left, CHUNK)]:
        await _write(collection, chunk, session)


async def _write(
    collection: Collection, operations: list[InsertOne[Document] | UpdateOne], session: AsyncIOMotorClientSession | None
) -> None:
    try:
        written = await collection.bulk_write(operations, ordered=session is not None, session=session)
    except BulkWriteError as error:
        if any(one["code"] == DUPLICATE_KEY for one in error.details["writeErrors"]):
            # Not chained: the driver's message quotes the key, which may be an address.
            raise Duplicate() from None
        raise
    if written.inserted_count + written.matched_count < len(operations):
        raise Conflict()
