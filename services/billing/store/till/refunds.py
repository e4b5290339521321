"""Refunds, each cause once; their numbers without a gap."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.billing.domain.postings import Posting
from services.billing.domain.till.refunds import REFUND, Refund, RefundState, numbered
from services.billing.domain.till.tidings import of_refund
from services.billing.store.atomic import Session, atomically, next_position
from services.billing.store.documents import Taken, accompanied, from_document, save, several, to_document
from shared.clock import Clock
from shared.errors import Conflict
from shared.ids import new_id
from shared.messaging.envelope import pack
from shared.mongo import Database, Document


class RefundStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._client = db.client
        self._refunds, self._counters = db["refunds"], db["till_counters"]
        self._wake, self._clock = wake, clock

    async def open(self, refund: Refund) -> Refund:
        """Once for each `source`: opened before, as it is now."""
        named = refund if refund.id else replace(refund, id=new_id("rfd"))
        try:
            return await save(self._refunds, replace(named, version=0))
        except (Taken, Conflict):
            known = await self.by_source(refund.source)
            if known is None:
                raise
            return known

    async def save(self, refund: Refund, postings: Sequence[Posting] = ()) -> Refund:
        """Raises `Conflict`."""
        entries = pack(
            of_refund(refund),
            subject=refund.id,
            sequence=refund.version + 1,
            municipality_id=refund.municipality_id,
            at=self._clock(),
        )
        saved = await save(self._refunds, refund, entries, postings)
        self._wake("refunds")
        return saved

    async def number_and_save(self, refund: Refund, year: int, postings: Callable[[Refund], list[Posting]]) -> Refund:
        """With the next number of its cash office and year, in one commit. Raises `Conflict`."""

        async def act(session: Session) -> Refund:
            series = f"{refund.cash_office_id}/{year}/{REFUND}"
            named = numbered(refund, year, await next_position(self._counters, series, session))
            changed = replace(named, version=refund.version + 1)
            change: Document = {"$set": {k: v for k, v in to_document(changed).items() if k != "_id"}}
            if carried := accompanied([], postings(changed)):
                change["$push"] = {name: {"$each": parts} for name, parts in carried.items()}
            scope = {"_id": refund.id, "version": refund.version}
            if not (await self._refunds.update_one(scope, change, session=session)).matched_count:
                raise Conflict()
            return changed

        return await atomically(self._client, act)

    async def get(self, municipality_id: str, refund_id: str) -> Refund | None:
        return _refund(await self._refunds.find_one({"_id": refund_id, "municipality_id": municipality_id}))

    async def by_source(self, source: str) -> Refund | None:
        return _refund(await self._refunds.find_one({"source": source}))

    async def by_key(self, municipality_id: str, key: str) -> Refund | None:
        return _refund(await self._refunds.find_one({"municipality_id": municipality_id, "key": key}))

    async def of_town(
        self, municipality_id: str, *, state: RefundState | None, after: str | None, limit: int
    ) -> list[Refund]:
        """Oldest first; `after`: the id of the last one had."""
        scope: Document = {"municipality_id": municipality_id}
        if state:
            scope["state"] = state
        if after:
            scope["_id"] = {"$gt": after}
        return several(Refund, await self._refunds.find(scope).sort("_id", 1).limit(limit).to_list(limit))

    async def to_open_credit(self, limit: int = 100) -> list[Refund]:
        """Decided to become a credit note that is not issued yet."""
        scope = {"state": "credited", "credit_id": None}
        return several(Refund, await self._refunds.find(scope).limit(limit).to_list(limit))

    async def undecided(self, municipality_id: str, cash_office_id: str, reasons: list[str]) -> list[Refund]:
        """Due for one of these reasons."""
        scope = {"municipality_id": municipality_id, "cash_office_id": cash_office_id, "state": "due"}
        return several(Refund, await self._refunds.find({**scope, "reason": {"$in": reasons}}).to_list(None))


def _refund(found: Document | None) -> Refund | None:
    return from_document(Refund, found) if found else None
