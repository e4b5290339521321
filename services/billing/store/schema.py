"""The collections of billing, their indexes and what each document must have."""

from typing import Any

from pymongo import IndexModel

from services.billing.store.debits.schema import DEBIT_SCHEMA
from services.billing.store.reconciliation.schema import RECONCILIATION
from services.billing.store.till.schema import INVOICE_INDEXES, PAYMENT_INDEXES, TILL, UNSEALED
from services.billing.store.treasury.schema import TREASURY
from services.billing.store.unpaid.schema import UNPAID, UNPAID_INDEXES
from shared.audit.trail import AUDIT_SCHEMA
from shared.former_households import FORMER_SCHEMA
from shared.mongo import CollectionSchema, Schema
from shared.privacy.store import PRIVACY_SCHEMA


def _needs(*names: str) -> dict[str, Any]:
    """Documents without these are refused: what scopes a document may never be missing."""
    return {"bsonType": "object", "required": ["_id", *names]}


TOWN = ("municipality_id",)
SCOPED = ("municipality_id", "household_id", "version")

SCHEMA = Schema(
    version=3,
    collections={
        **PRIVACY_SCHEMA,
        **FORMER_SCHEMA,
        **TILL,
        **DEBIT_SCHEMA,
        **UNPAID,
        **TREASURY,
        **RECONCILIATION,
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
        "enrolments": CollectionSchema([IndexModel([("municipality_id", 1), ("reference", 1)])], _needs(*TOWN)),
        "quotient_settings": CollectionSchema(),
        "quotient_consents": CollectionSchema(
            [IndexModel([("next_on", 1)], partialFilterExpression={"next_on": {"$type": "string"}})],
            _needs(*SCOPED),
            tells=True,
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
                IndexModel([("cash_office_id", 1), ("month", 1), ("number", -1)]),
            ],
            _needs(*TOWN, "version"),
        ),
        "invoice_drafts": CollectionSchema(
            [
                IndexModel([("run_id", 1), ("issued_as", 1), ("kind", 1), ("_id", 1)]),
                IndexModel([("run_id", 1), ("_id", 1)]),
                IndexModel([("household_id", 1)]),
            ],
            _needs(*SCOPED, "run_id"),
        ),
        "run_policies": CollectionSchema(validator=_needs(*TOWN, "version")),
        "counters": CollectionSchema(),
        "invoices": CollectionSchema(
            [
                *INVOICE_INDEXES,
                *UNPAID_INDEXES,
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
        "contestations": CollectionSchema(
            [
                IndexModel([("household_id", 1), ("key", 1)], unique=True),
                IndexModel([("municipality_id", 1), ("state", 1), ("_id", -1)]),
            ],
            _needs(*SCOPED, "invoice_id"),
            tells=True,
        ),
        "office_papers": CollectionSchema(validator=_needs(*TOWN, "version")),
        "orders": CollectionSchema(validator=_needs(*SCOPED)),
        "audit": AUDIT_SCHEMA,
        "payment_accounts": CollectionSchema([IndexModel([("municipality_id", 1)])], _needs(*TOWN, "kind", "version")),
        "payments": CollectionSchema(
            [
                *PAYMENT_INDEXES,
                IndexModel([("reference", 1)], unique=True),
                IndexModel([("household_id", 1), ("key", 1)], unique=True),
                IndexModel([("claims", 1)], unique=True, partialFilterExpression={"live": True}),
                IndexModel(
                    [("municipality_id", 1), ("opened_at", 1)],
                    name="reviews",
                    partialFilterExpression={"state": "review"},
                ),
                IndexModel([("idop", 1)], unique=True, partialFilterExpression={"idop": {"$type": "string"}}),
                IndexModel([("next_at", 1)], partialFilterExpression={"next_at": {"$type": "date"}}),
            ],
            _needs(*SCOPED, "reference", "amount_cents"),
            tells=True,
        ),
    },
)
