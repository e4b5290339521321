"""The collections of debts at the Treasury and their indexes."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from shared.mongo import CollectionSchema


def _needs(*names: str) -> dict[str, Any]:
    return {"bsonType": "object", "required": ["_id", "municipality_id", *names]}


TREASURY: Mapping[str, CollectionSchema] = {
    "treasury_settings": CollectionSchema(validator=_needs("siret", "version")),
    "treasury_counters": CollectionSchema(),
    "treasury_batches": CollectionSchema(
        [
            IndexModel([("municipality_id", 1), ("key", 1)], unique=True),
            IndexModel([("cash_office_id", 1), ("year", 1), ("number", 1)], unique=True),
            IndexModel([("cash_office_id", 1), ("created_at", -1)], unique=True),
            IndexModel([("cash_office_id", 1), ("_id", -1)]),
            IndexModel([("state", 1)], partialFilterExpression={"state": "preparing"}),
        ],
        _needs("cash_office_id", "version"),
    ),
    # One file holds names and addresses of many families: only agents get it, and it goes with its accounting period.
    "treasury_files": CollectionSchema([IndexModel([("made_at", 1)])], _needs("content", "sha256")),
    "collection_orders": CollectionSchema(
        [
            IndexModel([("cash_office_id", 1), ("year", 1), ("number", 1)], unique=True),
            IndexModel([("batch_id", 1), ("number", 1)]),
            IndexModel([("household_id", 1), ("_id", -1)]),
            IndexModel([("municipality_id", 1), ("cash_office_id", 1), ("state", 1), ("_id", -1)]),
            IndexModel([("debts.invoice_id", 1)]),
        ],
        _needs("household_id", "cash_office_id", "cents", "version"),
        tells=True,
    ),
    "treasury_returns": CollectionSchema(
        [IndexModel([("municipality_id", 1), ("imported_at", -1)])], _needs("cash_office_id", "sha256")
    ),
}
