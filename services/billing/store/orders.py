"""Prepaid orders."""

from collections.abc import Sequence
from datetime import datetime

from services.billing.domain.orders import Order, OrderLine
from services.billing.store.documents import from_document, save, several
from shared.mongo import Database


class OrderStore:
    def __init__(self, db: Database) -> None:
        self._orders = db["orders"]

    async def get(self, household_id: str, order_id: str) -> Order | None:
        found = await self._orders.find_one({"_id": order_id, "household_id": household_id})
        return from_document(Order, found) if found else None

    async def lines_paid(self, household_ids: Sequence[str], order_ids: Sequence[str]) -> dict[str, list[OrderLine]]:
        """What orders of these households that were paid took, by household."""
        scope = {
            "_id": {"$in": list(order_ids)},
            "household_id": {"$in": list(household_ids)},
            "paid_by": {"$ne": None},
        }
        lines: dict[str, list[OrderLine]] = {}
        for order in several(Order, await self._orders.find(scope).to_list(None)):
            lines.setdefault(order.household_id, []).extend(order.lines)
        return lines

    async def save(self, order: Order) -> Order:
        return await save(self._orders, order)

    async def prolong(self, household_id: str, order_id: str, until: datetime) -> None:
        """Its places are kept until then; nothing when they are kept for longer, or no more."""
        waiting = {"_id": order_id, "household_id": household_id, "ended": None, "paid_by": None}
        await self._orders.update_one(waiting, {"$max": {"expires_at": until}, "$inc": {"version": 1}})

    async def pay(self, household_id: str, name: str, payment_id: str, cents: int, at: datetime) -> int:
        """`cents` when this payment is the one that settled the order, now or before; else 0."""
        scope = {"_id": name, "household_id": household_id}
        paid = {"$set": {"paid_by": payment_id, "paid_at": at}, "$inc": {"version": 1}}
        if (await self._orders.update_one({**scope, "paid_by": None}, paid)).matched_count:
            return cents
        return cents if await self._orders.count_documents({**scope, "paid_by": payment_id}) else 0

    async def paid_by_others(self, household_id: str, names: list[str], payment_id: str) -> set[str]:
        scope = {"_id": {"$in": names}, "household_id": household_id, "paid_by": {"$nin": [None, payment_id]}}
        return {found["_id"] async for found in self._orders.find(scope, {"_id": 1})}
