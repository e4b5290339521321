"""Addresses that mail does not reach, by a key that stands for them; and the mails that came back from them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from services.notifications.domain.bounces import Failure, TroubledAddress, Verdict, Whose
from services.notifications.domain.delivery_reports import Report
from shared.contracts import Event
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Database, Document

TROUBLED_ADDRESSES = CollectionSchema(
    tells=True,
    validator={
        "bsonType": "object",
        "required": ["_id", "household_id", "municipality_ids", "failures", "since", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"},
            "since": {"bsonType": ["date", "null"]},
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
    indexes=[
        IndexModel([("household_id", ASCENDING)], name="of_household"),
        IndexModel([("municipality_ids", ASCENDING), ("_id", ASCENDING)], name="of_town"),
    ],
)
RETURNS = IndexModel([("ref", ASCENDING)], name="returns", partialFilterExpression={"ref": {"$exists": True}})
MOST_TRIES = 20
OUTCOMES: dict[Verdict, str] = {
    "dead": "bounced",
    "failed": "bounced",
    "not_the_address": "bounced",
    "later": "delayed",
    "arrived": "arrived",
}


@dataclass(frozen=True, kw_only=True)
class SentMail:
    """A mail that went, as its trail knows it."""

    id: str
    household_id: str
    municipality_id: str
    recipient_id: str
    address_key: str


class BouncedMails:
    def __init__(self, db: Database) -> None:
        self._documents = db["messages"]

    async def find(self, reference: str) -> SentMail | None:
        found = await self._documents.find_one({"ref": reference}, {"letter": 0, "event": 0})
        if found is None:
            return None
        return SentMail(
            id=found["_id"],
            household_id=found["household_id"],
            municipality_id=found["municipality_id"],
            recipient_id=found["recipient_id"],
            address_key=found["address_key"],
        )

    async def note(self, mail_id: str, report: Report, verdict: Verdict, at: datetime) -> None:
        """One more line of its trail, and its state where it did not arrive; the same report twice is one line."""
        outcome = OUTCOMES[verdict]
        line: Document = {"at": at, "outcome": outcome, "reason": report.status}
        state = {"state": "bounced", "bounced_at": at, "reason": report.status} if outcome == "bounced" else {}
        new = {"_id": mail_id, "tries": {"$not": {"$elemMatch": {"outcome": outcome, "reason": report.status}}}}
        change: Document = {"$push": {"tries": {"$each": [line], "$slice": -MOST_TRIES}}}
        await self._documents.update_one(new, {**change, **({"$set": state} if state else {})})


class TroubledAddressStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["troubled_addresses"]
        self._wake = wake

    async def get(self, key: str, whose: Whose) -> TroubledAddress:
        """A new one for an address nothing was wrong with yet."""
        found = await self._documents.find_one({"_id": key}, {"outbox": 0})
        return _address(found) if found else TroubledAddress(key=key, whose=whose)

    async def is_unreachable(self, key: str) -> bool:
        dead: Document = {"_id": key, "since": {"$ne": None}}
        return bool(key) and await self._documents.find_one(dead, {"_id": 1}) is not None

    async def save(self, address: TroubledAddress, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict` when it changed since it was read."""
        whose, version = address.whose, address.version + 1
        outbox = pack(events, subject=whose.guardian_id, sequence=version, municipality_id=whose.municipality_id, at=at)
        fields = {**_document(address), "version": version}
        if address.version == 0:
            await self._insert({"_id": address.key, **fields, "outbox": outbox})
        else:
            change: Document = {"$set": fields}
            if outbox:
                change["$push"] = {"outbox": {"$each": outbox}}
            before = {"_id": address.key, "version": address.version}
            if not (await self._documents.update_one(before, change)).matched_count:
                raise Conflict()
        self._wake("troubled_addresses")

    async def _insert(self, document: Document) -> None:
        try:
            await self._documents.insert_one(document)
        except DuplicateKeyError:
            raise Conflict() from None

    async def unreachable_in(self, municipality_id: str, *, after: str, limit: int) -> list[TroubledAddress]:
        """By key."""
        wanted: Document = {"municipality_ids": municipality_id, "since": {"$ne": None}, "_id": {"$gt": after}}
        found = self._documents.find(wanted, {"outbox": 0}).sort("_id", 1).limit(limit)
        return [_address(one) for one in await found.to_list(limit)]

    async def unreachable_of(self, household_id: str) -> list[TroubledAddress]:
        found = self._documents.find({"household_id": household_id, "since": {"$ne": None}}, {"outbox": 0})
        return [_address(one) for one in await found.sort("_id", 1).to_list(None)]

    async def find(self, key: str) -> TroubledAddress | None:
        found = await self._documents.find_one({"_id": key}, {"outbox": 0})
        return _address(found) if found else None

    async def forget(self, key: str, household_id: str) -> None:
        """It is as any other address again; what is still to be told of it is told first."""
        whose = {"_id": key, "household_id": household_id}
        await self._documents.update_one(whose, {"$set": {"since": None, "failures": []}, "$inc": {"version": 1}})

    async def forget_old(self, now: datetime, life: timedelta) -> int:
        due = {"failures.at": {"$not": {"$gte": now - life}}, "outbox": {"$size": 0}}
        return (await self._documents.delete_many(due)).deleted_count


def _document(address: TroubledAddress) -> Document:
    return {
        **asdict(address.whose),
        "failures": [asdict(one) for one in address.failures],
        "since": address.since,
        "reason": address.reason,
    }


def _address(found: Document) -> TroubledAddress:
    return TroubledAddress(
        key=found["_id"],
        whose=Whose(
            household_id=found["household_id"],
            guardian_id=found["guardian_id"],
            place=found["place"],
            municipality_id=found["municipality_id"],
            municipality_ids=tuple(found["municipality_ids"]),
        ),
        failures=tuple(Failure(**one) for one in found["failures"]),
        since=found["since"],
        reason=found["reason"],
        version=found["version"],
    )
