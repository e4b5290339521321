"""What requests keeps in its database, and how it is held to shape."""

from pymongo import IndexModel

from services.requests.domain.requests import STATES
from services.requests.store.catalogues import CatalogueStore
from services.requests.store.category_drafts import DRAFTS_SCHEMA
from services.requests.store.checklists import VERIFIED_DOCUMENTS, VERIFIED_SCHEMA, ChecklistStore
from services.requests.store.copies import AgentStore, HouseholdStore, TownStore
from services.requests.store.counts import RequestCounts
from services.requests.store.editions import EDITIONS_SCHEMA
from services.requests.store.files import BUCKET, FILE_RECORDS, RECORD_SCHEMA, FileStore
from services.requests.store.filters import Filters, Sort
from services.requests.store.quotas import QuotaStore
from services.requests.store.reads import Listed, Page, RequestLists
from services.requests.store.requests import REQUESTS, RequestStore
from services.requests.store.standing import STANDING_SCHEMA
from services.requests.store.templates import TemplateStore
from shared.audit.trail import AUDIT_SCHEMA
from shared.former_households import FORMER_SCHEMA
from shared.mongo import CollectionSchema, Schema
from shared.privacy.store import PRIVACY_SCHEMA

__all__ = [
    "SCHEMA",
    "AgentStore",
    "CatalogueStore",
    "ChecklistStore",
    "FileStore",
    "Filters",
    "HouseholdStore",
    "Listed",
    "Page",
    "QuotaStore",
    "RequestCounts",
    "RequestLists",
    "RequestStore",
    "Sort",
    "TemplateStore",
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
                IndexModel([("municipality_id", 1), ("touched_at", -1), ("_id", -1)]),
                IndexModel([("municipality_id", 1), ("assigned.account_id", 1), ("filed_at", -1), ("_id", -1)]),
                IndexModel(
                    [("municipality_id", 1), ("due_on", 1), ("_id", 1)],
                    partialFilterExpression={"due_on": {"$type": "string"}},
                ),
                IndexModel([("due_on", 1)], partialFilterExpression={"due_on": {"$type": "string"}}, name="due"),
                IndexModel(
                    [("municipality_id", 1), ("filed_at", -1)],
                    partialFilterExpression={"unread_by_agents": {"$gt": 0}},
                    name="unread_by_agents",
                ),
                IndexModel(
                    [("asking.at", 1)],
                    partialFilterExpression={"state": "waiting_for_family"},
                    name="waiting",
                ),
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
        "category_drafts": DRAFTS_SCHEMA,
        "category_editions": EDITIONS_SCHEMA,
        **STANDING_SCHEMA,
        "agents": CollectionSchema(),
        "answer_templates": CollectionSchema(indexes=[IndexModel([("municipality_id", 1), ("name", 1)])]),
        "audit": AUDIT_SCHEMA,
        "households": CollectionSchema(),
        FILE_RECORDS: RECORD_SCHEMA,
        VERIFIED_DOCUMENTS: VERIFIED_SCHEMA,
        f"{BUCKET}.files": CollectionSchema(
            indexes=[IndexModel([("filename", 1), ("uploadDate", 1)])],
            dropped=("metadata.request_id_1", "uploadDate_1"),
        ),
        f"{BUCKET}.chunks": CollectionSchema(indexes=[IndexModel([("files_id", 1), ("n", 1)], unique=True)]),
    },
)
