"""Places as documents: their states, what a claim writes in them, what giving back takes out."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from pymongo import IndexModel

from services.reservations.domain.capacity import Pool
from services.reservations.domain.places import Claim, HeldPlace
from services.reservations.domain.programmes import municipality_of
from shared.mongo import CollectionSchema, Document

COLLECTION = "places"
STATES = ["free", "held", "confirmed", "withdrawn", "kept", "offered"]
PLACES_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("slot", 1), ("state", 1), ("n", 1)], name="slot"),
        IndexModel(
            [("slot", 1), ("child_id", 1), ("household_id", 1)],
            name="child_of_household",
            unique=True,
            partialFilterExpression={"child_id": {"$exists": True}},
        ),
        IndexModel([("exp", 1)], name="holds", partialFilterExpression={"state": "held"}),
        IndexModel([("exp", 1)], name="offers", partialFilterExpression={"state": "offered"}),
        IndexModel([("slot", 1)], name="kept", partialFilterExpression={"state": "kept"}),
        IndexModel([("order_id", 1)], name="order", partialFilterExpression={"order_id": {"$exists": True}}),
        IndexModel([("slot", 1)], name="owed", partialFilterExpression={"owed": {"$exists": True}}),
        IndexModel(
            [("against", 1)], name="against", unique=True, partialFilterExpression={"against": {"$exists": True}}
        ),
    ],
    validator={
        "bsonType": "object",
        "required": ["slot", "n", "state", "municipality_id"],
        "properties": {"n": {"bsonType": ["int", "long"], "minimum": 0}, "state": {"enum": STATES}},
    },
    dropped=("child",),
)
OCCUPIED = ["held", "confirmed", "offered"]
TAKEN = [*OCCUPIED, "kept"]
HOLDER = ("child_id", "household_id", "programme_id", "order_id", "exp", "rid", "entry_id")
GIVEN_BACK: Document = {"$set": {"state": "kept"}, "$unset": dict.fromkeys((*HOLDER, "wanted", "owed"), "")}
"""Nobody's, and not yet to be had: a child may wait for it."""
FREE: Document = {"$set": {"state": "free"}}


def name_of(pool: Pool) -> str:
    return f"{pool[0]}|{pool[1].isoformat()}"


def pool_of(name: str) -> Pool:
    pool_id, day = name.rsplit("|", 1)
    return pool_id, date.fromisoformat(day)


def new_place(pool: Pool, n: int, state: Document) -> Document:
    name = name_of(pool)
    return {"_id": f"{name}|{n}", "slot": name, "n": n, "municipality_id": municipality_of(pool[0]), **state}


def of_child(pools: Iterable[Pool], claim: Claim) -> Document:
    key = claim.key
    names = [name_of(pool) for pool in pools]
    return {"slot": {"$in": names}, "child_id": key.child_id, "household_id": key.household_id}


def held(claim: Claim) -> list[dict[str, Any]]:
    """A pipeline, because only a pipeline can read the database's clock."""
    key = claim.key
    values = {
        "state": "held",
        "rid": claim.attempt,
        "household_id": key.household_id,
        "child_id": key.child_id,
        "programme_id": key.programme_id,
        "order_id": claim.order_id or "$$REMOVE",
        "exp": in_a(claim.hold),
        "entry_id": "$$REMOVE",
        "wanted": "$$REMOVE",
    }
    return [{"$set": values}]


def in_a(time: timedelta) -> Document:
    """So long from now, by the database's clock."""
    return {"$add": ["$$NOW", time // timedelta(milliseconds=1)]}


def held_place(found: Document) -> HeldPlace:
    return HeldPlace(
        id=found["_id"],
        pool=pool_of(found["slot"]),
        attempt=found["rid"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        child_id=found["child_id"],
        programme_id=found["programme_id"],
        order_id=found.get("order_id"),
    )
