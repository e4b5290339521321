"""The collections of reminders and their indexes."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from shared.mongo import CollectionSchema


def _needs(*names: str) -> dict[str, Any]:
    return {"bsonType": "object", "required": ["_id", "municipality_id", *names]}


UNPAID_INDEXES = (
    IndexModel([("cash_office_id", 1), ("state", 1), ("household_id", 1), ("_id", 1)], name="owed"),
    IndexModel(
        [("handed_over_at", 1)], partialFilterExpression={"handed_over_at": {"$type": "date"}}, name="handed_over"
    ),
)
"""What reminders ask of invoices."""

UNPAID: Mapping[str, CollectionSchema] = {
    "reminder_policies": CollectionSchema(validator=_needs("steps", "version")),
    "reminder_rounds": CollectionSchema(),
    "reminder_exemptions": CollectionSchema(
        [IndexModel([("municipality_id", 1), ("household_id", 1)], unique=True)], _needs("household_id", "version")
    ),
    "reminders": CollectionSchema(
        [
            # A step of an invoice is taken once, whoever takes it.
            IndexModel([("claims", 1)], unique=True),
            IndexModel([("pieces.invoice_id", 1)]),
            IndexModel([("cash_office_id", 1), ("_id", -1)]),
            IndexModel([("household_id", 1), ("_id", -1)]),
        ],
        _needs("household_id", "cash_office_id", "version"),
        tells=True,
    ),
}
