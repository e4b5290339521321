"""How a frozen value becomes a MongoDB document and back, and the one conditional write every change is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from pydantic import TypeAdapter
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.billing.domain.postings import Posting
from shared.errors import Conflict
from shared.mongo import Collection, Document


class Versioned(Protocol):
    """`version` 0: not stored yet."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=Versioned)
T = TypeVar("T")


DUPLICATE = 11000
PLAIN = frozenset({str, int, bool, type(None), float, datetime})
_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    # Building one takes longer than a thousand documents.
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_document(value: Any) -> Document:
    """`id` becomes `_id`; days and decimals become text, instants stay instants."""
    document: Document = _plain(_adapter(type(value)).dump_python(value))
    document["_id"] = document.pop("id")
    return document


def plain(value: Any) -> Document:
    """A part of a document: like `to_document`, of a value without an id of its own."""
    document: Document = _plain(_adapter(type(value)).dump_python(value))
    return document


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        # Most parts are left as they are: asked here, they cost no call. A sheet of a month has hundreds.
        return {name: part if type(part) in PLAIN else _plain(part) for name, part in value.items()}
    if kind is tuple or kind is list:
        return [part if type(part) in PLAIN else _plain(part) for part in value]
    return str(value) if kind is date or kind is Decimal else value


def from_document(kind: type[T], document: Document) -> T:
    value: T = _adapter(kind).validate_python({**document, "id": document["_id"]})
    return value


def several(kind: type[T], documents: Sequence[Document]) -> list[T]:
    return [from_document(kind, document) for document in documents]


@dataclass(frozen=True, kw_only=True)
class Taken(Exception):
    """Something else has the unique value; `fields` names the index."""

    fields: tuple[str, ...]


def accompanied(entries: Sequence[Document], postings: Sequence[Posting]) -> dict[str, list[Document]]:
    """What a document carries until others have taken it: events for the relay, postings for the journal."""
    carried = {"outbox": list(entries), "unsealed": [posted(posting) for posting in postings]}
    return {name: parts for name, parts in carried.items() if parts}


def posted(posting: Posting) -> Document:
    document: Document = _plain(_adapter(Posting).dump_python(posting))
    return document


async def save(
    collection: Collection, value: V, entries: Sequence[Document] = (), postings: Sequence[Posting] = ()
) -> V:
    """Store the next version, its events and postings with it.

    Raises `Conflict` when it is not the next, `Taken` for an index. `entries`: packed with the sequence it gets.
    """
    changed = {**to_document(value), "version": value.version + 1}
    name = changed.pop("_id")
    carried = accompanied(entries, postings)
    try:
        if value.version == 0:
            await collection.insert_one({"_id": name, **changed, **carried})
        else:
            change: Document = {"$set": changed}
            if carried:
                change["$push"] = {field: {"$each": parts} for field, parts in carried.items()}
            result = await collection.update_one({"_id": name, "version": value.version}, change)
            if not result.matched_count:
                raise Conflict()
    except DuplicateKeyError as error:
        fields = tuple((error.details or {}).get("keyPattern", ()))
        if fields == ("_id",):
            raise Conflict() from None
        raise Taken(fields=fields) from None
    return replace(value, version=value.version + 1)  # type: ignore[type-var]  # every Versioned here is a dataclass


async def save_all(collection: Collection, values: Sequence[Versioned]) -> bool:
    """Store the next version of each in one round trip; False when at least one was not the next."""
    try:
        result = await collection.bulk_write([_next(value) for value in values], ordered=False)
    except BulkWriteError as error:
        if error.details["writeConcernErrors"] or any(one["code"] != DUPLICATE for one in error.details["writeErrors"]):
            raise
        return False
    return result.matched_count + result.upserted_count == len(values)


def _next(value: Versioned) -> UpdateOne:
    """A first version matches nothing and is inserted, or fails on its id."""
    changed = {**to_document(value), "version": value.version + 1}
    stored = {"_id": changed.pop("_id"), "version": value.version}
    return UpdateOne(stored, {"$set": changed}, upsert=value.version == 0)
