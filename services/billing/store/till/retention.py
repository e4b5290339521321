"""What the till lets go of when its time is over: names of households, and the oldest entries of the journal."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.billing.domain.retention import years_after
from services.billing.domain.till.journal import Chain, Entry, trimmed
from services.billing.store.atomic import Session, atomically
from services.billing.store.documents import from_document, several, to_document
from shared.errors import Conflict
from shared.mongo import Database, Document

AT_ONCE = 500


class TillRetention:
    """`years`: how long accounting pieces are kept, from the day of the books."""

    def __init__(self, db: Database, years: int) -> None:
        self._db, self._years = db, years

    async def receipts(self, now: datetime) -> int:
        """Number, day, means and amount stay, for a series without a gap; nobody is named."""
        due = {"booked_on": {"$lt": self._before(now)}, "anonymous": {"$ne": True}}
        bare = {"transaction": "", "means": {"cheque_number": "", "bank": "", "vouchers": []}}
        return await self._forget("receipts", due, bare)

    async def refunds(self, now: datetime) -> int:
        due = {"state": {"$ne": "due"}, "paid_on": {"$lt": self._before(now)}, "anonymous": {"$ne": True}}
        return await self._forget("refunds", due, {"reference": ""})

    async def _forget(self, name: str, due: Document, values: dict[str, Any]) -> int:
        count = 0
        while found := await self._db[name].find(due, {"_id": 1}).limit(AT_ONCE).to_list(AT_ONCE):
            nobody = {"$concat": ["nobody_", "$_id"]}
            change = [{"$set": {**values, "household_id": nobody, "key": "", "anonymous": True}}]
            ids = {"_id": {"$in": [one["_id"] for one in found]}}
            count += (await self._db[name].update_many(ids, change)).modified_count
        return count

    async def journal(self, now: datetime) -> int:
        """The oldest entries go, their sums stay with the chain, which goes on from the last of them."""
        count = 0
        for found in await self._db["chains"].find({}, {"_id": 1}).to_list(None):
            while gone := await self._trim(found["_id"], now):
                count += gone
        return count

    async def _trim(self, cash_office_id: str, now: datetime) -> int:
        async def act(session: Session) -> int:
            document = await self._db["chains"].find_one({"_id": cash_office_id}, session=session)
            chain = from_document(Chain, document or {})
            scope = {"cash_office_id": cash_office_id, "seq": {"$gt": chain.base_seq}}
            oldest = self._db["journal"].find(scope, session=session).sort("seq", 1).limit(AT_ONCE)
            entries = _until(several(Entry, await oldest.to_list(AT_ONCE)), self._before(now))
            if not entries:
                return 0
            after = to_document(replace(trimmed(chain, entries), version=chain.version + 1))
            change = {"$set": {name: value for name, value in after.items() if name != "_id"}}
            moved = await self._db["chains"].update_one(
                {"_id": cash_office_id, "version": chain.version}, change, session=session
            )
            if not moved.matched_count:
                raise Conflict()
            await self._db["journal"].delete_many({"_id": {"$in": [one.id for one in entries]}}, session=session)
            return len(entries)

        return await atomically(self._db.client, act)

    def _before(self, now: datetime) -> str:
        return years_after(now.date(), -self._years).isoformat()


def _until(entries: list[Entry], before: str) -> list[Entry]:
    """Those at the beginning that are old enough."""
    old: list[Entry] = []
    for entry in entries:
        if entry.booked_on.isoformat() >= before:
            break
        old.append(entry)
    return old
