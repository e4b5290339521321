"""Collections, indexes and validators."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.audit.trail import AUDIT_SCHEMA
from shared.mongo import CollectionSchema, Schema
from shared.privacy.store import PRIVACY_SCHEMA

MESSAGES: dict[str, Any] = {
    "bsonType": "object",
    "required": ["_id", "channel", "caused_by", "topic", "household_id", "municipality_id", "told_at", "state"],
    "oneOf": [
        {"required": ["event"], "properties": {"channel": {"enum": ["app"]}, "state": {"enum": ["told"]}}},
        {
            "required": ["recipient_id", "attempts"],
            "properties": {
                "channel": {"enum": ["mail"]},
                "state": {"enum": ["pending", "claimed", "sent", "refused"]},
                "attempts": {"bsonType": ["int", "long"], "minimum": 0},
                "due_at": {"bsonType": "date"},
            },
        },
    ],
}
NEWS: dict[str, Any] = {
    "bsonType": "object",
    "required": ["_id", "municipality_id", "title", "category", "body_html", "published_at", "published_by"],
}
COPY: dict[str, Any] = {"bsonType": "object", "required": ["_id", "sequence"]}

SCHEMA = Schema(
    version=3,
    collections={
        **PRIVACY_SCHEMA,
        "messages": CollectionSchema(
            validator=MESSAGES,
            indexes=[
                # Ids begin with the event's, which are in order of time.
                IndexModel(
                    [("household_id", ASCENDING), ("_id", DESCENDING)],
                    name="of_household",
                    partialFilterExpression={"channel": "app"},
                ),
                IndexModel([("due_at", ASCENDING)], name="due", partialFilterExpression={"due_at": {"$exists": True}}),
            ],
        ),
        "news": CollectionSchema(
            validator=NEWS,
            indexes=[IndexModel([("municipality_id", ASCENDING), ("_id", DESCENDING)], name="of_town")],
            tells=True,
        ),
        "towns": CollectionSchema(validator=COPY),
        "audit": AUDIT_SCHEMA,
        "households": CollectionSchema(
            validator=COPY, indexes=[IndexModel([("municipality_ids", ASCENDING)], name="of_town")]
        ),
        "programmes": CollectionSchema(
            validator=COPY, indexes=[IndexModel([("municipality_id", ASCENDING)], name="of_town")]
        ),
    },
)
