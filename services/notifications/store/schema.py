"""Collections, indexes and validators."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.notifications.domain.messages import CARRIED
from services.notifications.store.letter_templates import LETTER_TEMPLATES, LETTERHEADS
from services.notifications.store.news_schema import NEWS_SCHEMA
from services.notifications.store.troubled_addresses import RETURNS, TROUBLED_ADDRESSES
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
                "channel": {"enum": list(CARRIED)},
                "state": {"enum": ["pending", "gathered", "claimed", "sent", "refused", "expired", "bounced"]},
                "attempts": {"bsonType": ["int", "long"], "minimum": 0},
                "due_at": {"bsonType": "date"},
            },
        },
    ],
}
PREFERENCES: dict[str, Any] = {
    "bsonType": "object",
    "required": ["_id", "household_id", "choices", "version"],
    "properties": {"household_id": {"bsonType": "string"}, "version": {"bsonType": ["int", "long"], "minimum": 1}},
}
DEVICES: dict[str, Any] = {
    "bsonType": "object",
    "required": ["_id", "person_id", "account_id", "household_id", "endpoint", "p256dh", "auth", "added_at"],
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
                IndexModel([("household_id", ASCENDING), ("_id", DESCENDING)], name="by_household"),
                IndexModel(
                    [("channel", ASCENDING), ("due_at", ASCENDING)],
                    name="due_by_channel",
                    partialFilterExpression={"due_at": {"$exists": True}},
                ),
                # The trail of a town, latest first.
                IndexModel(
                    [("municipality_id", ASCENDING), ("told_at", DESCENDING), ("_id", DESCENDING)], name="trail_of_town"
                ),
                RETURNS,
                IndexModel(
                    [("digest", ASCENDING)], name="digest", partialFilterExpression={"digest": {"$exists": True}}
                ),
            ],
            dropped=("due", "of_household"),
        ),
        "preferences": CollectionSchema(
            validator=PREFERENCES,
            indexes=[IndexModel([("household_id", ASCENDING)], name="of_household")],
        ),
        "devices": CollectionSchema(
            validator=DEVICES,
            indexes=[
                IndexModel([("household_id", ASCENDING)], name="of_household"),
                IndexModel([("person_id", ASCENDING)], name="of_person"),
                IndexModel([("account_id", ASCENDING)], name="of_account"),
            ],
        ),
        **NEWS_SCHEMA,
        "towns": CollectionSchema(validator=COPY),
        "letterheads": LETTERHEADS,
        "troubled_addresses": TROUBLED_ADDRESSES,
        "letter_templates": LETTER_TEMPLATES,
        "audit": AUDIT_SCHEMA,
        "households": CollectionSchema(
            validator=COPY,
            indexes=[
                IndexModel([("municipality_ids", ASCENDING)], name="of_town"),
                IndexModel([("child_ids", ASCENDING)], name="of_child"),
            ],
        ),
        "programmes": CollectionSchema(
            validator=COPY, indexes=[IndexModel([("municipality_id", ASCENDING)], name="of_town")]
        ),
    },
)
