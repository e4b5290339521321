"""Month sheets as documents: one conditional write per command, its facts in the same document.

`days` is `{"2026-11-23": {"repas": {"state": "booked", …}}}`; the activity's key leaves out the town, ids hold dots.
`idem` keeps the last keyed writes: their key is unique over all sheets, so that a key means one action only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError

from services.reservations.domain.sheet import Change, Done, Entry, Sheet, SheetKey, Slot
from shared.contracts import Event
from shared.errors import Conflict, KeyReused, Refused
from shared.messaging.envelope import pack
from shared.mongo import Collection, CollectionSchema, Database, Document
from shared.together import Together

COLLECTION = "sheets"
KEPT_KEYS = 20
# What a batch of writes fails with when another write created the same sheet first.
DUPLICATE = 11000
SHEETS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("household_id", 1), ("month", 1)], name="household"),
        IndexModel([("municipality_id", 1), ("programme_id", 1), ("month", 1)], name="programme"),
        IndexModel([("idem.k", 1)], name="keys", unique=True, partialFilterExpression={"idem.k": {"$exists": True}}),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "municipality_id", "child_id", "programme_id", "month", "revision", "version"],
        "properties": {
            "month": {"bsonType": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
            "revision": {"bsonType": ["int", "long"], "minimum": 1},
            "days": {"bsonType": "object"},
        },
    },
    tells=True,
)


class SheetStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._sheets: Collection = db[COLLECTION]
        self._wake = wake
        self._read_together = Together(self._read_all)
        self._written_together = Together(self._write_group)

    async def get(self, key: SheetKey) -> Sheet:
        """The sheet, empty when nothing was ever written in it."""
        return await self._read_together(key)

    async def _read_all(self, keys: Sequence[SheetKey]) -> list[Sheet]:
        scope = {
            "_id": {"$in": [key.id for key in keys]},
            "household_id": {"$in": sorted({key.household_id for key in keys})},
            "municipality_id": {"$in": sorted({key.municipality_id for key in keys})},
        }
        documents = await self._sheets.find(scope, {"outbox": 0}).to_list(len(keys))
        found = {sheet.key: sheet for sheet in map(_sheet, documents)}
        return [found.get(key) or Sheet(key=key) for key in keys]

    async def get_many(self, household_id: str, keys: Sequence[SheetKey]) -> dict[SheetKey, Sheet]:
        """Those of a household's sheets that are asked for; empty ones where nothing was written."""
        ids = [key.id for key in keys]
        cursor = self._sheets.find({"_id": {"$in": ids}, "household_id": household_id}, {"outbox": 0})
        found = {sheet.key: sheet for sheet in map(_sheet, await cursor.to_list(len(ids)))} if ids else {}
        return {key: found.get(key) or Sheet(key=key) for key in keys}

    async def of_household(self, household_id: str, first_month: str, last_month: str) -> list[Sheet]:
        months = {"$gte": first_month, "$lte": last_month}
        cursor = self._sheets.find({"household_id": household_id, "month": months}, {"outbox": 0, "idem": 0})
        return [_sheet(found) async for found in cursor]

    async def of_programme(
        self, municipality_id: str, programme_id: str, month: str, *, child_ids: Iterable[str] | None = None
    ) -> list[Sheet]:
        """Every sheet of a programme and month, or those of some children; for agents of the town."""
        wanted: Document = {"municipality_id": municipality_id, "programme_id": programme_id, "month": month}
        if child_ids is not None:
            wanted["_id"] = {"$in": [f"sht_{child_id}_{programme_id}_{month}" for child_id in child_ids]}
        return [_sheet(found) async for found in self._sheets.find(wanted, {"outbox": 0, "idem": 0})]

    async def open(self, key: SheetKey) -> None:
        """Make sure the sheet exists, so that a closing which runs now sees it."""
        await self._sheets.update_one(_scope(key), {"$setOnInsert": _new(key, revision=1)}, upsert=True)

    async def fence(self, key: SheetKey) -> Sheet:
        """The sheet after making every write that was decided on an older reading fail."""
        found = await self._sheets.find_one_and_update(
            _scope(key),
            {"$inc": {"revision": 1}, "$setOnInsert": _new(key)},
            {"outbox": 0},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _sheet(found)

    async def write(
        self, sheet: Sheet, change: Change, *, now: datetime, done: Done | None = None, undone: str = ""
    ) -> None:
        """Cells, facts and the trace of the key, at once or not at all. `undone`: a key whose trace is removed.

        Raises `Conflict` when the sheet changed since it was read, `KeyReused` when the key did something else.
        """
        await self._written_together(_operation(sheet, change, now, done, undone))
        if change.events:
            self._wake(COLLECTION)

    async def write_all(self, changes: Sequence[tuple[Sheet, Change]], *, now: datetime) -> bool:
        """Many sheets in one round trip; True when every write took place, else some did and some did not."""
        outcomes = await self._write_group([_operation(sheet, change, now, None, "") for sheet, change in changes])
        self._wake(COLLECTION)
        return not any(outcomes)

    async def _write_group(self, operations: Sequence[UpdateOne]) -> list[Refused | None]:
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


def _operation(sheet: Sheet, change: Change, now: datetime, done: Done | None, undone: str) -> UpdateOne:
    if not sheet.is_new:
        return UpdateOne(_unchanged(sheet), _update(sheet, change, now, done, undone))
    created = _created(sheet, change, now, done)
    # Matches nothing: it creates the sheet, or fails on the id when another write did.
    return UpdateOne({"_id": created.pop("_id"), "revision": -1}, {"$set": created}, upsert=True)


def _taken(failure: Document) -> Refused:
    return KeyReused() if "idem.k" in failure.get("keyPattern", ()) else Conflict()


def _scope(key: SheetKey) -> Document:
    return {"_id": key.id, "household_id": key.household_id, "municipality_id": key.municipality_id}


def _unchanged(sheet: Sheet) -> Document:
    return {**_scope(sheet.key), "revision": sheet.revision, "closed": {"$exists": False}}


def _new(key: SheetKey, **more: Any) -> Document:
    new = {"child_id": key.child_id, "programme_id": key.programme_id, "month": key.month, "version": 0, "days": {}}
    return {**new, **more}


def _created(sheet: Sheet, change: Change, now: datetime, done: Done | None) -> Document:
    days: Document = {}
    for (activity_id, day), entry in change.cells.items():
        if entry is not None:
            days.setdefault(day.isoformat(), {})[_code(activity_id)] = _cell(entry)
    created = {**_scope(sheet.key), **_new(sheet.key), "days": days, "revision": 1, "version": len(change.events)}
    if change.closes:
        created["closed"] = True
    if done:
        created["idem"] = [_trace(done)]
    return {**created, "outbox": _packed(sheet, change.events, now)}


def _update(sheet: Sheet, change: Change, now: datetime, done: Done | None, undone: str) -> Document:
    update: Document = {"$inc": {"revision": 1, "version": len(change.events)}}
    cells = {f"days.{day.isoformat()}.{_code(activity)}": entry for (activity, day), entry in change.cells.items()}
    values: Document = {path: _cell(entry) for path, entry in cells.items() if entry is not None}
    if change.closes:
        values["closed"] = True
    if values:
        update["$set"] = values
    if cleared := {path: "" for path, entry in cells.items() if entry is None}:
        update["$unset"] = cleared
    pushed: Document = {"outbox": {"$each": _packed(sheet, change.events, now)}} if change.events else {}
    if done:
        pushed["idem"] = {"$each": [_trace(done)], "$slice": -KEPT_KEYS}
    if pushed:
        update["$push"] = pushed
    if undone:
        update["$pull"] = {"idem": {"k": undone}}
    return update


def _packed(sheet: Sheet, events: Sequence[Event], now: datetime) -> list[dict[str, str]]:
    return [
        entry
        for sequence, event in enumerate(events, sheet.version + 1)
        for entry in pack(
            [event],
            subject=sheet.key.id,
            sequence=sequence,
            municipality_id=sheet.key.municipality_id,
            at=now,
        )
    ]


def _code(activity_id: str) -> str:
    return activity_id.split(".", 1)[1]


def _cell(entry: Entry) -> Document:
    cell = {
        "state": entry.state,
        "by": entry.by,
        "rule_version": entry.rule_version,
        "order_id": entry.order_id,
        "cancelled": entry.cancelled,
        "unbooked": entry.unbooked or None,
    }
    return {name: value for name, value in cell.items() if value is not None}


def _trace(done: Done) -> Document:
    lines = [f"{day.isoformat()}|{_code(activity_id)}|{outcome}" for (activity_id, day), outcome in done.lines]
    return {"k": done.key, "f": done.fingerprint, "lines": lines, "order_id": done.order_id}


def _sheet(found: Document) -> Sheet:
    town = found["municipality_id"]
    key = SheetKey(
        household_id=found["household_id"],
        municipality_id=town,
        child_id=found["child_id"],
        programme_id=found["programme_id"],
        month=found["month"],
    )
    days = {
        (f"{town}.{code}", date.fromisoformat(day)): Entry(**cell)
        for day, cells in found["days"].items()
        for code, cell in cells.items()
    }
    return Sheet(
        key=key,
        days=days,
        done=tuple(_done(trace, town) for trace in found.get("idem", ())),
        revision=found["revision"],
        version=found["version"],
        closed=found.get("closed", False),
    )


def _done(trace: Document, town: str) -> Done:
    lines = [line.split("|") for line in trace["lines"]]
    slots: list[tuple[Slot, Any]] = [
        ((f"{town}.{code}", date.fromisoformat(day)), outcome) for day, code, outcome in lines
    ]
    return Done(key=trace["k"], fingerprint=trace["f"], lines=tuple(slots), order_id=trace["order_id"])
