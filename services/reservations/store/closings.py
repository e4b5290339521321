"""Month closings as documents: one per programme, month and round; its last step tells that the month is closed.

Of the closings of a month all but the latest are `reopened`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.reservations.domain.closing import Anomaly, Closing, ClosingState, Reopening
from shared.messaging.envelope import pack
from shared.mongo import Collection, CollectionSchema, Database, Document

COLLECTION = "closings"
STALE_MS = 60_000
CLOSINGS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("municipality_id", 1), ("month", -1)], name="municipality"),
        IndexModel([("municipality_id", 1), ("key", 1)], name="key", unique=True),
        IndexModel([("seen", 1)], name="unfinished", partialFilterExpression={"state": "closing"}),
        IndexModel([("programme_id", 1), ("month", 1)], name="month"),
        IndexModel([("state", 1)], name="reopening", partialFilterExpression={"state": "reopening"}),
        IndexModel(
            [("municipality_id", 1), ("reopening.key", 1)],
            name="reopening_key",
            unique=True,
            partialFilterExpression={"reopening.key": {"$exists": True}},
        ),
    ],
    tells=True,
)


class ClosingStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._closings: Collection = db[COLLECTION]
        self._wake = wake

    async def begin(self, closing: Closing) -> Closing | None:
        """The closing with this key: this one, or the one begun with it before; None when the key is new and the
        month is being closed, or closed, by another.
        """
        document = {
            **asdict(closing),
            "_id": closing.id,
            "anomalies": [_anomaly_document(anomaly) for anomaly in closing.anomalies],
            "version": 0,
        }
        del document["id"]
        # A pipeline, because only a pipeline can read the database's clock.
        begun = [{"$replaceWith": {"$mergeObjects": [{"$literal": document}, {"seen": "$$NOW"}]}}]
        try:
            await self._closings.update_one({"_id": closing.id, "key": closing.key, "state": "new"}, begun, upsert=True)
        except DuplicateKeyError:
            return await self.by_key(closing.municipality_id, closing.key)
        return closing

    async def by_key(self, municipality_id: str, key: str) -> Closing | None:
        found = await self._closings.find_one({"municipality_id": municipality_id, "key": key}, {"outbox": 0})
        return _closing(found) if found else None

    async def exists(self, municipality_id: str, programme_id: str, month: str) -> bool:
        """Whether the month is closed, being closed or not wholly open again."""
        wanted = {"municipality_id": municipality_id, "programme_id": programme_id, "month": month}
        return await self._closings.find_one({**wanted, "state": {"$ne": "reopened"}}, {"_id": 1}) is not None

    async def latest(self, municipality_id: str, programme_id: str, month: str) -> Closing | None:
        wanted = {"municipality_id": municipality_id, "programme_id": programme_id, "month": month}
        found = await self._closings.find_one(wanted, {"outbox": 0}, sort=[("round", -1)])
        return _closing(found) if found else None

    async def of_municipality(
        self, municipality_id: str, programmes: Iterable[str] | None = None, limit: int = 200
    ) -> list[Closing]:
        """Latest first; `programmes` of the town, or all."""
        asked: Document = {"municipality_id": municipality_id}
        if programmes is not None:
            asked["programme_id"] = {"$in": sorted(programmes)}
        cursor = self._closings.find(asked, {"outbox": 0}, sort=[("month", -1), ("_id", 1)], limit=limit)
        return [_closing(found) async for found in cursor]

    async def finish(self, closing: Closing, sheets: int, *, now: datetime) -> Closing:
        """The closing, done: by this call or by another before it."""
        told = pack(
            [closing.told(sheets)], subject=closing.id, sequence=1, municipality_id=closing.municipality_id, at=now
        )
        await self._closings.update_one(
            {"_id": closing.id, "municipality_id": closing.municipality_id, "state": "closing"},
            {
                "$set": {"state": "closed", "sheets": sheets, "closed_at": now.astimezone(UTC), "version": 1},
                "$push": {"outbox": {"$each": told}},
            },
        )
        return await self._told(closing)

    async def _told(self, closing: Closing) -> Closing:
        self._wake(COLLECTION)
        found = await self._closings.find_one({"_id": closing.id, "municipality_id": closing.municipality_id})
        if found is None:
            raise LookupError(closing.id)
        return _closing(found)

    async def reopened_with(self, municipality_id: str, key: str) -> Closing | None:
        found = await self._closings.find_one({"municipality_id": municipality_id, "reopening.key": key}, {"outbox": 0})
        return _closing(found) if found else None

    async def begin_reopening(self, closing: Closing, reopening: Reopening) -> bool:
        """Take a closing back; False when it is no more closed, or the key took another one back."""
        change = {"state": "reopening", "reopening": asdict(reopening), "seen": reopening.at}
        scope = {"_id": closing.id, "municipality_id": closing.municipality_id, "state": "closed"}
        try:
            return bool((await self._closings.update_one(scope, {"$set": change})).matched_count)
        except DuplicateKeyError:
            return False

    async def finish_reopening(self, closing: Closing, *, now: datetime) -> Closing:
        told = pack(
            [closing.told_reopened()], subject=closing.id, sequence=2, municipality_id=closing.municipality_id, at=now
        )
        await self._closings.update_one(
            {"_id": closing.id, "municipality_id": closing.municipality_id, "state": "reopening"},
            {"$set": {"state": "reopened", "version": 2}, "$push": {"outbox": {"$each": told}}},
        )
        return await self._told(closing)

    async def take_stale(self) -> Closing | None:
        """One that was begun or last taken a minute ago and is not done: its process died or was cut off."""
        return await self._stale("closing") or await self._stale("reopening")

    async def _stale(self, state: ClosingState) -> Closing | None:
        found = await self._closings.find_one_and_update(
            {"state": state, "$expr": {"$lt": ["$seen", {"$subtract": ["$$NOW", STALE_MS]}]}},
            [{"$set": {"seen": "$$NOW"}}],
            return_document=ReturnDocument.AFTER,
        )
        return _closing(found) if found else None


def _anomaly_document(anomaly: Anomaly) -> Document:
    return {**asdict(anomaly), "date": anomaly.date.isoformat()}


def _anomalies(found: Sequence[Document]) -> tuple[Anomaly, ...]:
    return tuple(Anomaly(**{**anomaly, "date": date.fromisoformat(anomaly["date"])}) for anomaly in found)


def _closing(found: Document) -> Closing:
    return Closing(
        id=found["_id"],
        municipality_id=found["municipality_id"],
        programme_id=found["programme_id"],
        month=found["month"],
        key=found["key"],
        fingerprint=found["fingerprint"],
        state=found["state"],
        sheets=found["sheets"],
        anomalies=_anomalies(found["anomalies"]),
        closed_at=found["closed_at"],
        round=found.get("round", 1),
        reopening=Reopening(**found["reopening"]) if found.get("reopening") else None,
    )
