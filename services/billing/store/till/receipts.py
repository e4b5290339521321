"""Receipts: numbered and dated in one commit, found by what brought the money, by household, office and day."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.billing.domain.postings import Posting
from services.billing.domain.till.journal import open_day
from services.billing.domain.till.receipts import RECEIPT, Receipt, Received, cancellation_posting, cancelled, numbered
from services.billing.domain.till.refusals import VoucherAlreadyTaken
from services.billing.domain.till.tidings import of_cancellation, of_receipt
from services.billing.store.atomic import Session, atomically, next_position
from services.billing.store.documents import accompanied, from_document, save, several, to_document
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict
from shared.ids import new_id
from shared.messaging.envelope import pack
from shared.mongo import Database, Document


class ReceiptStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._client = db.client
        self._receipts, self._counters, self._tills = db["receipts"], db["till_counters"], db["tills"]
        self._wake, self._clock = wake, clock

    async def enter(self, money: Received, day: date) -> Receipt:
        """The receipt of this money, numbered; entered before, as it was then. `day`: the local day it came.

        Raises `VoucherAlreadyTaken`, `Conflict`.
        """
        if known := await self._entered(money):
            return known
        try:
            return await atomically(self._client, lambda session: self._number_and_insert(money, day, session))
        except DuplicateKeyError as error:
            if known := await self._entered(money):
                return known
            if "means.vouchers.serial" in (error.details or {}).get("keyPattern", ()):
                raise VoucherAlreadyTaken(serial=await self._taken_serial(money)) from None
            raise Conflict() from None

    async def _entered(self, money: Received) -> Receipt | None:
        if money.key:
            return await self.by_key(money.municipality_id, money.key)
        return await self.by_source(money.source) if money.source else None

    async def _taken_serial(self, money: Received) -> str:
        serials = [one.serial for one in money.means.vouchers]
        scope = {"municipality_id": money.municipality_id, "means.vouchers.serial": {"$in": serials}}
        found = await self._receipts.find_one(scope)
        taken = {one["serial"] for one in (found or {"means": {"vouchers": []}})["means"]["vouchers"]}
        return next((serial for serial in serials if serial in taken), "")

    async def _number_and_insert(self, money: Received, day: date, session: Session) -> Receipt:
        booked_on = await self._book(money.cash_office_id, day, session)
        series = f"{money.cash_office_id}/{booked_on.year}/{RECEIPT}"
        receipt = numbered(money, new_id("rct"), await next_position(self._counters, series, session), booked_on)
        await self._receipts.insert_one(to_document(receipt), session=session)
        return receipt

    async def _book(self, cash_office_id: str, day: date, session: Session) -> date:
        """The day of the books. Written to, so that closing a day and booking on it come one after the other."""
        till: Any = await self._tills.find_one_and_update(
            {"_id": cash_office_id},
            {"$inc": {"acts": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        closed = till.get("closed_until")
        return open_day(day, date.fromisoformat(closed) if closed else None)

    async def closed_until(self, cash_office_id: str) -> date | None:
        till = await self._tills.find_one({"_id": cash_office_id})
        closed = (till or {}).get("closed_until")
        return date.fromisoformat(closed) if closed else None

    async def close_until(self, cash_office_id: str, day: date) -> None:
        """Nothing is booked on that day or before any more."""
        await self._tills.update_one({"_id": cash_office_id}, {"$max": {"closed_until": day.isoformat()}}, upsert=True)

    async def share_out(self, receipt: Receipt, postings: Sequence[Posting]) -> Receipt:
        """Store what its pieces took, tell it and enter it into the books. Raises `Conflict`."""
        return await self._save(receipt, [of_receipt(receipt)], postings)

    async def _save(self, receipt: Receipt, events: list[Event], postings: Sequence[Posting]) -> Receipt:
        saved = await save(self._receipts, receipt, self._packed(receipt, events, receipt.version + 1), postings)
        self._wake("receipts")
        return saved

    def _packed(self, receipt: Receipt, events: list[Event], sequence: int) -> list[Document]:
        return pack(
            events,
            subject=receipt.id,
            sequence=sequence,
            municipality_id=receipt.municipality_id,
            at=self._clock(),
        )

    async def cancel(self, receipt: Receipt, *, by: str, reason: str, at: datetime, day: date) -> Receipt:
        """Cancelled on the first open day of the books. Raises what `cancelled` does, and `Conflict`."""

        async def act(session: Session) -> Receipt:
            on = await self._book(receipt.cash_office_id, day, session)
            after = cancelled(receipt, by=by, reason=reason, at=at, on=on)
            entries = self._packed(after, [of_cancellation(after)], after.version + 1)
            document = {**to_document(after), "version": after.version + 1}
            carried = accompanied(entries, [cancellation_posting(after)])
            change: Document = {
                "$set": {name: value for name, value in document.items() if name != "_id"},
                "$push": {name: {"$each": parts} for name, parts in carried.items()},
            }
            scope = {"_id": receipt.id, "version": receipt.version}
            if not (await self._receipts.update_one(scope, change, session=session)).matched_count:
                raise Conflict()
            return after

        done = await atomically(self._client, act)
        self._wake("receipts")
        found = await self.get(receipt.municipality_id, receipt.id)
        return found or done

    async def get(self, municipality_id: str, receipt_id: str) -> Receipt | None:
        return _receipt(await self._receipts.find_one({"_id": receipt_id, "municipality_id": municipality_id}))

    async def of_family(self, household_id: str, receipt_id: str) -> Receipt | None:
        return _receipt(await self._receipts.find_one({"_id": receipt_id, "household_id": household_id}))

    async def by_source(self, source: str) -> Receipt | None:
        return _receipt(await self._receipts.find_one({"source": source}))

    async def by_key(self, municipality_id: str, key: str) -> Receipt | None:
        return _receipt(await self._receipts.find_one({"municipality_id": municipality_id, "key": key}))

    async def of_household(self, household_id: str) -> list[Receipt]:
        """Newest first."""
        found = self._receipts.find({"household_id": household_id, "shared_out": True}).sort("_id", -1)
        return several(Receipt, await found.to_list(None))

    async def of_office(
        self, cash_office_id: str, *, start: date, end: date, after: tuple[str, int] | None, limit: int
    ) -> list[Receipt]:
        """Booked from `start` to `end`, in their order; `after`: day and position of the last one had."""
        scope: Document = {
            "cash_office_id": cash_office_id,
            "booked_on": {"$gte": start.isoformat(), "$lte": end.isoformat()},
        }
        if after:
            day, position = after
            scope["$or"] = [{"booked_on": {"$gt": day}}, {"booked_on": day, "position": {"$gt": position}}]
        found = self._receipts.find(scope).sort([("booked_on", 1), ("position", 1)]).limit(limit)
        return several(Receipt, await found.to_list(limit))

    async def save(self, receipt: Receipt) -> Receipt:
        """Raises `Conflict`."""
        return await self._save(receipt, [], [])

    async def to_reopen(self, limit: int = 100) -> list[Receipt]:
        """Cancelled, their pieces may not know yet."""
        found = self._receipts.find({"to_reopen": True}).sort("_id", 1).limit(limit)
        return several(Receipt, await found.to_list(limit))

    async def unfinished(self, limit: int = 100) -> list[Receipt]:
        """Entered and not shared out yet, oldest first."""
        found = self._receipts.find({"shared_out": False}).sort("_id", 1).limit(limit)
        return several(Receipt, await found.to_list(limit))


def _receipt(found: Document | None) -> Receipt | None:
    return from_document(Receipt, found) if found else None
