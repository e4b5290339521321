"""What a cash office took in a period: rows read as they are written out, sums made by the database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from services.billing.domain.till.statement import AGES, Age, Counted, Row, TakenBy
from shared.mongo import Collection, Database, Document

MARK = "\x1f"
"""Between the fields of a row: no text that can be typed in holds it."""
SURPLUS = {
    "$sum": {
        "$map": {
            "input": {"$filter": {"input": "$shares", "cond": {"$eq": ["$$this.activity_id", ""]}}},
            "in": "$$this.cents",
        }
    }
}


def _days(start: date, end: date) -> Document:
    return {"$gte": start.isoformat(), "$lte": end.isoformat()}


class StatementStore:
    def __init__(self, db: Database) -> None:
        self._receipts: Collection = db["receipts"]
        self._journal, self._chains, self._invoices = db["journal"], db["chains"], db["invoices"]

    async def rows(self, cash_office_id: str, start: date, end: date, size: int) -> AsyncIterator[list[Row]]:
        """Receipts booked in the period in their order, then those cancelled in it, as amounts below zero.

        The database makes one text of each: reading a dozen fields of a million takes this process longer than that.
        """
        for field, sign in (("booked_on", 1), ("cancelled_on", -1)):
            scope = {"cash_office_id": cash_office_id, field: _days(start, end)}
            steps: list[Document] = [
                {"$match": scope},
                {"$sort": {field: 1, "position": 1} if sign > 0 else {field: 1}},
                {"$project": {"_id": 0, "t": {"$concat": _fields(field)}}},
            ]
            cursor = self._receipts.aggregate(steps, batchSize=size, allowDiskUse=True)
            # The next batch is on its way while this one is written out.
            coming = asyncio.ensure_future(cursor.to_list(size))
            try:
                while documents := await coming:
                    coming = asyncio.ensure_future(cursor.to_list(size))
                    yield [_row(one["t"], sign) for one in documents]
            finally:
                coming.cancel()

    async def by_mode(self, cash_office_id: str, start: date, end: date) -> TakenBy:
        """By means: what was booked in the period, and what was cancelled in it."""
        return await self._both(cash_office_id, start, end, [{"$group": _sums("$mode", "$cents")}])

    async def by_activity(self, cash_office_id: str, start: date, end: date) -> TakenBy:
        """By activity; of none what settled nothing."""
        taken: list[Document] = [
            {"$unwind": "$parts"},
            {"$unwind": "$parts.products"},
            {"$group": _sums("$parts.products.activity_id", "$parts.products.cents")},
        ]
        return await self._both(cash_office_id, start, end, taken)

    async def _both(self, cash_office_id: str, start: date, end: date, steps: list[Document]) -> TakenBy:
        booked, gone = [
            await self._counted([{"$match": {"cash_office_id": cash_office_id, field: _days(start, end)}}, *steps])
            for field in ("booked_on", "cancelled_on")
        ]
        return TakenBy(booked=booked, cancelled=gone)

    async def _counted(self, steps: list[Document]) -> dict[str, Counted]:
        found = self._receipts.aggregate(steps, allowDiskUse=True)
        return {one["_id"]: Counted(count=one["count"], cents=one["cents"]) async for one in found}

    async def effects(self, cash_office_id: str, start: date | None, end: date) -> list[tuple[str, str, int, int]]:
        """What the journal says of the days up to `end`: kind, what a refund is of, cents, and of these surplus."""
        days = {"$lte": end.isoformat(), **({"$gte": start.isoformat()} if start else {})}
        steps: list[Document] = [
            {"$match": {"cash_office_id": cash_office_id, "booked_on": days}},
            {
                "$group": {
                    "_id": {"kind": "$kind", "of": "$facts.of"},
                    "cents": {"$sum": "$cents"},
                    "surplus": {"$sum": SURPLUS},
                }
            },
        ]
        found = self._journal.aggregate(steps)
        sums = [(one["_id"]["kind"], one["_id"].get("of") or "", one["cents"], one["surplus"]) async for one in found]
        return sums if start else [*sums, *await self._base(cash_office_id)]

    async def _base(self, cash_office_id: str) -> list[tuple[str, str, int, int]]:
        """Of entries so old that they are gone."""
        chain = await self._chains.find_one({"_id": cash_office_id}, {"base_sums": 1}) or {}
        return [(one["kind"], one["of"], one["cents"], one["surplus"]) for one in chain.get("base_sums", ())]

    async def unpaid(self, cash_office_id: str, today: date) -> tuple[Age, ...]:
        """What remains of pieces now, by the days since they were due."""
        return tuple([await self._age(cash_office_id, today, *bounds) for bounds in AGES])

    async def _age(self, cash_office_id: str, today: date, since: int | None, until: int | None) -> Age:
        due = {"$lte": _before(today, since)} if since is not None else {}
        due |= {"$gte": _before(today, until)} if until is not None else {}
        scope: dict[str, Any] = {
            "cash_office_id": cash_office_id,
            "kind": {"$in": ["F", "R"]},
            "state": {"$in": ["open", "partly_paid", "debit_scheduled"]},
            "due_date": due,
        }
        remaining = {"$subtract": ["$total_cents", {"$sum": "$settlements.cents"}]}
        steps = [{"$match": scope}, {"$group": {"_id": None, "count": {"$sum": 1}, "cents": {"$sum": remaining}}}]
        found = await self._invoices.aggregate(steps).to_list(1)
        sums = found[0] if found else {"count": 0, "cents": 0}
        return Age(since=since, until=until, count=sums["count"], cents=sums["cents"])


def _before(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()


def _sums(name: str, cents: str) -> Document:
    return {"_id": name, "count": {"$sum": 1}, "cents": {"$sum": cents}}


def _joined(array: str, text: list[Any]) -> Document:
    return {"$reduce": {"input": array, "initialValue": "", "in": {"$concat": ["$$value", *text]}}}


def _fields(day: str) -> list[Any]:
    """Of a receipt, with `MARK` between them, as `_row` reads them."""
    number = {"$cond": [{"$eq": ["$$this.number", ""]}, "$$this.piece", "$$this.number"]}
    products = _joined("$$this.products", ["$$this.activity_id", "=", {"$toString": "$$this.cents"}, " "])
    fields = [
        f"${day}",
        "$number",
        "$household_id",
        "$mode",
        {"$toString": "$cents"},
        {"$cond": [{"$eq": ["$transaction", ""]}, "$means.cheque_number", "$transaction"]},
        "$deposit_number",
        {"$cond": [{"$eq": [{"$type": "$cancelled_on"}, "string"]}, "1", ""]},
        _joined("$parts", [number, " "]),
        _joined("$parts", [products]),
    ]
    return [part for field in fields for part in (field, MARK)][:-1]


@lru_cache(10_000)
def _products(text: str) -> tuple[tuple[str, int], ...]:
    """Of `activity=cents activity=cents `: the same few come again and again."""
    pairs = (pair.rpartition("=") for pair in text.split())
    return tuple((name, int(cents)) for name, _, cents in pairs)


def _row(text: str, sign: int) -> Row:
    day, number, household, mode, cents, transaction, deposit, cancelled, pieces, products = text.split(MARK)
    paid = _products(products)
    return Row(
        day, number, household, pieces[:-1], paid, mode, int(cents), transaction, deposit, cancelled == "1", sign
    )
