"""Change requests as documents; a decision is one transaction with what it changes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.identity.domain.change_effects import Effect
from services.identity.domain.changes import ChangeRequest, ChangeWaits
from services.identity.domain.custody import Custody
from services.identity.store.custody import custody_write
from services.identity.store.family_files import file_write
from services.identity.store.households import household_write
from services.identity.store.together import Part, write_together
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts import Event
from shared.errors import Conflict, NotFound
from shared.mongo import CollectionSchema, Database, Document

CHANGES = CollectionSchema(
    tells=True,
    indexes=[
        IndexModel([("household_id", 1), ("_id", -1)], name="household"),
        IndexModel([("municipality_id", 1), ("state", 1), ("_id", -1)], name="town"),
        # Two taps, or two parents: the same thing waits for an answer once.
        IndexModel(
            [("waiting", 1)], name="waiting_once", unique=True, partialFilterExpression={"waiting": {"$gt": ""}}
        ),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "municipality_id", "kind", "state", "old", "new", "requested_at", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^chg_[0-9a-f]{32}$"},
            "kind": {"enum": ["guardian_name", "child_name", "child_added", "child_removed", "custody"]},
            "state": {"enum": ["requested", "accepted", "refused", "withdrawn"]},
            "requested_at": {"bsonType": "date"},
            "decided_at": {"bsonType": ["date", "null"]},
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)
SHOWN = {"outbox": 0, "waiting": 0}


class ChangeStore:
    """Of a household for guardians, of a town for its agents: one of the two is in every question."""

    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._db = db
        self._documents = db["changes"]
        self._wake = wake

    async def add(self, change: ChangeRequest, events: Sequence[Event]) -> None:
        """Raises `ChangeWaits` when the same is asked already."""
        await self._write(change, events, change.requested_at)

    async def save(self, change: ChangeRequest, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""
        await self._write(change, events, at)

    async def decide(
        self,
        change: ChangeRequest,
        events: Sequence[Event],
        at: datetime,
        *,
        effect: Effect | None = None,
        custody: Custody | None = None,
    ) -> None:
        """The answer and what it changes, all or nothing. Raises `Conflict`, `Unavailable`."""
        town = change.municipality_id
        parts: list[Part] = [("changes", _write_of(change, events, at), Conflict)]
        if effect:
            household = household_write(effect.household, town, at, effect.events)
            parts.append(("households", household, Conflict))
            if effect.file:
                parts.append(("family_files", file_write(effect.file, town, at), Conflict))
        if custody:
            parts.append(("custody", custody_write(custody, at), Conflict))
        await write_together(self._db, parts)
        for name, _, _ in parts:
            self._wake(name)

    async def of_household(self, household_id: str, limit: int = 200) -> list[ChangeRequest]:
        """Newest first."""
        found = self._documents.find({"household_id": household_id}, SHOWN, sort=[("_id", -1)], limit=limit)
        return [_change(one) for one in await found.to_list(limit)]

    async def count_waiting(self, household_id: str) -> int:
        return await self._documents.count_documents({"household_id": household_id, "state": "requested"})

    async def own(self, change_id: str, household_id: str) -> ChangeRequest:
        """Raises `NotFound`."""
        return await self._one({"_id": change_id, "household_id": household_id})

    async def of_towns(self, change_id: str, municipality_ids: frozenset[str]) -> ChangeRequest:
        """Raises `NotFound`."""
        return await self._one({"_id": change_id, "municipality_id": {"$in": sorted(municipality_ids)}})

    async def page(self, municipality_id: str, state: str, after: str, limit: int) -> list[ChangeRequest]:
        """Newest first, older than `after`; `state` empty for all."""
        asked: Document = {"municipality_id": municipality_id}
        if state:
            asked["state"] = state
        if after:
            asked["_id"] = {"$lt": after}
        found = self._documents.find(asked, SHOWN, sort=[("_id", -1)], limit=limit)
        return [_change(one) for one in await found.to_list(limit)]

    async def _one(self, asked: Document) -> ChangeRequest:
        found = await self._documents.find_one(asked, SHOWN)
        if found is None:
            raise NotFound()
        return _change(found)

    async def _write(self, change: ChangeRequest, events: Sequence[Event], at: datetime) -> None:
        try:
            await write_all(self._documents, [_write_of(change, events, at)])
        except Duplicate:
            raise ChangeWaits() from None
        self._wake("changes")


def _write_of(change: ChangeRequest, events: Sequence[Event], at: datetime) -> Write:
    fields: dict[str, Any] = {**vars(change), "old": dict(change.old), "new": dict(change.new)}
    del fields["id"], fields["version"]
    # Of new children several may wait; of anything else one.
    named = change.about or "/".join(str(value) for value in change.new.values())
    fields["waiting"] = f"{change.household_id}/{change.kind}/{named}" if change.waits else ""
    return Write(
        id=change.id,
        version=change.version,
        fields=fields,
        municipality_id=change.municipality_id,
        at=at,
        events=events,
        scope={"household_id": change.household_id, "municipality_id": change.municipality_id},
    )


def _change(found: Document) -> ChangeRequest:
    fields = {name: value for name, value in found.items() if name != "_id"}
    return ChangeRequest(id=found["_id"], **fields)
