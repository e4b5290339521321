"""Collections, indexes and validators."""

from typing import Any

from pymongo import ASCENDING, IndexModel

from services.partners.store.deliveries.documents import COLLECTIONS
from shared.mongo import CollectionSchema, Schema

LOG: dict[str, Any] = {
    "bsonType": "object",
    "required": ["_id", "municipality_id", "position", "type", "subject", "time", "body"],
    "properties": {"position": {"bsonType": ["int", "long"], "minimum": 1}, "time": {"bsonType": "date"}},
}
SUBSCRIPTION: dict[str, Any] = {
    "bsonType": "object",
    "required": ["_id", "municipality_id", "client_id", "name", "profile", "types", "kind", "state", "version"],
    "properties": {
        "kind": {"enum": ["amqp", "webhook", "none"]},
        "state": {"enum": ["opening", "active", "paused", "ended"]},
    },
}
FEED: dict[str, Any] = {
    "bsonType": "object",
    "required": ["_id", "municipality_id", "position", "holder", "until"],
    "properties": {"position": {"bsonType": ["int", "long"], "minimum": 0}},
}
COPY: dict[str, Any] = {"bsonType": "object", "required": ["_id", "sequence"]}

SCHEMA = Schema(
    version=1,
    collections={
        "log": CollectionSchema(
            validator=LOG,
            indexes=[
                IndexModel([("municipality_id", ASCENDING), ("position", ASCENDING)], name="of_town", unique=True),
                IndexModel([("municipality_id", ASCENDING), ("time", ASCENDING)], name="since"),
            ],
        ),
        # Per town, the oldest position that is kept.
        "floors": CollectionSchema(),
        "subscriptions": CollectionSchema(
            validator=SUBSCRIPTION,
            indexes=[
                IndexModel([("municipality_id", ASCENDING), ("_id", ASCENDING)], name="of_town"),
                IndexModel([("client_id", ASCENDING), ("municipality_id", ASCENDING)], name="of_partner"),
                IndexModel(
                    [("closing", ASCENDING)], name="closing", partialFilterExpression={"closing": {"$exists": True}}
                ),
            ],
            tells=True,
        ),
        # How far each subscription that is pushed to was served, and which process serves it now.
        "feeds": CollectionSchema(
            validator=FEED, indexes=[IndexModel([("municipality_id", ASCENDING)], name="of_town")]
        ),
        "partners": CollectionSchema(validator=COPY),
        "reading": CollectionSchema(),
        **COLLECTIONS,
    },
)
