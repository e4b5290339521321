"""What requests keeps in its database, and how it is held to shape."""

from pymongo import IndexModel

from services.requests.domain.requests import STATES
from services.requests.store.catalogues import CatalogueStore
from services.requests.store.copies import HouseholdStore, TownStore
from services.requests.store.files import BUCKET, FileStore
from services.requests.store.quotas import QuotaStore
from services.requests.store.reads import Listed, Page, RequestLists
from services.requests.store.requests import REQUESTS, RequestStore
from shared.audit.trail import AUDIT_SCHEMA
from shared.former_households import FORMER_SCHEMA
from shared.mongo import CollectionSchema, Schema
from shared.privacy.store import PRIVACY_SCHEMA

__all__ = [
    "SCHEMA",
    "CatalogueStore",
    "FileStore",
    "HouseholdStore",
    "Listed",
    "Page",
    "QuotaStore",
    "RequestLists",
    "RequestStore",
    "TownStore",
]

REQUEST_VALIDATOR = {
    "bsonType": "object",
    "required": ["household_id", "municipality_id", "category", "answers", "state", "history", "version", "created_at"],
    "properties": {
        "household_id": {"bsonType": "string"},
        "municipality_id": {"bsonType": "string"},
        "state": {"enum": list(STATES)},
        "answers": {"bsonType": "object"},
        "history": {"bsonType": "array", "minItems": 1},
        "version": {"bsonType": "int", "minimum": 1},
        "created_at": {"bsonType": "date"},
    },
}

SCHEMA = Schema(
    version=3,
    collections={
        **PRIVACY_SCHEMA,
        **FORMER_SCHEMA,
        "catalogues": CollectionSchema(indexes=[IndexModel([("categories.id", 1)])]),
        REQUESTS: CollectionSchema(
            indexes=[
                IndexModel([("household_id", 1), ("created_at", -1), ("_id", -1)]),
                IndexModel([("municipality_id", 1), ("filed_at", -1), ("_id", -1)]),
                IndexModel([("municipality_id", 1), ("state", 1), ("filed_at", -1), ("_id", -1)]),
                IndexModel([("touched_at", 1)], partialFilterExpression={"state": "draft"}),
                IndexModel(
                    [("household_id", 1), ("filing.key", 1)],
                    unique=True,
                    partialFilterExpression={"filing.key": {"$exists": True}},
                ),
            ],
            validator=REQUEST_VALIDATOR,
            tells=True,
        ),
        "quotas": CollectionSchema(indexes=[IndexModel([("household_id", 1)]), IndexModel([("files.at", 1)])]),
        "municipalities": CollectionSchema(),
        "audit": AUDIT_SCHEMA,
        "households": CollectionSchema(),
        f"{BUCKET}.files": CollectionSchema(
            indexes=[
                IndexModel([("filename", 1), ("uploadDate", 1)]),
                IndexModel([("metadata.request_id", 1)]),
                IndexModel([("uploadDate", 1)], partialFilterExpression={"metadata.loose": True}),
            ]
        ),
        f"{BUCKET}.chunks": CollectionSchema(indexes=[IndexModel([("files_id", 1), ("n", 1)], unique=True)]),
    },
)
