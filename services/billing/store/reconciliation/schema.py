"""The collections of reconciliation and their indexes."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from shared.mongo import CollectionSchema


def _needs(*names: str) -> dict[str, Any]:
    return {"bsonType": "object", "required": ["_id", "municipality_id", "cash_office_id", *names]}


RECONCILIATION: Mapping[str, CollectionSchema] = {
    "statements": CollectionSchema(
        [
            IndexModel([("cash_office_id", 1), ("kind", 1), ("sha256", 1)], unique=True),
            IndexModel([("cash_office_id", 1), ("_id", -1)]),
        ],
        _needs("kind", "version"),
    ),
    "statement_lines": CollectionSchema(
        [
            # What came in is the money of one thing in one kind of statement.
            IndexModel(
                [("kind", 1), ("matched", 1)], unique=True, partialFilterExpression={"state": "matched"}, name="matched"
            ),
            IndexModel([("cash_office_id", 1), ("kind", 1), ("state", 1), ("on", 1)]),
            IndexModel([("cash_office_id", 1), ("_id", -1)]),
        ],
        _needs("kind", "cents", "version"),
    ),
    "reconciliation_tasks": CollectionSchema(
        [
            IndexModel([("cash_office_id", 1), ("state", 1), ("_id", -1)]),
            IndexModel([("state", 1), ("raised_at", 1)]),
        ],
        _needs("kind", "version"),
    ),
}
