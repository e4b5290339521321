"""The journal: postings waiting in the documents of their acts, sealed into a chain per cash office, and its closes."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date

from pymongo import UpdateOne

from services.billing.domain.postings import Posting
from services.billing.domain.till.journal import Chain, Close, Entry, Pending, Total
from services.billing.domain.till.tidings import of_close
from services.billing.store.atomic import Session, atomically
from services.billing.store.documents import from_document, save, several, to_document
from shared.clock import Clock
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import Database, Document

POSTING = ("invoices", "receipts", "refunds", "deposits", "payments")
"""Collections whose documents may carry postings."""
PENDING = {"unsealed.id": {"$exists": True}}


class JournalStore:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._client, self._clock = db, db.client, clock
        self._journal, self._chains, self._closes = db["journal"], db["chains"], db["day_closes"]

    async def pending(self, limit: int) -> list[Pending]:
        """Of each collection, up to `limit` documents."""
        found = []
        for name in POSTING:
            cursor = self._db[name].find(PENDING, {"unsealed": 1}).sort("unsealed.id", 1).limit(limit)
            found += [_pending(name, one) for one in await cursor.to_list(limit)]
        return found

    async def known(self, names: Sequence[str]) -> set[str]:
        """Which postings the journal has."""
        return {one["_id"] async for one in self._journal.find({"_id": {"$in": list(names)}}, {"_id": 1})}

    async def chain(self, cash_office_id: str, municipality_id: str) -> Chain:
        found = await self._chains.find_one({"_id": cash_office_id})
        return from_document(Chain, found) if found else Chain(id=cash_office_id, municipality_id=municipality_id)

    async def append(self, after: Chain, entries: Sequence[Entry]) -> None:
        """Entries and the chain's new end together. Raises `Conflict` when somebody else sealed meanwhile."""

        async def act(session: Session) -> None:
            await self._move(after, session)
            await self._journal.insert_many([to_document(entry) for entry in entries], session=session)

        await atomically(self._client, act)

    async def _move(self, after: Chain, session: Session) -> None:
        document = to_document(replace(after, version=after.version + 1))
        change = {"$set": {name: value for name, value in document.items() if name != "_id"}}
        scope = {"_id": after.id, "version": after.version}
        if after.version == 0:
            await self._chains.insert_one(document, session=session)
        elif not (await self._chains.update_one(scope, change, session=session)).matched_count:
            raise Conflict()

    async def release(self, sealed: Sequence[Pending]) -> None:
        """Their documents need not carry them any more."""
        for name in {one.collection for one in sealed}:
            pulls = [
                UpdateOne({"_id": one.name}, _without([posting.id for posting in one.postings]))
                for one in sealed
                if one.collection == name
            ]
            await self._db[name].bulk_write(pulls, ordered=False)
            await self._db[name].update_many(
                {"_id": {"$in": [one.name for one in sealed if one.collection == name]}, "unsealed": []},
                {"$unset": {"unsealed": ""}},
            )

    async def close_chain(self, chain: Chain, day: date) -> Chain:
        """Nothing is sealed for that day or before any more. Raises `Conflict`."""
        if chain.closed_until and chain.closed_until >= day:
            return chain
        return await save(self._chains, replace(chain, closed_until=day))

    async def totals(self, cash_office_id: str, since: date | None, day: date) -> tuple[Total, ...]:
        """Per kind and means, of the days from `since` to `day`, both included."""
        days = {"$lte": day.isoformat(), **({"$gte": since.isoformat()} if since else {})}
        steps: list[Document] = [
            {"$match": {"cash_office_id": cash_office_id, "booked_on": days}},
            {
                "$group": {
                    "_id": {"kind": "$kind", "mode": "$mode"},
                    "count": {"$sum": 1},
                    "cents": {"$sum": "$cents"},
                }
            },
            {"$sort": {"_id.kind": 1, "_id.mode": 1}},
        ]
        found = self._journal.aggregate(steps)
        return tuple([Total(**one["_id"], count=one["count"], cents=one["cents"]) async for one in found])

    async def last_close(self, cash_office_id: str, before: date | None = None) -> Close | None:
        scope: Document = {"cash_office_id": cash_office_id}
        if before:
            scope["day"] = {"$lt": before.isoformat()}
        found = await self._closes.find_one(scope, sort=[("day", -1)])
        return from_document(Close, found) if found else None

    async def close_of(self, name: str) -> Close | None:
        found = await self._closes.find_one({"_id": name})
        return from_document(Close, found) if found else None

    async def add_close(self, close: Close) -> Close:
        """Raises `Conflict` when the day is closed."""
        entries = pack(
            [of_close(close)], subject=close.id, sequence=1, municipality_id=close.municipality_id, at=self._clock()
        )
        return await save(self._closes, close, entries)

    async def closes(self, cash_office_id: str, limit: int) -> list[Close]:
        """Newest first."""
        found = self._closes.find({"cash_office_id": cash_office_id}).sort("day", -1).limit(limit)
        return several(Close, await found.to_list(limit))

    async def entries(self, cash_office_id: str, *, start: date, end: date, after: int = 0, limit: int) -> list[Entry]:
        """Booked from `start` to `end`, in the order of their place; `after`: the place of the last one had."""
        scope = {
            "cash_office_id": cash_office_id,
            "booked_on": {"$gte": start.isoformat(), "$lte": end.isoformat()},
            "seq": {"$gt": after},
        }
        return several(Entry, await self._journal.find(scope).sort("seq", 1).limit(limit).to_list(limit))

    async def batches(self, cash_office_id: str, *, start: date, end: date, size: int) -> AsyncIterator[list[Entry]]:
        after = 0
        while found := await self.entries(cash_office_id, start=start, end=end, after=after, limit=size):
            yield found
            after = found[-1].seq


def _pending(collection: str, document: Document) -> Pending:
    postings = tuple(from_document(Posting, {**one, "_id": one["id"]}) for one in document["unsealed"])
    return Pending(collection=collection, name=document["_id"], postings=postings)


def _without(names: list[str]) -> Document:
    return {"$pull": {"unsealed": {"id": {"$in": names}}}}
