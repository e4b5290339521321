"""Pick-up lists as documents, one per household, and the photos beside them, sealed."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from bson import Binary
from pymongo import IndexModel

from services.identity.domain.pickup import PickupList, PickupPerson
from services.identity.store.sealing import Sealer
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts import Event
from shared.errors import Conflict
from shared.mongo import CollectionSchema, Database, Document

PICKUP_LISTS = CollectionSchema(
    tells=True,
    validator={
        "bsonType": "object",
        "required": ["household_id", "persons", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^hsh_[0-9a-f]{32}$"},
            "persons": {
                "bsonType": "array",
                "items": {"bsonType": "object", "required": ["id", "child_ids", "valid_from", "valid_until"]},
            },
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)
PICKUP_PHOTOS = CollectionSchema(
    indexes=[IndexModel([("household_id", 1)], name="household")],
    validator={
        "bsonType": "object",
        "required": ["household_id", "sealed"],
        "properties": {"household_id": {"bsonType": "string"}, "sealed": {"bsonType": "binData"}},
    },
)
SHOWN = {"outbox": 0}


class PickupStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["pickup_lists"]
        self._wake = wake

    async def of(self, household_id: str) -> PickupList:
        found = await self._documents.find_one({"_id": household_id, "household_id": household_id}, SHOWN)
        return list_of(found) if found else PickupList(household_id=household_id)

    async def of_some(self, household_ids: Sequence[str]) -> list[PickupList]:
        found = self._documents.find({"_id": {"$in": list(household_ids)}}, SHOWN)
        return [list_of(one) async for one in found]

    async def save(self, persons: PickupList, municipality_id: str, events: Sequence[Event], at: datetime) -> None:
        """`municipality_id`: in whose name it is told. Raises `Conflict`."""
        write = Write(
            id=persons.household_id,
            version=persons.version,
            fields={
                "household_id": persons.household_id,
                "persons": [person_fields(one) for one in persons.persons],
                "heard": dict(persons.heard),
            },
            municipality_id=municipality_id,
            at=at,
            events=events,
            scope={"household_id": persons.household_id},
        )
        try:
            await write_all(self._documents, [write])
        except Duplicate:
            raise Conflict() from None
        self._wake("pickup_lists")


class PhotoStore:
    """JPEG bytes as `store.pictures` makes them: small enough for a document each."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._documents = db["pickup_photos"]
        self._sealer = sealer

    async def put(self, household_id: str, person_id: str, content: bytes) -> None:
        sealed = Binary(self._sealer.seal(content, person_id))
        asked = {"_id": person_id, "household_id": household_id}
        await self._documents.replace_one(asked, {"household_id": household_id, "sealed": sealed}, upsert=True)

    async def get(self, household_id: str, person_id: str) -> bytes | None:
        found = await self._documents.find_one({"_id": person_id, "household_id": household_id})
        return self._sealer.open(found["sealed"], person_id) if found else None

    async def drop(self, household_id: str, person_id: str) -> None:
        await self._documents.delete_one({"_id": person_id, "household_id": household_id})


def person_fields(one: PickupPerson) -> Document:
    until = one.valid_until.isoformat() if one.valid_until else None
    fields: dict[str, Any] = {**vars(one), "child_ids": list(one.child_ids)}
    return {**fields, "valid_from": one.valid_from.isoformat(), "valid_until": until}


def list_of(found: Document) -> PickupList:
    persons = tuple(_person(one) for one in found["persons"])
    heard = found.get("heard", {})
    return PickupList(household_id=found["household_id"], persons=persons, version=found["version"], heard=heard)


def _person(found: Document) -> PickupPerson:
    until = found["valid_until"]
    dates = {
        "valid_from": date.fromisoformat(found["valid_from"]),
        "valid_until": date.fromisoformat(until) if until else None,
    }
    return PickupPerson(**{**found, "child_ids": tuple(found["child_ids"]), **dates})
