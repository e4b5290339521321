"""Prepaid orders as documents; every step is a conditional change of state with its fact."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pymongo import IndexModel, ReturnDocument

from services.reservations.domain.late import Surcharge
from services.reservations.domain.open_orders import LONGEST, TO_TRY_AGAIN
from services.reservations.domain.order import Order, OrderLine, OrderState
from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import Collection, CollectionSchema, Database, Document

COLLECTION = "orders"
MILLISECOND = timedelta(milliseconds=1)
STATES = ["opening", "held", "paid", "confirmed", "releasing", "released", "lost"]
ORDERS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("household_id", 1)], name="household"),
        IndexModel(
            [("exp", 1)],
            name="unsettled",
            partialFilterExpression={"state": {"$in": ["opening", "held", "releasing"]}},
        ),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "municipality_id", "lines", "state", "exp", "version"],
        "properties": {"state": {"enum": STATES}},
    },
    tells=True,
)


class OrderStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._orders: Collection = db[COLLECTION]
        self._wake = wake

    async def open(
        self, order_id: str, household_id: str, municipality_id: str, lines: Iterable[OrderLine], *, hold: timedelta
    ) -> Order:
        """The order as it is, opened now when it is not there yet; its time runs on the database's clock."""
        new = {
            "_id": order_id,
            "household_id": household_id,
            "municipality_id": municipality_id,
            "lines": [_line_document(line) for line in lines],
            "state": "opening",
            "version": 0,
        }
        missing = {"$eq": [{"$type": "$state"}, "missing"]}
        opened = {"$mergeObjects": [{"$literal": new}, {"exp": {"$add": ["$$NOW", hold // timedelta(milliseconds=1)]}}]}
        found = await self._orders.find_one_and_update(
            {"_id": order_id, "household_id": household_id},
            [{"$replaceWith": {"$cond": [missing, opened, "$$ROOT"]}}],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _order(found)

    async def get(self, order_id: str, household_id: str) -> Order | None:
        found = await self._orders.find_one({"_id": order_id, "household_id": household_id}, {"outbox": 0})
        return _order(found) if found else None

    async def move(
        self,
        order: Order,
        to: OrderState,
        *events: Event,
        now: datetime,
        lines: Sequence[OrderLine] | None = None,
        late: bool = False,
        when_over: bool = False,
    ) -> bool:
        """From the state `order` has to another, telling `events`; False when it is no longer in that state.

        `lines` replaces the order's lines; `when_over` asks that its time be over by the database's clock.
        """
        same: Document = {"_id": order.id, "household_id": order.household_id, "state": order.state}
        if when_over:
            same["$expr"] = {"$lt": ["$exp", "$$NOW"]}
        values: Document = {"state": to}
        if to == "held":
            values["told"] = True
        if lines is not None:
            values["lines"] = [_line_document(line) for line in lines]
        if late:
            values["late"] = True
        change: Document = {"$set": values, "$inc": {"version": 1}}
        if events:
            change["$push"] = {"outbox": {"$each": self._packed(order, events, now)}}
        moved = await self._orders.update_one(same, change)
        if events:
            self._wake(COLLECTION)
        return bool(moved.modified_count)

    async def over(self, limit: int = 100) -> list[Order]:
        """Unpaid orders whose time is over, and those whose release was interrupted."""
        wanted = {"state": {"$in": ["opening", "held", "releasing"]}, "$expr": {"$lt": ["$exp", "$$NOW"]}}
        return [_order(found) async for found in self._orders.find(wanted, {"outbox": 0}, limit=limit)]

    async def open_of(self, household_id: str) -> list[Order]:
        """Those that wait for their payment, the next to be over first."""
        waiting = {"household_id": household_id, "state": "held", "$expr": {"$lt": ["$$NOW", "$exp"]}}
        return [_order(found) async for found in self._orders.find(waiting, {"outbox": 0}).sort("exp", 1)]

    async def prolong(
        self, order_id: str, household_id: str, payment_id: str, *, page: datetime, until: datetime
    ) -> None:
        """It waits for that payment, unless it is over, or waited for others for too long already."""
        first = {"$ifNull": ["$first_exp", "$exp"]}
        in_time = {"$lt": ["$$NOW", {"$add": [first, LONGEST // MILLISECOND]}]}
        changed = {
            "first_exp": first,
            "exp": {"$max": ["$exp", until]},
            "paying": payment_id,
            "paying_until": page,
        }
        held = {"_id": order_id, "household_id": household_id, "state": "held", "$expr": in_time}
        await self._orders.update_one(held, [{"$set": changed}])

    async def shorten(self, order_id: str, household_id: str, payment_id: str) -> None:
        """Back to its own time, or a moment from now; nothing when it waits for another payment by now."""
        paying = {"_id": order_id, "household_id": household_id, "state": "held", "paying": payment_id}
        moment = {"$add": ["$$NOW", TO_TRY_AGAIN // MILLISECOND]}
        back = {"exp": {"$min": ["$exp", {"$max": ["$first_exp", moment]}]}}
        await self._orders.update_one(paying, [{"$set": back}, {"$unset": ["paying", "paying_until"]}])

    async def forget(self, order: Order) -> None:
        """An order nobody was told of and that keeps nothing."""
        await self._orders.delete_one({"_id": order.id, "household_id": order.household_id, "state": "opening"})

    def _packed(self, order: Order, events: Sequence[Event], now: datetime) -> list[dict[str, Any]]:
        return list(
            pack(
                events,
                subject=order.id,
                sequence=order.version + 1,
                municipality_id=order.municipality_id,
                at=now,
            )
        )


def _line_document(line: OrderLine) -> Document:
    return {
        "child_id": line.child_id,
        "programme_id": line.programme_id,
        "activity_id": line.activity_id,
        "date": line.date.isoformat(),
        **({"surcharge": line.surcharge.model_dump(exclude_none=True)} if line.surcharge else {}),
    }


def _line(found: Document) -> OrderLine:
    surcharge = found.get("surcharge")
    return OrderLine(
        child_id=found["child_id"],
        programme_id=found["programme_id"],
        activity_id=found["activity_id"],
        date=date.fromisoformat(found["date"]),
        surcharge=Surcharge(**surcharge) if surcharge else None,
    )


def _order(found: Document) -> Order:
    return Order(
        id=found["_id"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        lines=tuple(_line(line) for line in found["lines"]),
        state=found["state"],
        expires_at=found["exp"],
        version=found["version"],
        told=found.get("told", False),
        late=found.get("late", False),
        paying_until=found.get("paying_until"),
    )
