"""Yearly confirmations as documents: one per town and household."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, datetime

from pymongo import IndexModel

from services.identity.domain.confirmations import Confirmation
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts import Event
from shared.errors import Conflict
from shared.mongo import CollectionSchema, Database, Document

CONFIRMATIONS = CollectionSchema(
    tells=True,
    indexes=[
        IndexModel([("municipality_id", 1), ("confirmed_at", 1), ("_id", 1)], name="town"),
        IndexModel([("household_id", 1)], name="household"),
    ],
    validator={
        "bsonType": "object",
        "required": ["municipality_id", "household_id", "until", "asked_at", "confirmed_at", "version"],
        "properties": {
            "household_id": {"bsonType": "string", "pattern": "^hsh_[0-9a-f]{32}$"},
            "until": {"bsonType": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "asked_at": {"bsonType": "date"},
            "confirmed_at": {"bsonType": ["date", "null"]},
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)
SHOWN = {"outbox": 0}
CHUNK = 500


class ConfirmationStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["confirmations"]
        self._households = db["households"]
        self._wake = wake

    async def joined(self, municipality_id: str) -> AsyncIterator[list[str]]:
        """The households of the town, some at a time."""
        found = self._households.find({"adhesions.municipality_id": municipality_id}, {"_id": 1}, sort=[("_id", 1)])
        while chunk := await found.to_list(CHUNK):
            yield [one["_id"] for one in chunk]

    async def of_town(self, municipality_id: str, household_ids: Sequence[str]) -> dict[str, Confirmation]:
        asked = {"municipality_id": municipality_id, "household_id": {"$in": list(household_ids)}}
        found = [_confirmation(one) async for one in self._documents.find(asked, SHOWN)]
        return {one.household_id: one for one in found}

    async def of_household(self, household_id: str) -> list[Confirmation]:
        found = self._documents.find({"household_id": household_id}, SHOWN, sort=[("until", 1)])
        return [_confirmation(one) async for one in found]

    async def missing(self, municipality_id: str, after: str, limit: int) -> list[Confirmation]:
        """Those who have not answered, after the household `after`."""
        asked = {"municipality_id": municipality_id, "confirmed_at": None, "_id": {"$gt": f"{municipality_id}/{after}"}}
        found = self._documents.find(asked, SHOWN, sort=[("_id", 1)], limit=limit)
        return [_confirmation(one) for one in await found.to_list(limit)]

    async def counts(self, municipality_id: str) -> tuple[int, int]:
        """Asked in all, and confirmed."""
        town: Document = {"municipality_id": municipality_id}
        asked = await self._documents.count_documents(town)
        return asked, await self._documents.count_documents({**town, "confirmed_at": {"$ne": None}})

    async def save_all(
        self, municipality_id: str, changed: Sequence[tuple[Confirmation, Sequence[Event]]], at: datetime
    ) -> None:
        """Raises `Conflict`."""
        writes = (_write(one, events, municipality_id, at) for one, events in changed)
        try:
            await write_all(self._documents, writes)
        except Duplicate:
            raise Conflict() from None
        finally:
            self._wake("confirmations")


def _write(one: Confirmation, events: Sequence[Event], municipality_id: str, at: datetime) -> Write:
    fields = {**vars(one), "until": one.until.isoformat()}
    del fields["version"]
    return Write(
        id=one.id,
        version=one.version,
        fields=fields,
        municipality_id=municipality_id,
        at=at,
        events=events,
        scope={"municipality_id": municipality_id},
    )


def _confirmation(found: Document) -> Confirmation:
    fields = {name: value for name, value in found.items() if name != "_id"}
    return Confirmation(**{**fields, "until": date.fromisoformat(found["until"])})
