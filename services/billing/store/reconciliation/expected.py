"""What a cash office wrote down as money that must stand in a statement of some kind, whoever wrote it down."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.billing.domain.reconciliation.matching import Expected, What
from services.billing.domain.reconciliation.statements import StatementKind
from shared.mongo import Database, Document

# The payments of a day that came by one provider are credited together.
ONLINE = "online"
PAYFIP = f"{ONLINE}/payfip"


class ExpectedStore:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(
        self, cash_office_id: str, kind: StatementKind, *, since: date, until: date, zone: ZoneInfo
    ) -> list[Expected]:
        """Dated from `since` to `until` in the town's time, ordered by nothing."""
        start = datetime.combine(since, time.min, tzinfo=zone)
        end = datetime.combine(until + timedelta(days=1), time.min, tzinfo=zone)
        days = {"$gte": since.isoformat(), "$lte": until.isoformat()}
        if kind == "payfip":
            found = await self._payments(cash_office_id, {"$gte": start, "$lt": end}, zone)
            return [one for one in found if one.group == PAYFIP]
        if kind == "cheques":
            return await self._receipts(cash_office_id, "cheque", days)
        online = await self._payments(cash_office_id, {"$gte": start, "$lt": end}, zone)
        transfers = await self._receipts(cash_office_id, "transfer", days)
        return [
            *online,
            *transfers,
            *await self._deposits(cash_office_id, days),
            *await self._debits(cash_office_id, days),
        ]

    async def several(self, cash_office_id: str, ids: Iterable[str], zone: ZoneInfo) -> list[Expected]:
        """Those of these ids that are the cash office's, for an agent who names them."""
        wanted: Document = {"cash_office_id": cash_office_id, "_id": {"$in": list(ids)}}
        payments = await self._db["payments"].find({**wanted, "state": "paid"}).to_list(None)
        receipts = await self._db["receipts"].find({**wanted, "cancelled_at": None}).to_list(None)
        deposits = await self._db["deposits"].find(wanted).to_list(None)
        batches = await self._db["debit_batches"].find(wanted).to_list(None)
        return [
            *(_payment(one, zone) for one in payments),
            *(_receipt(one) for one in receipts),
            *(_deposit(one) for one in deposits),
            *(_debit(one) for one in batches),
        ]

    async def _payments(self, cash_office_id: str, paid_at: dict[str, Any], zone: ZoneInfo) -> list[Expected]:
        scope = {"cash_office_id": cash_office_id, "state": "paid", "paid_at": paid_at, "amount_cents": {"$gt": 0}}
        names = {"paid_at": 1, "amount_cents": 1, "reference": 1, "authorisation": 1, "provider": 1}
        return [_payment(one, zone) async for one in self._db["payments"].find(scope, names)]

    async def _receipts(self, cash_office_id: str, mode: str, days: dict[str, str]) -> list[Expected]:
        scope = {"cash_office_id": cash_office_id, "mode": mode, "booked_on": days, "cancelled_at": None}
        return [_receipt(one) async for one in self._db["receipts"].find(scope)]

    async def _deposits(self, cash_office_id: str, days: dict[str, str]) -> list[Expected]:
        """Transfers come in one by one, whatever slip they stand on."""
        scope = {"cash_office_id": cash_office_id, "mode": {"$ne": "transfer"}, "until": days}
        return [_deposit(one) async for one in self._db["deposits"].find(scope)]

    async def _debits(self, cash_office_id: str, days: dict[str, str]) -> list[Expected]:
        scope = {"cash_office_id": cash_office_id, "state": {"$in": ["sent", "collected"]}, "collect_on": days}
        return [_debit(one) async for one in self._db["debit_batches"].find(scope)]


def _payment(found: Document, zone: ZoneInfo) -> Expected:
    return _expected(
        found["_id"],
        "payment",
        found["paid_at"].astimezone(zone).date(),
        found["amount_cents"],
        [found["reference"], found.get("authorisation")],
        group=f"{ONLINE}/{found.get('provider', 'payfip')}",
    )


def _receipt(found: Document) -> Expected:
    """Named by the cheque, by the bank's reference, by its own number or by the invoices it paid."""
    numbers = [part["number"] for part in found["parts"]] if found["mode"] == "transfer" else []
    references = [found["means"]["cheque_number"], found["transaction"], found["number"], *numbers]
    return _expected(found["_id"], "receipt", date.fromisoformat(found["booked_on"]), found["cents"], references)


def _deposit(found: Document) -> Expected:
    references = [found["number"], found["reference"]]
    return _expected(found["_id"], "deposit", date.fromisoformat(found["until"]), found["cents"], references)


def _debit(found: Document) -> Expected:
    day = date.fromisoformat(found["collect_on"])
    return _expected(found["_id"], "debit", day, found["total_cents"], [found["message_id"]])


def _expected(
    name: str, what: What, on: date, cents: int, references: Iterable[str | None], group: str = ""
) -> Expected:
    named = tuple(one for one in references if one)
    return Expected(id=name, what=what, on=on, cents=cents, references=named, group=group)
