"""Meal orders: one document per programme and day, that a kitchen is told once and then amended. Counts, no names."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from services.reservations.domain.headcounts import Table
from services.reservations.domain.meal_orders import Amendment, MealOrder
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Database, Document

COLLECTION = "meal_orders"
MEAL_ORDERS_SCHEMA = CollectionSchema(
    indexes=[IndexModel([("municipality_id", 1), ("date", 1)], name="municipality")],
    validator={
        "bsonType": "object",
        "required": ["municipality_id", "programme_id", "date", "due_at", "ordered", "amendments", "version"],
    },
    tells=True,
)


class MealOrderStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._orders = db[COLLECTION]
        self._towns = db["towns"]
        self._wake = wake

    async def towns(self) -> list[str]:
        """Those with a kitchen that must know the heads at some time."""
        wanted = {"programmes.headcount_freeze.shape": {"$exists": True}, "settings": {"$exists": True}}
        found = self._towns.find(wanted, {"_id": 1})
        return [str(one["_id"]) async for one in found]

    async def of_town(
        self, municipality_id: str, first: date, last: date, programmes: Collection[str] | None = None
    ) -> list[MealOrder]:
        """By day; `programmes` of the town, or all."""
        wanted: Document = {
            "municipality_id": municipality_id,
            "date": {"$gte": first.isoformat(), "$lte": last.isoformat()},
        }
        if programmes is not None:
            wanted["programme_id"] = {"$in": sorted(programmes)}
        found = self._orders.find(wanted, {"outbox": 0}, sort=[("date", 1), ("_id", 1)])
        return [_order(one) for one in await found.to_list(None)]

    async def freeze(self, order: MealOrder) -> bool:
        """Keep and tell a new one; False when there is one already."""
        document = {
            "_id": order.id,
            "municipality_id": order.municipality_id,
            "programme_id": order.programme_id,
            "date": order.date.isoformat(),
            "due_at": order.due_at.astimezone(UTC),
            "frozen_at": order.frozen_at,
            "ordered": [{**_table(table), "count": count} for table, count in sorted(order.ordered.items())],
            "amendments": [],
            "version": order.version,
            "outbox": _told(order, order.frozen_at),
        }
        try:
            await self._orders.insert_one(document)
        except DuplicateKeyError:
            return False
        self._wake(COLLECTION)
        return True

    async def amend(self, order: MealOrder) -> bool:
        """Keep and tell the newest amendment; False when somebody else amended it meanwhile."""
        newest = order.amendments[-1]
        changes = [
            {**_table(table), "before": before, "after": after} for table, (before, after) in newest.changes.items()
        ]
        written = await self._orders.update_one(
            {"_id": order.id, "municipality_id": order.municipality_id, "version": order.version - 1},
            {
                "$set": {"version": order.version},
                "$push": {
                    "amendments": {"number": newest.number, "at": newest.at, "changes": changes},
                    "outbox": {"$each": _told(order, newest.at)},
                },
            },
        )
        self._wake(COLLECTION)
        return bool(written.matched_count)


def _told(order: MealOrder, at: datetime) -> list[dict[str, str]]:
    return pack([order.told()], subject=order.id, sequence=order.version, municipality_id=order.municipality_id, at=at)


def _table(table: Table) -> Document:
    return {"activity_id": table.activity_id, "site_id": table.site_id, "diet": table.diet}


def _table_of(found: Mapping[str, Any]) -> Table:
    return Table(activity_id=found["activity_id"], site_id=found["site_id"], diet=found["diet"])


def _order(found: Document) -> MealOrder:
    order = MealOrder(
        municipality_id=found["municipality_id"],
        programme_id=found["programme_id"],
        date=date.fromisoformat(found["date"]),
        due_at=found["due_at"],
        frozen_at=found["frozen_at"],
        ordered={_table_of(one): one["count"] for one in found["ordered"]},
    )
    return replace(order, amendments=tuple(_amendment(one) for one in found["amendments"]))


def _amendment(found: Document) -> Amendment:
    changes = {_table_of(one): (one["before"], one["after"]) for one in found["changes"]}
    return Amendment(number=found["number"], at=found["at"], changes=changes)
