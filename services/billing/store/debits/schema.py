"""Collections of direct debit: their indexes carry what there may be only one of."""

from typing import Any

from pymongo import IndexModel

from shared.mongo import CollectionSchema

SCOPED = ("_id", "municipality_id", "household_id", "cash_office_id", "version")
OFFICE = ("_id", "municipality_id", "cash_office_id", "version")
IN_FORCE = {"$in": ["active", "suspended"]}


def _needs(*names: str) -> dict[str, Any]:
    return {"bsonType": "object", "required": list(names)}


def _where(name: str, value: Any) -> dict[str, Any]:
    return {"partialFilterExpression": {name: value}}


DEBIT_SCHEMA = {
    "creditors": CollectionSchema(validator=_needs("_id", "municipality_id", "version")),
    "mandates": CollectionSchema(
        [
            IndexModel([("municipality_id", 1), ("rum", 1)], unique=True),
            # One in force per household and cash office.
            IndexModel([("household_id", 1), ("cash_office_id", 1)], unique=True, **_where("state", IN_FORCE)),
            IndexModel([("household_id", 1), ("_id", -1)]),
            IndexModel([("municipality_id", 1), ("cash_office_id", 1), ("_id", 1)]),
            IndexModel([("signed_on", 1)], **_where("state", IN_FORCE)),
        ],
        _needs(*SCOPED, "rum"),
        tells=True,
    ),
    "debits": CollectionSchema(
        [
            IndexModel([("invoice_id", 1)], unique=True, **_where("live", True)),
            IndexModel([("end_to_end", 1)], unique=True),
            IndexModel([("household_id", 1), ("_id", -1)]),
            IndexModel([("mandate_id", 1)]),
            IndexModel([("batch_id", 1)], **_where("batch_id", {"$type": "string"})),
            IndexModel([("municipality_id", 1), ("cash_office_id", 1), ("state", 1), ("collect_on", 1), ("_id", 1)]),
        ],
        _needs(*SCOPED, "invoice_id", "cents"),
        tells=True,
    ),
    "debit_batches": CollectionSchema(
        [
            IndexModel([("municipality_id", 1), ("key", 1)], unique=True),
            # Whoever asks for a file while one is being made goes on with that one.
            IndexModel([("cash_office_id", 1)], unique=True, **_where("state", "making")),
            IndexModel([("municipality_id", 1), ("message_id", 1)], unique=True),
            IndexModel([("municipality_id", 1), ("file_name", 1)], unique=True, **_where("file_name", {"$gt": ""})),
            IndexModel([("municipality_id", 1), ("cash_office_id", 1), ("_id", -1)]),
            IndexModel([("collect_on", 1)], **_where("state", "sent")),
            IndexModel([("municipality_id", 1), ("made_on", 1), ("number", -1)]),
        ],
        _needs(*OFFICE, "message_id"),
    ),
    "debit_files": CollectionSchema([IndexModel([("made_at", 1)])], _needs("_id", "municipality_id", "sealed")),
    "debit_answers": CollectionSchema(
        [IndexModel([("municipality_id", 1), ("imported_at", -1)])], _needs("_id", "municipality_id", "version")
    ),
}
