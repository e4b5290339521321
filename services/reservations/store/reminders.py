"""Reminders of usual weeks, how far the guard came in each programme, and who wants to hear nothing."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, timedelta

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.guard import Reminder
from services.reservations.store.custody import CustodyStore
from services.reservations.store.roster_documents import linked
from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import Collection as Documents
from shared.mongo import CollectionSchema, Database, Document

COLLECTION = "reminders"
KEPT = timedelta(days=35)
EVERY = timedelta(minutes=15)
REMINDERS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("secret_hash", 1)], name="secret", unique=True),
        IndexModel([("household_id", 1)], name="household"),
        IndexModel([("until", 1)], name="forgotten", expireAfterSeconds=int(KEPT.total_seconds())),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "municipality_id", "child_id", "programme_id", "slots", "until", "secret_hash"],
    },
    tells=True,
)
GUARD_ROUNDS_SCHEMA = CollectionSchema()
QUIET_SCHEMA = CollectionSchema(validator={"bsonType": "object", "required": ["since"]})


class ReminderStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._reminders: Documents = db[COLLECTION]
        self._quiet: Documents = db["quiet"]
        self._wake = wake

    async def told_of(self, keys: Collection[str]) -> frozenset[str]:
        found = self._reminders.find({"_id": {"$in": list(keys)}}, {"_id": 1})
        return frozenset([str(one["_id"]) async for one in found])

    async def tell(self, key: str, reminder: Reminder, events: Sequence[Event], *, now: datetime) -> bool:
        """The reminder with its facts in one document; False when the household was told of that week before."""
        document = {
            "_id": key,
            "reminder_id": reminder.id,
            "household_id": reminder.household_id,
            "municipality_id": reminder.municipality_id,
            "child_id": reminder.child_id,
            "programme_id": reminder.programme_id,
            "slots": [[activity_id, day.isoformat()] for activity_id, day in reminder.slots],
            "until": reminder.until.astimezone(UTC),
            "secret_hash": reminder.secret_hash,
            "at": now,
            "outbox": pack(events, subject=reminder.id, sequence=1, municipality_id=reminder.municipality_id, at=now),
        }
        try:
            await self._reminders.insert_one(document)
        except DuplicateKeyError:
            return False
        self._wake(COLLECTION)
        return True

    async def by_hash(self, secret_hash: str) -> Reminder | None:
        found = await self._reminders.find_one({"secret_hash": secret_hash}, {"outbox": 0})
        return _reminder(found) if found else None

    async def note_used(self, reminder: Reminder, *, now: datetime) -> None:
        mine = {"secret_hash": reminder.secret_hash, "household_id": reminder.household_id}
        await self._reminders.update_one({**mine, "used_at": {"$exists": False}}, {"$set": {"used_at": now}})

    async def quiet_among(self, household_ids: Collection[str]) -> frozenset[str]:
        found = self._quiet.find({"_id": {"$in": list(household_ids)}}, {"_id": 1})
        return frozenset([str(one["_id"]) async for one in found])

    async def keep_quiet(self, household_id: str, *, now: datetime) -> None:
        await self._quiet.update_one({"_id": household_id}, {"$setOnInsert": {"since": now}}, upsert=True)

    async def speak_again(self, household_id: str) -> None:
        await self._quiet.delete_one({"_id": household_id})


class GuardRounds:
    """A round of a programme begins every quarter of an hour and goes on where it was cut off."""

    def __init__(self, db: Database) -> None:
        self._rounds: Documents = db["guard_rounds"]
        self._towns: Documents = db["towns"]

    async def municipality_ids(self) -> list[str]:
        wanted = {"settings": {"$exists": True}, "programmes.0": {"$exists": True}}
        return [str(one["_id"]) async for one in self._towns.find(wanted, {"_id": 1}).sort("_id", 1)]

    async def begin(self, programme_id: str, now: datetime) -> str | None:
        """After which child to go on, empty for the first; None while no round is due."""
        found = await self._rounds.find_one({"_id": programme_id})
        if found and found["after"] is not None:
            return str(found["after"])
        if found and found["begun_at"] > now - EVERY:
            return None
        await self._rounds.replace_one({"_id": programme_id}, {"begun_at": now, "after": ""}, upsert=True)
        return ""

    async def move(self, programme_id: str, after: str | None) -> None:
        await self._rounds.update_one({"_id": programme_id}, {"$set": {"after": after}})


class EnrolledPages:
    """The children of a programme, some at a time."""

    def __init__(self, db: Database) -> None:
        self._roster: Documents = db["roster"]
        self._custody = CustodyStore(db)

    async def page(
        self, municipality_id: str, programme_id: str, after: str, limit: int
    ) -> tuple[list[RosterChild], str | None]:
        """Each once per household that has joined, without names; and where to go on, None at the end."""
        scope: Document = {"municipality_id": municipality_id, "enrolments.programme_id": programme_id}
        if after:
            scope["_id"] = {"$gt": after}
        documents = await self._roster.find(scope).sort("_id", 1).limit(limit).to_list(None)
        children = await self._custody.shared([child for document in documents for child in linked(document)])
        last = str(documents[-1]["_id"]) if len(documents) == limit else None
        return [child for child in children if not child.left], last


def _reminder(found: Document) -> Reminder:
    return Reminder(
        id=found["reminder_id"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        child_id=found["child_id"],
        programme_id=found["programme_id"],
        slots=tuple((activity_id, date.fromisoformat(day)) for activity_id, day in found["slots"]),
        until=found["until"],
        secret_hash=found["secret_hash"],
        used_at=found.get("used_at"),
    )
