"""Month sheets: one conditional write per command, its facts in the same document (`sheet_documents`)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pymongo import IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.reservations.domain.sheet import Change, Done, Sheet, SheetKey, Slot
from services.reservations.store.sheet_documents import created, new_sheet, scope_of, sheet_of, unchanged, update_of
from shared.errors import Conflict, KeyReused, Refused
from shared.mongo import Collection as Documents
from shared.mongo import CollectionSchema, Database, Document
from shared.together import Together

COLLECTION = "sheets"
# What a batch of writes fails with when another write created the same sheet first.
DUPLICATE = 11000
SHEETS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("household_id", 1), ("month", 1)], name="household"),
        IndexModel([("municipality_id", 1), ("programme_id", 1), ("month", 1)], name="programme"),
        # Of children of two households only: what one booked, the other cannot, also at the same moment.
        IndexModel(
            [("claims", 1)], name="claims", unique=True, partialFilterExpression={"claims.0": {"$exists": True}}
        ),
        IndexModel(
            [("municipality_id", 1), ("month", 1)], name="pending", partialFilterExpression={"pending": {"$gt": 0}}
        ),
        IndexModel([("idem.k", 1)], name="keys", unique=True, partialFilterExpression={"idem.k": {"$exists": True}}),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "municipality_id", "child_id", "programme_id", "month", "revision", "version"],
        "properties": {
            "month": {"bsonType": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
            "revision": {"bsonType": ["int", "long"], "minimum": 1},
            "days": {"bsonType": "object"},
            "claims": {"bsonType": "array", "items": {"bsonType": "string"}},
        },
    },
    tells=True,
)


class SheetStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._sheets: Documents = db[COLLECTION]
        self._wake = wake
        self._read_together = Together(self._read_all)
        self._written_together = Together(self._write_group)

    async def get(self, key: SheetKey) -> Sheet:
        """The sheet, empty when nothing was ever written in it."""
        return await self._read_together(key)

    async def _read_all(self, keys: Sequence[SheetKey]) -> list[Sheet]:
        scope = {
            "_id": {"$in": _names(keys)},
            "household_id": {"$in": sorted({key.household_id for key in keys})},
            "municipality_id": {"$in": sorted({key.municipality_id for key in keys})},
        }
        documents = await self._sheets.find(scope, {"outbox": 0}).to_list(None)
        found = {sheet.key: sheet for sheet in map(sheet_of, documents)}
        return [found.get(key) or Sheet(key=key) for key in keys]

    async def get_many(self, household_id: str, keys: Sequence[SheetKey]) -> dict[SheetKey, Sheet]:
        """Those of a household's sheets that are asked for; empty ones where nothing was written."""
        names = _names(keys)
        cursor = self._sheets.find({"_id": {"$in": names}, "household_id": household_id}, {"outbox": 0})
        found = {sheet.key: sheet for sheet in map(sheet_of, await cursor.to_list(None))} if names else {}
        return {key: found.get(key) or Sheet(key=key) for key in keys}

    async def elsewhere(self, key: SheetKey, households: Collection[str]) -> frozenset[Slot]:
        """What the child's other households have booked or used in the same programme and month."""
        scope = {
            "_id": {"$in": _names(replace(key, household_id=one) for one in sorted(households))},
            "household_id": {"$in": sorted(households)},
            "municipality_id": key.municipality_id,
        }
        sheets = [sheet_of(found) async for found in self._sheets.find(scope, {"outbox": 0, "idem": 0})]
        return frozenset(slot for sheet in sheets for slot, entry in sheet.days.items() if entry.state != "cancelled")

    async def of_household(self, household_id: str, first_month: str, last_month: str) -> list[Sheet]:
        months = {"$gte": first_month, "$lte": last_month}
        cursor = self._sheets.find({"household_id": household_id, "month": months}, {"outbox": 0, "idem": 0})
        return [sheet_of(found) async for found in cursor]

    async def of_programme(
        self, municipality_id: str, programme_id: str, month: str, *, keys: Iterable[SheetKey] | None = None
    ) -> list[Sheet]:
        """Every sheet of a programme and month, or some of them; for agents of the town."""
        wanted: Document = {"municipality_id": municipality_id, "programme_id": programme_id, "month": month}
        if keys is not None:
            wanted["_id"] = {"$in": _names(keys)}
        return [sheet_of(found) async for found in self._sheets.find(wanted, {"outbox": 0, "idem": 0})]

    async def reopen(self, municipality_id: str, programme_id: str, month: str) -> None:
        """Every closed sheet of a programme's month can change again; what was decided on it before fails."""
        closed = {"municipality_id": municipality_id, "programme_id": programme_id, "month": month, "closed": True}
        await self._sheets.update_many(closed, {"$unset": {"closed": ""}, "$inc": {"revision": 1}})

    async def undecided(self, municipality_id: str) -> list[Sheet]:
        """Every sheet of the town with days that wait for an agent."""
        wanted = {"municipality_id": municipality_id, "pending": {"$gt": 0}}
        return [sheet_of(found) async for found in self._sheets.find(wanted, {"outbox": 0, "idem": 0})]

    async def open(self, key: SheetKey) -> None:
        """Make sure the sheet exists, so that a closing which runs now sees it."""
        await self._upserted(key, {"$setOnInsert": new_sheet(key, revision=1)})

    async def fence(self, key: SheetKey) -> Sheet:
        """The sheet after making every write that was decided on an older reading fail."""
        return sheet_of(await self._upserted(key, {"$inc": {"revision": 1}, "$setOnInsert": new_sheet(key)}))

    async def _upserted(self, key: SheetKey, change: Document) -> Document:
        """The household's sheet after a change, made under the first of its names that is free when there is none."""
        known = {**scope_of(key), "_id": {"$in": [key.id, key.second_id]}}
        found = await self._changed(known, change, upsert=False)
        return found or await self._made(key, change)

    async def _made(self, key: SheetKey, change: Document) -> Document:
        try:
            return await self._changed({**scope_of(key), "_id": key.id}, change, upsert=True)
        except DuplicateKeyError:
            # The other household's, or this one's, made by another write at this moment.
            own = await self._changed({**scope_of(key), "_id": key.id}, change, upsert=False)
            return own or await self._changed({**scope_of(key), "_id": key.second_id}, change, upsert=True)

    async def _changed(self, asked: Document, change: Document, *, upsert: bool) -> Document:
        found: Document = await self._sheets.find_one_and_update(
            asked, change, {"outbox": 0}, upsert=upsert, return_document=ReturnDocument.AFTER
        )
        return found

    async def write(
        self, sheet: Sheet, change: Change, *, now: datetime, done: Done | None = None, undone: str = ""
    ) -> None:
        """Cells, facts and the trace of the key, at once or not at all. `undone`: a key whose trace is removed.

        Raises `Conflict` when the sheet changed since it was read, `KeyReused` when the key did something else.
        """
        await self._written_together(_Writing(sheet, change, now, done, undone))
        if change.events:
            self._wake(COLLECTION)

    async def write_all(self, changes: Sequence[tuple[Sheet, Change]], *, now: datetime) -> bool:
        """Many sheets in one round trip; True when every write took place, else some did and some did not."""
        outcomes = await self._write_group([_Writing(sheet, change, now) for sheet, change in changes])
        self._wake(COLLECTION)
        return not any(outcomes)

    async def _write_group(self, writings: Sequence["_Writing"]) -> list[Refused | None]:
        outcomes = await self._write_once([writing.operation() for writing in writings])
        for at, outcome in enumerate(outcomes):
            if isinstance(outcome, _NameTaken):
                outcomes[at] = await self._write_beside(writings[at])
        return outcomes

    async def _write_beside(self, writing: "_Writing") -> Refused | None:
        """A new sheet whose name is taken: by the child's other household, or by another write of this one."""
        key = writing.sheet.key
        taken = await self._sheets.find_one(
            {"_id": key.id, "municipality_id": key.municipality_id}, {"household_id": 1}
        )
        if taken is None or taken["household_id"] == key.household_id:
            return Conflict()
        (outcome,) = await self._write_once([writing.operation(key.second_id)])
        return outcome

    async def _write_once(self, operations: Sequence[UpdateOne]) -> list[Refused | None]:
        """What each write failed with. The database counts those that took place and does not name them: when some
        did not, all are answered `Conflict`, and their callers read again what they may have done already.
        """
        failed: dict[int, Refused] = {}
        took: Mapping[str, Any]
        try:
            took = (await self._sheets.bulk_write(list(operations), ordered=False)).bulk_api_result
        except BulkWriteError as error:
            took = error.details
            if took["writeConcernErrors"] or any(one["code"] != DUPLICATE for one in took["writeErrors"]):
                raise
            failed = {one["index"]: _taken(one) for one in took["writeErrors"]}
        unnamed = len(operations) - len(failed) - took["nMatched"] - took["nUpserted"]
        return [failed.get(index, Conflict() if unnamed else None) for index in range(len(operations))]


class _NameTaken(Conflict):
    """There is a sheet of that name already."""


@dataclass(frozen=True)
class _Writing:
    sheet: Sheet
    change: Change
    now: datetime
    done: Done | None = None
    undone: str = ""

    def operation(self, name: str = "") -> UpdateOne:
        """`name`: for a new sheet, when its first name is taken."""
        sheet = replace(self.sheet, name=name) if name else self.sheet
        if not sheet.is_new:
            return UpdateOne(unchanged(sheet), update_of(sheet, self.change, self.now, self.done, self.undone))
        document = created(sheet, self.change, self.now, self.done)
        # Matches nothing: it creates the sheet, or fails on the id when another write did.
        return UpdateOne({"_id": sheet.id, "revision": -1}, {"$set": document}, upsert=True)


def _taken(failure: Document) -> Refused:
    pattern = failure.get("keyPattern", ())
    if "idem.k" in pattern:
        return KeyReused()
    return _NameTaken() if "_id" in pattern else Conflict()


def _names(keys: Iterable[SheetKey]) -> list[str]:
    """Under which the sheets may be kept; whose they are is asked besides."""
    return [name for key in keys for name in (key.id, key.second_id)]
