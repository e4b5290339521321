"""What billing holds of a household, and what of it the law makes it keep."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime

from services.billing.domain.copies import Town, today_in
from services.billing.domain.invoices import Invoice
from services.billing.domain.orders import Order
from services.billing.domain.payments import Payment
from services.billing.domain.retention import (
    invoice_kept_for,
    is_invoiced,
    order_kept_for,
    payment_kept_for,
    sheet_still_needed,
    years_after,
)
from services.billing.domain.runs import Closing, Run
from services.billing.domain.sheets import ChargeSheet
from services.billing.store import arrears_kept as arrears
from services.billing.store.debits import privacy as debits
from services.billing.store.documents import from_document
from services.billing.store.till import privacy as till
from shared.contracts.privacy import KeptData
from shared.mongo import Database
from shared.privacy import File, Receipt, counted
from shared.privacy.store import json_file

COLLECTIONS = (
    "families",
    "quotient_consents",
    "price_lists",
    "sheets",
    "invoices",
    "payments",
    "orders",
    "contestations",
    "invoice_drafts",
)


class BillingHoldings:
    """`invoice_years`: how long accounting pieces are kept."""

    service = "billing"

    def __init__(self, db: Database, invoice_years: int) -> None:
        self._db, self._years = db, invoice_years

    async def files(self, household_id: str) -> AsyncIterator[File]:
        scope = {"household_id": household_id}
        sections = {name: await self._db[name].find(scope).sort("_id", 1).to_list(None) for name in COLLECTIONS}
        copies = await self._db["households"].find({"_id": household_id}).to_list(None)
        sections |= await debits.held(self._db, household_id)
        sections |= await till.held(self._db, household_id)
        sections |= await arrears.held(self._db, household_id)
        yield json_file("billing.json", {**sections, "copy_of_the_household": copies})
        numbers = {invoice["_id"]: invoice["number"] for invoice in sections["invoices"]}
        async for found in self._db["documents"].find(scope, {"pdf": 1}):
            name = f"invoices/{numbers.get(found['_id'], found['_id'])}.pdf"
            yield File(name=name, media_type="application/pdf", content=bytes(found["pdf"]))

    async def erase(self, household_id: str, now: datetime) -> Receipt:
        """Everything but accounting, what is not invoiced yet, and a payment that may still come."""
        sheets, gone_sheets = await self._sort_sheets(household_id, now)
        invoices, owed = await self._kept_invoices(household_id)
        payments, gone_payments = await self._sort_payments(household_id)
        orders, gone_orders = await self._sort_orders(household_id, now)
        gone = {"charge_sheets": gone_sheets, "payment_attempts": gone_payments, "orders": gone_orders}
        gone_debits, kept_debits = await debits.erase(self._db, household_id, now, years=self._years)
        gone_arrears, kept_arrears = await arrears.erase(self._db, household_id, years=self._years)
        gone["price_lists"] = await self._delete("price_lists", household_id)
        gone["quotient_consents"] = await self._delete("quotient_consents", household_id)
        gone["invoice_drafts"] = await self._decided_drafts(household_id)
        gone["contestations"] = await self._delete("contestations", household_id)
        if not sheets:
            gone["quotients"] = await self._delete("families", household_id)
        if not (sheets or owed):
            copies = await self._db["households"].delete_one({"_id": household_id})
            gone["profile_copies"] = copies.deleted_count
        copy = [_kept("name_and_address", 1, "debt")] if owed else []
        money = await till.kept(self._db, household_id, self._years)
        kept = (*sheets, *invoices, *payments, *orders, *kept_debits, *kept_arrears, *copy, *money)
        return Receipt(erased=counted(gone | gone_debits | gone_arrears), kept=kept)

    async def _decided_drafts(self, household_id: str) -> int:
        """Those that became a piece, or nothing; what is not issued yet goes on like its sheets."""
        decided = {"household_id": household_id, "$or": [{"issued_as": {"$ne": None}}, {"kind": None}]}
        return (await self._db["invoice_drafts"].delete_many(decided)).deleted_count

    async def _delete(self, name: str, household_id: str, ids: Iterable[str] | None = None) -> int:
        scope = {"household_id": household_id, **({} if ids is None else {"_id": {"$in": list(ids)}})}
        return (await self._db[name].delete_many(scope)).deleted_count

    async def _sort_sheets(self, household_id: str, now: datetime) -> tuple[list[KeptData], int]:
        gone, kept = [], 0
        async for found in self._db["sheets"].find({"household_id": household_id}):
            sheet = from_document(ChargeSheet, found)
            closing, run = await self._closing_of(sheet)
            today = today_in(await self._town(sheet.municipality_id), now)
            if sheet_still_needed(sheet, invoiced=is_invoiced(closing, run), today=today):
                kept += 1
            else:
                gone.append(sheet.id)
        return [_kept("charge_sheets", kept, "not_invoiced_yet")] if kept else [], await self._delete(
            "sheets", household_id, gone
        )

    async def _closing_of(self, sheet: ChargeSheet) -> tuple[Closing | None, Run | None]:
        wanted = {
            "municipality_id": sheet.municipality_id,
            "month": sheet.month,
            "programme_id": sheet.programme_id,
        }
        # The last of a month that was closed again; while it is open there is none.
        found = await self._db["closings"].find_one({**wanted, "reopened": {"$ne": True}}, sort=[("_id", -1)])
        if found is None:
            return None, None
        run = await self._db["runs"].find_one({"_id": found["run_id"], "municipality_id": sheet.municipality_id})
        return from_document(Closing, found), from_document(Run, run) if run else None

    async def _town(self, municipality_id: str) -> Town | None:
        found = await self._db["towns"].find_one({"_id": municipality_id})
        return from_document(Town, found) if found else None

    async def _kept_invoices(self, household_id: str) -> tuple[list[KeptData], int]:
        """What is kept of them, and how many are owed or not printed yet: those need a name and an address."""
        found = [
            from_document(Invoice, one)
            async for one in self._db["invoices"].find({"household_id": household_id}, {"lines.days": 0})
        ]
        debts = [one for one in found if invoice_kept_for(one) == "debt"]
        paid = [one for one in found if invoice_kept_for(one) == "accounting"]
        kept = [_kept("invoices", len(debts), "debt")] if debts else []
        if paid:
            kept.append(_kept("invoices", len(paid), "accounting", self._until(one.issue_date for one in paid)))
        return kept, len(debts) + sum(not one.documented for one in paid)

    async def _sort_payments(self, household_id: str) -> tuple[list[KeptData], int]:
        reasons: Counter[str] = Counter()
        gone, days = [], []
        async for found in self._db["payments"].find({"household_id": household_id}):
            payment = from_document(Payment, found)
            reason = payment_kept_for(payment)
            if reason is None:
                gone.append(payment.id)
            else:
                reasons[reason] += 1
                days.append((payment.paid_at or payment.opened_at).date())
        return self._reasoned("payments", reasons, days), await self._delete("payments", household_id, gone)

    async def _sort_orders(self, household_id: str, now: datetime) -> tuple[list[KeptData], int]:
        reasons: Counter[str] = Counter()
        gone, days = [], []
        async for found in self._db["orders"].find({"household_id": household_id}):
            order = from_document(Order, found)
            reason = order_kept_for(order, now)
            if reason is None:
                gone.append(order.id)
            else:
                reasons[reason] += 1
                days.append((order.paid_at or now).date())
        return self._reasoned("orders", reasons, days), await self._delete("orders", household_id, gone)

    def _reasoned(self, what: str, reasons: Counter[str], days: list[date]) -> list[KeptData]:
        until = self._until(days) if days else None
        return [
            _kept(what, count, reason, until if reason == "accounting" else None) for reason, count in reasons.items()
        ]

    def _until(self, days: Iterable[date]) -> date:
        return years_after(max(days), self._years)


def _kept(what: str, count: int, reason: str, until: date | None = None) -> KeptData:
    return KeptData(what=what, count=count, reason=reason, until=until)
