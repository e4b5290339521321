"""The audit trail as documents: each is written once and never changed, until its time is over.

An act about many people, a school's list say, names their circle instead of each: circles are kept once however often
they are read, for an index over six hundred ids costs more than the reading itself.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, time
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from services.identity.domain.trail import Entry, Names, Place, Search
from shared.mongo import Collection as Documents
from shared.mongo import CollectionSchema, Database, Document

LATEST = [("at", -1), ("_id", -1)]
AUDIT_TRAIL = CollectionSchema(
    indexes=[
        IndexModel([("municipality_id", 1), *LATEST], name="of_town"),
        IndexModel([("municipality_id", 1), ("people", 1), *LATEST], name="about"),
        IndexModel([("municipality_id", 1), ("account_id", 1), *LATEST], name="by_agent"),
        IndexModel([("municipality_id", 1), ("action", 1), *LATEST], name="by_action"),
        IndexModel([("at", 1)], name="forget"),
    ],
    validator={
        "bsonType": "object",
        "required": ["at", "service", "action", "account_id", "municipality_id", "people"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^aud_[0-9a-f]{32}$"},
            "at": {"bsonType": "date"},
            "service": {"bsonType": "string", "minLength": 1},
            "action": {"bsonType": "string", "minLength": 1},
            "account_id": {"bsonType": "string", "minLength": 1},
            "municipality_id": {"bsonType": "string", "minLength": 1},
            "people": {"bsonType": "array"},
        },
    },
)
CIRCLES = "audit_circles"
AUDIT_CIRCLES = CollectionSchema(
    indexes=[IndexModel([("people", 1)], name="about"), IndexModel([("seen_on", 1)], name="forget")],
    validator={
        "bsonType": "object",
        "required": ["people", "seen_on"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^cir_[0-9a-f]{64}$"},
            "people": {"bsonType": "array"},
            "seen_on": {"bsonType": "date"},
        },
    },
)
LARGEST_NAMED = 40
"""People an act names one by one."""
IDS = ("household_ids", "family_file_ids", "child_ids", "object_ids")


class AuditTrailStore:
    def __init__(self, db: Database) -> None:
        self._entries = db["audit_trail"]
        self._circles = db[CIRCLES]
        self._accounts = db["accounts"]
        self._clients = db["clients"]
        self._households = db["households"]
        self._files = db["family_files"]

    async def add(self, entry: Entry) -> None:
        """Told twice, it is there once."""
        people = sorted(set(entry.people()))
        if len(people) > LARGEST_NAMED:
            people = [await self._circle(people, entry.at)]
        document = {**vars(entry), "_id": entry.id, "people": people}
        del document["id"]
        with suppress(DuplicateKeyError):
            await self._entries.insert_one(document)

    async def _circle(self, people: Sequence[str], at: datetime) -> str:
        """Its id, once it is there; it is forgotten after the last act that names it."""
        circle = f"cir_{hashlib.sha256(' '.join(people).encode()).hexdigest()}"
        # To the day, so that most readings write nothing here.
        seen = {"$max": {"seen_on": datetime.combine(at.date(), time(), at.tzinfo)}}
        if not (await self._circles.update_one({"_id": circle}, seen)).matched_count:
            new = {**seen, "$setOnInsert": {"people": list(people)}}
            try:
                await self._circles.update_one({"_id": circle}, new, upsert=True)
            except DuplicateKeyError:
                # Made at this moment by another act.
                await self._circles.update_one({"_id": circle}, seen)
        return circle

    async def page(self, search: Search, after: Place | None, limit: int) -> list[Entry]:
        """Latest first."""
        asked = _asked(search)
        if search.about:
            asked["people"] = {"$in": await with_circles(self._circles, search.about)}
        if after:
            asked["$or"] = [{"at": {"$lt": after.at}}, {"at": after.at, "_id": {"$lt": after.entry_id}}]
        found = await self._entries.find(asked, {"people": 0}, sort=LATEST, limit=limit).to_list(limit)
        return [_entry(one) for one in found]

    async def people_of(self, household_id: str, municipality_id: str) -> frozenset[str]:
        """The household, its children and its file in this town: whatever an act may name it by."""
        found = await self._households.find_one({"_id": household_id}, {"children.id": 1}) or {}
        file = {"municipality_id": municipality_id, "household_id": household_id}
        files = await self._files.find(file, {"_id": 1}).to_list(None)
        return frozenset(
            {household_id, *(child["id"] for child in found.get("children", ())), *(one["_id"] for one in files)}
        )

    async def names(self, entries: Sequence[Entry], municipality_id: str) -> Names:
        """Of agents and partners; of households that joined this town, their children, and its family files."""
        agents = {entry.account_id for entry in entries}
        households = {one for entry in entries for one in entry.household_ids}
        files = {one for entry in entries for one in entry.family_file_ids}
        people: dict[str, str] = {}
        joined = {**_among(households), "adhesions.municipality_id": municipality_id}
        async for found in self._households.find(joined, {"name": 1, "children": 1}):
            people[found["_id"]] = found["name"]
            people |= {child["id"]: _full_name(child) for child in found["children"]}
        async for found in self._files.find({**_among(files), "municipality_id": municipality_id}, {"family.name": 1}):
            people[found["_id"]] = found["family"]["name"]
        return Names(accounts=await self._agents(agents), people=people)

    async def _agents(self, account_ids: Iterable[str]) -> dict[str, str]:
        asked = _among(account_ids)
        clients = {one["_id"]: one["name"] async for one in self._clients.find(asked, {"name": 1})}
        shown = {"first_name": 1, "last_name": 1}
        return clients | {one["_id"]: _full_name(one) async for one in self._accounts.find(asked, shown)}


async def with_circles(circles: Documents, people: Collection[str]) -> list[str]:
    """What acts about any of the people name: themselves, or a circle they are in."""
    found = await circles.find({"people": {"$in": sorted(people)}}, {"_id": 1}).to_list(None)
    return [*sorted(people), *(one["_id"] for one in found)]


def _asked(search: Search) -> Document:
    asked: Document = {"municipality_id": search.municipality_id}
    if search.account_id:
        asked["account_id"] = search.account_id
    if search.action:
        asked["action"] = search.action
    span = {name: at for name, at in (("$gte", search.since), ("$lt", search.until)) if at}
    return {**asked, "at": span} if span else asked


def _among(ids: Iterable[str]) -> dict[str, Any]:
    return {"_id": {"$in": sorted(ids)}}


def _full_name(found: Document) -> str:
    return f"{found['first_name']} {found['last_name']}"


def _entry(found: Document) -> Entry:
    fields = {**found, **{name: tuple(found[name]) for name in IDS}}
    return Entry(id=fields.pop("_id"), **fields)
