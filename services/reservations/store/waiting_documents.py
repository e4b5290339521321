"""Waiting-list entries as documents, with the offer that stands and the trail of what happened."""

from collections.abc import Sequence
from datetime import date, datetime

from pymongo import IndexModel

from services.reservations.domain.sheet import Slot
from services.reservations.domain.waiting import Entry, Offer, Trace, order_of
from services.reservations.store.place_documents import name_of, pool_of
from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Document

COLLECTION = "waiting"
LISTS = "waiting_lists"
STATES = ["waiting", "offered", "accepted", "declined", "expired", "booked", "left", "removed", "over"]
LISTS_SCHEMA = CollectionSchema()
WAITING_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("line", 1), ("waits", 1), ("order", 1)], name="rank"),
        IndexModel([("slot", 1), ("child_id", 1)], name="child", unique=True, partialFilterExpression={"waits": True}),
        IndexModel([("slot", 1), ("at", 1)], name="list"),
        IndexModel([("household_id", 1), ("key", 1)], name="key", unique=True),
        IndexModel([("pools", 1), ("state", 1)], name="pools", partialFilterExpression={"waits": True}),
        IndexModel([("municipality_id", 1), ("ends", 1)], name="ends", partialFilterExpression={"waits": True}),
        IndexModel(
            [("offer.id", 1)], name="offer", unique=True, partialFilterExpression={"offer.id": {"$exists": True}}
        ),
        IndexModel(
            [("offer.secret_hash", 1)],
            name="secret",
            unique=True,
            partialFilterExpression={"offer.secret_hash": {"$exists": True}},
        ),
        IndexModel([("offer.until", 1)], name="offers", partialFilterExpression={"state": "offered"}),
        IndexModel([("due", 1)], name="due", partialFilterExpression={"due": {"$exists": True}}),
    ],
    validator={
        "bsonType": "object",
        "required": ["slot", "household_id", "municipality_id", "child_id", "position", "waits"],
        "properties": {"state": {"enum": STATES}, "waits": {"bsonType": "bool"}, "pools": {"bsonType": "array"}},
    },
    tells=True,
    dropped=("order",),
)


def slot_name(slot: Slot) -> str:
    return f"{slot[0]}|{slot[1].isoformat()}"


def new_entry(entry: Entry, standing: str, *, now: datetime) -> Document:
    return {
        "_id": entry.id,
        "slot": slot_name(entry.slot),
        **placed(entry, standing),
        "household_id": entry.household_id,
        "municipality_id": entry.municipality_id,
        "child_id": entry.child_id,
        "position": entry.position,
        "waits": True,
        "state": entry.state,
        "key": entry.key,
        "fingerprint": entry.fingerprint,
        "at": now,
        "trail": [trace_document(Trace(at=now, step="joined", by="family"))],
        "version": 1,
        "outbox": packed(entry, [entry.joined()], 1, now),
    }


def placed(entry: Entry, standing: str) -> Document:
    """In which list it waits, before whom, and until when."""
    return {
        "line": entry.line,
        "pools": [name_of(pool) for pool in entry.pools],
        "order": order_of(standing, entry.position),
        "ends": entry.ends,
    }


def packed(entry: Entry, events: Sequence[Event], version: int, now: datetime) -> list[dict[str, str]]:
    return pack(events, subject=entry.id, sequence=version, municipality_id=entry.municipality_id, at=now)


def trace_document(trace: Trace) -> Document:
    return {**vars(trace)}


def offer_document(offer: Offer) -> Document:
    return {**vars(offer)}


def entry_of(found: Document, rank: int = 0) -> Entry:
    activity_id, day = found["slot"].split("|")
    offer = found.get("offer")
    return Entry(
        id=found["_id"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        child_id=found["child_id"],
        activity_id=activity_id,
        date=date.fromisoformat(day),
        key=found["key"],
        fingerprint=found["fingerprint"],
        position=found["position"],
        rank=rank,
        pools=tuple(pool_of(name) for name in found.get("pools", ())),
        order=found.get("order", ""),
        state=found.get("state") or ("waiting" if found["waits"] else "left"),
        at=found.get("at"),
        ends=found.get("ends"),
        offer=Offer(**offer) if offer else None,
        trail=tuple(Trace(**trace) for trace in found.get("trail", ())),
        version=found.get("version", 1),
        due=found.get("due", ""),
    )
