"""Collections, indexes and validators of the news."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.mongo import CollectionSchema, Database

NEWS: dict[str, Any] = {
    "bsonType": "object",
    "required": ["_id", "municipality_id", "title", "category", "body_html", "published_at", "published_by"],
    "properties": {
        "state": {"enum": ["draft", "scheduled", "published", "withdrawn"]},
        "published_at": {"bsonType": ["date", "null"]},
        "publish_at": {"bsonType": ["date", "null"]},
        "until": {"bsonType": ["date", "null"]},
        "version": {"bsonType": ["int", "long"], "minimum": 1},
        "pictures": {"bsonType": "array", "items": {"bsonType": "object", "required": ["id", "alt"]}},
        "documents": {"bsonType": "array", "items": {"bsonType": "object", "required": ["id", "name"]}},
    },
}
FILES: dict[str, Any] = {"bsonType": "object", "required": ["_id", "news_id", "municipality_id", "added_at"]}
READS: dict[str, Any] = {"bsonType": "object", "required": ["_id", "news_id", "household_id", "read_at"]}
ENROLMENTS: dict[str, Any] = {
    "bsonType": "object",
    "required": ["_id", "municipality_id", "child_ids", "ends", "sequence"],
    "properties": {"child_ids": {"bsonType": "array", "items": {"bsonType": "string"}}},
}
NEWS_SCHEMA = {
    "news": CollectionSchema(
        validator=NEWS,
        indexes=[
            IndexModel([("municipality_id", ASCENDING), ("_id", DESCENDING)], name="of_town"),
            IndexModel(
                [("municipality_id", ASCENDING), ("published_at", DESCENDING), ("_id", DESCENDING)],
                name="newest_of_town",
            ),
            IndexModel(
                [("publish_at", ASCENDING)], name="due", partialFilterExpression={"publish_at": {"$type": "date"}}
            ),
        ],
        tells=True,
    ),
    "news_files": CollectionSchema(validator=FILES, indexes=[IndexModel([("news_id", ASCENDING)], name="of_news")]),
    "news_reads": CollectionSchema(
        validator=READS,
        indexes=[
            IndexModel([("news_id", ASCENDING)], name="of_news"),
            IndexModel([("household_id", ASCENDING)], name="of_household"),
        ],
    ),
    "enrolments": CollectionSchema(
        validator=ENROLMENTS,
        indexes=[
            IndexModel([("child_ids", ASCENDING)], name="of_child"),
            IndexModel([("municipality_id", ASCENDING), ("programme_id", ASCENDING)], name="of_programme"),
        ],
    ),
}


async def fill_in(db: Database) -> None:
    """Households kept by earlier versions learn the ids of their children by themselves."""
    pairs = {"$objectToArray": {"$ifNull": ["$children", {}]}}
    ids = {"$map": {"input": pairs, "in": "$$this.k"}}
    await db["households"].update_many({"child_ids": {"$exists": False}}, [{"$set": {"child_ids": ids}}])
