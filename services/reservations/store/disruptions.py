"""Cancellations by the town as documents, and which households each of them touched.

A household's document is there before its sheets are written: whatever is cut off, nobody is forgotten when families
are told, from what the sheets say then.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from pymongo import IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from services.reservations.domain.disruption import ACTIVE, LEEWAY, Counts, Disruption, Touched
from services.reservations.store.suspensions import suspension_document, suspension_of
from shared.contracts import Event
from shared.contracts.reservations_by_town import DisruptionNoticed
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import Collection, CollectionSchema, Database, Document

COLLECTION = "disruptions"
TOUCHED = "disrupted"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LEEWAY_MS = int(LEEWAY.total_seconds() * 1000)
DISRUPTIONS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("municipality_id", 1), ("declared_at", -1)], name="municipality"),
        IndexModel([("municipality_id", 1), ("key", 1)], name="key", unique=True),
        IndexModel([("due", 1)], name="unfinished", partialFilterExpression={"state": {"$in": list(ACTIVE)}}),
    ],
    tells=True,
)
DISRUPTED_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("disruption_id", 1), ("household_id", 1)], name="disruption", unique=True),
        IndexModel([("household_id", 1)], name="household"),
    ],
    tells=True,
)


class DisruptionStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._disruptions: Collection = db[COLLECTION]
        self._touched: Collection = db[TOUCHED]
        self._wake = wake

    async def declare(self, disruption: Disruption) -> Disruption:
        """This one, or the one declared with its key before."""
        try:
            await self._disruptions.insert_one(
                {**_document(disruption), "due": LONG_AGO, "outbox": _packed(disruption, [disruption.declared()], 1)}
            )
        except DuplicateKeyError:
            found = await self.by_key(disruption.municipality_id, disruption.key)
            if found is None:
                raise Conflict() from None
            return found
        self._wake(COLLECTION)
        return disruption

    async def by_key(self, municipality_id: str, key: str) -> Disruption | None:
        return _found(await self._disruptions.find_one({"municipality_id": municipality_id, "key": key}, {"outbox": 0}))

    async def get(self, disruption_id: str, municipality_ids: Iterable[str]) -> Disruption | None:
        scope = {"_id": disruption_id, "municipality_id": {"$in": sorted(municipality_ids)}}
        return _found(await self._disruptions.find_one(scope, {"outbox": 0}))

    async def of_municipality(self, municipality_id: str, limit: int = 200) -> list[Disruption]:
        """Latest first."""
        cursor = self._disruptions.find(
            {"municipality_id": municipality_id}, {"outbox": 0}, sort=[("declared_at", -1)], limit=limit
        )
        return [_disruption(found) async for found in cursor]

    async def take_due(self) -> Disruption | None:
        """One with work to do, kept from others for a minute."""
        found = await self._disruptions.find_one_and_update(
            {"state": {"$in": list(ACTIVE)}, "$expr": {"$lte": ["$due", "$$NOW"]}},
            [{"$set": {"due": {"$add": ["$$NOW", LEEWAY_MS]}}}],
            projection={"outbox": 0},
            return_document=ReturnDocument.AFTER,
        )
        return _found(found)

    async def save(self, before: Disruption, after: Disruption, *events: Event, now: datetime) -> None:
        """The next version; due at once, or in a while when it waits. Raises `Conflict` when it changed meanwhile."""
        after = replace(after, version=before.version + 1)
        pause = LEEWAY_MS if after.state == "waiting" else 0
        change: list[Document] = [{"$set": _literal(_document(after))}, {"$set": {"due": {"$add": ["$$NOW", pause]}}}]
        if told := _packed(after, events, after.version + 1, now):
            outbox = {"$concatArrays": [{"$ifNull": ["$outbox", []]}, {"$literal": told}]}
            change.append({"$set": {"outbox": outbox}})
        same = {"_id": before.id, "municipality_id": before.municipality_id, "version": before.version}
        written = await self._disruptions.update_one(same, change)
        if not written.matched_count:
            raise Conflict()
        if events:
            self._wake(COLLECTION)

    # --- the households ---------------------------------------------------------------------------------------------

    async def touch(self, disruption: Disruption, sheets: Iterable[tuple[str, str]]) -> None:
        """`sheets`: household and sheet of each that is about to be changed."""
        writes = [
            UpdateOne(
                {"_id": f"{disruption.id}|{household_id}"},
                {
                    "$addToSet": {"sheet_ids": sheet_id},
                    "$setOnInsert": {
                        "disruption_id": disruption.id,
                        "household_id": household_id,
                        "municipality_id": disruption.municipality_id,
                        "told": 0,
                        "days": 0,
                        "children": [],
                        "version": 0,
                    },
                    "$set": {"ask": True},
                },
                upsert=True,
            )
            for household_id, sheet_id in sheets
        ]
        if writes:
            await self._touched.bulk_write(writes, ordered=False)

    async def to_tell(self, disruption: Disruption, limit: int = 100) -> list[Touched]:
        """Households with sheets that were changed since they were last told."""
        cursor = self._touched.find({"disruption_id": disruption.id, "ask": True}, {"outbox": 0}, limit=limit)
        return [_touched(found) async for found in cursor]

    async def ask_again(self, disruption: Disruption) -> None:
        """Every household is looked at once more: what was cancelled is being restored."""
        every = {"disruption_id": disruption.id, "restored": {"$exists": False}}
        await self._touched.update_many(every, {"$set": {"ask": True}})

    async def tell(
        self, disruption: Disruption, household: Touched, notice: DisruptionNoticed | None, *, now: datetime
    ) -> None:
        """The household was looked at, and told when there was something new."""
        values: Document = {"ask": False}
        pushed: Document = {}
        if notice:
            kind = "told" if notice.kind == "cancelled" else "restored"
            children = sorted({day.child_id for day in notice.days})
            values |= {kind: len(notice.days)}
            values |= {"days": len(notice.days), "children": children} if kind == "told" else {"lost": len(notice.lost)}
            name = f"{disruption.id}|{household.household_id}"
            told = pack(
                [notice],
                subject=name,
                sequence=household.version + 1,
                municipality_id=disruption.municipality_id,
                at=now,
            )
            pushed = {"$push": {"outbox": {"$each": told}}, "$inc": {"version": 1}}
        same = {"disruption_id": disruption.id, "household_id": household.household_id, "version": household.version}
        await self._touched.update_one(same, {"$set": values, **pushed})
        if notice:
            self._wake(TOUCHED)

    async def counted(self, disruption: Disruption) -> Counts:
        """What the families were told of, all together."""
        total = {
            "_id": None,
            "households": {"$sum": {"$cond": [{"$gt": ["$days", 0]}, 1, 0]}},
            "children": {"$sum": {"$size": "$children"}},
            "days": {"$sum": "$days"},
            "restored": {"$sum": {"$ifNull": ["$restored", 0]}},
            "lost": {"$sum": {"$ifNull": ["$lost", 0]}},
        }
        pipeline: Sequence[Document] = [{"$match": {"disruption_id": disruption.id}}, {"$group": total}]
        async for found in self._touched.aggregate(pipeline):
            del found["_id"]
            return Counts(**found)
        return Counts()


def _literal(document: Document) -> Document:
    """In a pipeline a text that begins with a dollar would be read as a field."""
    return {name: {"$literal": value} for name, value in document.items() if name != "_id"}


def _document(disruption: Disruption) -> Document:
    document = {**vars(disruption), "_id": disruption.id, "counts": asdict(disruption.counts)}
    del document["id"]
    return {**document, "suspension": suspension_document(disruption.suspension)}


def _packed(disruption: Disruption, events: Iterable[Event], sequence: int, at: datetime | None = None) -> list[Any]:
    return list(
        pack(
            list(events),
            subject=disruption.id,
            sequence=sequence,
            municipality_id=disruption.municipality_id,
            at=at or disruption.declared_at,
        )
    )


def _touched(found: Document) -> Touched:
    return Touched(
        household_id=found["household_id"],
        sheet_ids=tuple(found["sheet_ids"]),
        told=found["told"],
        version=found["version"],
    )


def _found(found: Document | None) -> Disruption | None:
    return _disruption(found) if found else None


def _disruption(found: Document) -> Disruption:
    kept = {name: value for name, value in found.items() if name not in ("_id", "due")}
    return Disruption(
        **{
            **kept,
            "id": found["_id"],
            "counts": Counts(**found["counts"]),
            "suspension": suspension_of(found["suspension"]),
        }
    )
