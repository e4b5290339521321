"""What must hold of payments and the credit notes they use."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from shared.mongo import Database

ENTERED = {"credits.0": {"$exists": True}, "state": "paid", "allocated": True, "short": {"$ne": True}}


async def credits_unlike_their_orders(db: Database) -> list[str]:
    """What a payment used of credit notes stands on them, once, when its order is paid by it, and else not at all."""
    expected: Counter[tuple[str, str]] = Counter()
    waiting: set[str] = set()
    async for payment in db["payments"].find({"credits.0": {"$exists": True}, "allocated": False}, {"_id": 1}):
        waiting.add(payment["_id"])
    async for payment in db["payments"].find(ENTERED, {"credits": 1, "order_id": 1}):
        if await db["orders"].count_documents({"_id": payment["order_id"], "paid_by": payment["_id"]}):
            for use in payment["credits"]:
                expected[payment["_id"], use["credit_id"]] -= use["cents"]
    found: Counter[tuple[str, str]] = Counter()
    by_payment = {"kind": "A", "settlements.source": {"$regex": "^pay_"}}
    async for credit in db["invoices"].find(by_payment, {"settlements": 1}):
        for act in credit["settlements"]:
            if act["source"].startswith("pay_") and act["source"] not in waiting:
                found[act["source"], credit["_id"]] += act["cents"]
    return [
        f"{payment}: {found[payment, credit]} cents of {credit} used, {expected[payment, credit]} meant"
        for payment, credit in sorted({*expected, *found})
        if found[payment, credit] != expected[payment, credit]
    ]


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "every credit an order used is its payment's": credits_unlike_their_orders,
}
