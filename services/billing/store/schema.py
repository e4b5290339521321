"""The collections of billing, their indexes and what each document must have."""

from typing import Any

from pymongo import IndexModel

from shared.audit.trail import AUDIT_SCHEMA
from shared.former_households import FORMER_SCHEMA
from shared.mongo import CollectionSchema, Schema
from shared.privacy.store import PRIVACY_SCHEMA


def _needs(*names: str) -> dict[str, Any]:
    """Documents without these are refused: what scopes a document may never be missing."""
    return {"bsonType": "object", "required": ["_id", *names]}


TOWN = ("municipality_id",)
SCOPED = ("municipality_id", "household_id", "version")

UNSEALED = IndexModel([("unsealed.id", 1)], partialFilterExpression={"unsealed.id": {"$exists": True}})
"""Of collections whose documents carry postings for the journal."""

SCHEMA = Schema(
    version=3,
    collections={
        **PRIVACY_SCHEMA,
        **FORMER_SCHEMA,
        "towns": CollectionSchema(),
        "programmes": CollectionSchema([IndexModel([("municipality_id", 1)])], _needs(*TOWN)),
        "households": CollectionSchema(),
        "tariffs": CollectionSchema([IndexModel([("spread", 1)])]),
        "families": CollectionSchema(
            [
                IndexModel([("household_id", 1), ("municipality_id", 1)]),
                IndexModel([("reprice_on", 1)], partialFilterExpression={"reprice_on": {"$type": "string"}}),
                IndexModel([("municipality_id", 1)]),
            ],
            _needs(*TOWN, "version"),
        ),
        "price_lists": CollectionSchema(validator=_needs(*SCOPED), tells=True),
        "sheets": CollectionSchema(
            [
                IndexModel([("closing_id", 1)], partialFilterExpression={"closing_id": {"$type": "string"}}),
                IndexModel([("municipality_id", 1), ("month", 1), ("programme_id", 1), ("household_id", 1)]),
                IndexModel([("household_id", 1), ("month", 1)]),
            ],
            _needs(*SCOPED),
        ),
        "closings": CollectionSchema(
            [IndexModel([("municipality_id", 1), ("month", 1)]), IndexModel([("complete", 1)])], _needs(*TOWN)
        ),
        "runs": CollectionSchema(
            [
                IndexModel([("municipality_id", 1), ("month", -1)]),
                IndexModel([("next_at", 1)], partialFilterExpression={"next_at": {"$type": "date"}}),
            ],
            _needs(*TOWN, "version"),
        ),
        "counters": CollectionSchema(),
        "invoices": CollectionSchema(
            [
                IndexModel(
                    [("household_id", 1), ("cash_office_id", 1), ("month", 1), ("kind", 1), ("occasion", 1)],
                    unique=True,
                ),
                IndexModel([("cash_office_id", 1), ("year", 1), ("kind", 1), ("position", 1)], unique=True),
                IndexModel([("run_id", 1)]),
                IndexModel([("documented", 1)], partialFilterExpression={"documented": False}),
                UNSEALED,
            ],
            _needs(*SCOPED, "total_cents"),
            tells=True,
            dropped=("household_id_1_cash_office_id_1_month_1_kind_1",),
        ),
        "documents": CollectionSchema(validator=_needs("municipality_id", "household_id", "pdf", "sha256"), tells=True),
        "orders": CollectionSchema(validator=_needs(*SCOPED)),
        "audit": AUDIT_SCHEMA,
        "payments": CollectionSchema(
            [
                IndexModel([("reference", 1)], unique=True),
                IndexModel([("household_id", 1), ("key", 1)], unique=True),
                IndexModel([("claims", 1)], unique=True, partialFilterExpression={"live": True}),
                IndexModel([("idop", 1)], unique=True, partialFilterExpression={"idop": {"$type": "string"}}),
                IndexModel([("next_at", 1)], partialFilterExpression={"next_at": {"$type": "date"}}),
            ],
            _needs(*SCOPED, "reference", "amount_cents"),
            tells=True,
        ),
    },
)
