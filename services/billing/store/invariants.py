"""What must hold on live data of billing, each check returning what breaks it, in identifiers only."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import groupby
from typing import Any

from services.billing.domain.invoices import Invoice, followed
from services.billing.domain.settlements import part_of
from services.billing.store.debits.invariants import DEBITS
from services.billing.store.documents import from_document
from services.billing.store.invariants_of_arrears import ARREARS
from services.billing.store.invariants_of_months import MONTHS
from services.billing.store.papers_kept import PAPERS
from services.billing.store.paying.invariants import INVARIANTS as PAYING
from services.billing.store.quotients_kept import QUOTIENTS
from services.billing.store.till.invariants import INVARIANTS as TILL
from shared.mongo import Database, Document

SERIES = ("cash_office_id", "year", "kind")
SETTLED = {"state": "paid", "allocated": True}


async def numbering_with_gaps(db: Database) -> list[str]:
    """In every series (cash office, year, kind) positions go 1, 2, 3… as far as the counter."""
    found = db["invoices"].find({}, {"position": 1, **dict.fromkeys(SERIES, 1)})
    invoices = await found.sort([*((name, 1) for name in SERIES), ("position", 1)]).to_list(None)
    by_series = groupby(invoices, key=lambda one: "/".join(str(one[name]) for name in SERIES))
    series = {name: [one["position"] for one in group] for name, group in by_series}
    counters = {one["_id"]: one["last"] for one in await db["counters"].find().to_list(None)}
    return [
        f"{name}: {len(series.get(name, []))} invoices, counter at {counters.get(name)}"
        for name in sorted({*series, *counters})
        if series.get(name, []) != list(range(1, counters.get(name, 0) + 1))
    ]


async def totals_unlike_their_lines(db: Database) -> list[str]:
    wrong = {"$expr": {"$ne": ["$total_cents", {"$sum": "$lines.total_cents"}]}}
    return [f"{one['_id']}: total differs from its lines" async for one in db["invoices"].find(wrong, {"_id": 1})]


async def states_unlike_their_settlements(db: Database) -> list[str]:
    """A piece has the state its settlements and plans give it, and is never settled beyond its total."""
    found = db["invoices"].find({}, {"lines.days": 0, "outbox": 0, "unsealed": 0})
    return [
        f"{invoice.id}: is {invoice.state}, {invoice.remaining_cents} of {invoice.total_cents} cents remain"
        async for invoice in (from_document(Invoice, one) async for one in found)
        if followed(invoice) != invoice
        or part_of(invoice.total_cents, invoice.remaining_cents) != invoice.remaining_cents
    ]


async def settlements_without_their_payment(db: Database) -> list[str]:
    """What a payment settled of an invoice is covered by that payment, settled, for at least as much."""
    return [line async for line in _uncovered(db)]


async def _uncovered(db: Database) -> AsyncIterator[str]:
    by_payment = {"settlements": {"$elemMatch": {"kind": "payment", "source": {"$regex": "^pay_"}}}}
    async for invoice in db["invoices"].find(by_payment, {"settlements": 1}):
        for act in invoice["settlements"]:
            if act["kind"] == "payment" and act["source"].startswith("pay_"):
                covering = {"invoice_id": invoice["_id"], "cents": {"$gte": act["cents"]}}
                paid = {"_id": act["source"], "state": "paid", "allocations": {"$elemMatch": covering}}
                if not await db["payments"].count_documents(paid):
                    yield f"{invoice['_id']}: settled, but {act['source']} does not cover it"


async def settled_payments_without_effect(db: Database) -> list[str]:
    """What a shared-out payment settled says so, or the money is recorded as due back."""
    return [line async for payment in db["payments"].find(SETTLED) async for line in _unmarked(db, payment)]


async def _unmarked(db: Database, payment: Document) -> AsyncIterator[str]:
    """Each of its shares is a settlement of the piece, or of what was not taken the rest is due back."""
    due = Counter[str]()
    for refund in payment["refunds"]:
        due[refund["ref"]] += refund["cents"]
    name = payment["order_id"]
    owed = name and payment["amount_cents"] and not due[name]
    if owed and not await db["orders"].count_documents({"_id": name, "paid_by": payment["_id"]}):
        yield f"{payment['_id']}: settled, but {name} does not know it"
    for share in payment["allocations"]:
        taken = share["cents"] - due[share["invoice_id"]]
        act = {"source": payment["_id"], "kind": "payment", "cents": taken}
        scope = {"_id": share["invoice_id"], "settlements": {"$elemMatch": act}}
        if taken and not await db["invoices"].count_documents(scope):
            yield f"{payment['_id']}: settled, but {share['invoice_id']} does not know it"


async def allocations_unlike_their_amount(db: Database) -> list[str]:
    differs = {"$ne": ["$amount_cents", {"$sum": "$allocations.cents"}]}
    wrong = {"order_id": None, "$expr": differs}
    return [f"{one['_id']}: allocations differ from its amount" async for one in db["payments"].find(wrong, {"_id": 1})]


async def refunds_above_their_payment(db: Database) -> list[str]:
    paid = {"$add": ["$amount_cents", {"$sum": "$credits.cents"}]}
    wrong = {"$expr": {"$gt": [{"$sum": "$refunds.cents"}, paid]}}
    return [f"{one['_id']}: more to give back than was paid" async for one in db["payments"].find(wrong, {"_id": 1})]


async def days_invoiced_twice(db: Database) -> list[str]:
    """A day of a charge sheet stands on one line at most, once lines taken back are left out."""
    steps: list[Mapping[str, Any]] = [
        {"$unwind": "$lines"},
        {"$unwind": "$lines.days"},
        {
            "$group": {
                "_id": {
                    "sheet": "$lines.days.sheet_id",
                    "activity": "$lines.activity_id",
                    "date": "$lines.days.date",
                    "what": "$lines.what",
                },
                "times": {"$sum": {"$cond": [{"$gt": [{"$ifNull": ["$lines.reverses", ""]}, ""]}, -1, 1]}},
            }
        },
        {"$match": {"times": {"$gt": 1}}},
    ]
    found = db["invoices"].aggregate(steps, allowDiskUse=True)
    return [
        f"{one['_id']['sheet']} {one['_id']['activity']} {one['_id']['date']}: invoiced twice" async for one in found
    ]


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "invoices are numbered without a gap": numbering_with_gaps,
    "every invoice is the sum of its lines": totals_unlike_their_lines,
    "every piece has the state of its settlements": states_unlike_their_settlements,
    "every settlement by payment has its payment": settlements_without_their_payment,
    "every settled payment paid something or is due back": settled_payments_without_effect,
    "every payment is the sum of its allocations": allocations_unlike_their_amount,
    "no more is due back than was paid": refunds_above_their_payment,
    "no day is invoiced twice": days_invoiced_twice,
    **MONTHS,
    **PAPERS,
    **PAYING,
    **TILL,
    **QUOTIENTS,
    **DEBITS,
    **ARREARS,
}
