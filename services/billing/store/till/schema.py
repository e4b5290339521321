"""The collections of the till and their indexes."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from shared.mongo import CollectionSchema

UNSEALED = IndexModel([("unsealed.id", 1)], partialFilterExpression={"unsealed.id": {"$exists": True}})
"""Of collections whose documents carry postings for the journal."""
KEY = IndexModel([("municipality_id", 1), ("key", 1)], unique=True, partialFilterExpression={"key": {"$gt": ""}})


def _needs(*names: str) -> dict[str, Any]:
    return {"bsonType": "object", "required": ["_id", "municipality_id", "cash_office_id", *names]}


PAYMENT_INDEXES = (
    IndexModel([("state", 1), ("allocated", 1), ("in_books", 1)], name="in_books"),
    IndexModel([("refunds.ref", 1)], name="dues", partialFilterExpression={"refunds.ref": {"$exists": True}}),
    UNSEALED,
)
"""What the till asks of payments."""
INVOICE_INDEXES = (
    IndexModel([("household_id", 1), ("kind", 1), ("state", 1)], name="credits"),
    IndexModel([("cash_office_id", 1), ("kind", 1), ("state", 1)], name="office_state"),
)
"""What the till asks of invoices: credit notes with something left, what remains unpaid."""

TILL: Mapping[str, CollectionSchema] = {
    "receipts": CollectionSchema(
        [
            IndexModel([("source", 1)], unique=True),
            KEY,
            IndexModel([("cash_office_id", 1), ("year", 1), ("position", 1)], unique=True),
            IndexModel([("cash_office_id", 1), ("booked_on", 1), ("position", 1)]),
            IndexModel(
                [("cash_office_id", 1), ("cancelled_on", 1)],
                partialFilterExpression={"cancelled_on": {"$type": "string"}},
            ),
            IndexModel(
                [("municipality_id", 1), ("means.vouchers.kind", 1), ("means.vouchers.serial", 1)],
                unique=True,
                partialFilterExpression={
                    "means.vouchers.serial": {"$type": "string"},
                    "cancelled_at": {"$type": "null"},
                },
            ),
            IndexModel([("household_id", 1)]),
            IndexModel([("deposit_id", 1)], partialFilterExpression={"deposit_id": {"$type": "string"}}),
            IndexModel([("to_reopen", 1)], partialFilterExpression={"to_reopen": True}),
            IndexModel([("shared_out", 1)], partialFilterExpression={"shared_out": False}),
            UNSEALED,
        ],
        _needs("household_id", "cents", "booked_on", "version"),
        tells=True,
    ),
    "refunds": CollectionSchema(
        [
            IndexModel([("source", 1)], unique=True),
            KEY,
            IndexModel([("municipality_id", 1), ("state", 1)]),
            IndexModel([("household_id", 1)]),
            UNSEALED,
        ],
        _needs("household_id", "cents", "version"),
        tells=True,
    ),
    "deposits": CollectionSchema([KEY, IndexModel([("cash_office_id", 1)]), UNSEALED], _needs("cents", "version")),
    "journal": CollectionSchema(
        [
            IndexModel([("cash_office_id", 1), ("seq", 1)], unique=True),
            IndexModel([("cash_office_id", 1), ("booked_on", 1), ("seq", 1)]),
        ],
        _needs("seq", "hash", "previous"),
    ),
    "chains": CollectionSchema(),
    "tills": CollectionSchema(),
    "till_counters": CollectionSchema(),
    "till_settings": CollectionSchema(),
    "day_closes": CollectionSchema(
        [IndexModel([("cash_office_id", 1), ("day", -1)])], _needs("day", "head"), tells=True
    ),
}
