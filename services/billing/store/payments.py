"""Payments: who may begin one is a unique index, who settles one is a compare-and-set."""

from collections.abc import Callable
from datetime import datetime, timedelta

from pymongo import ReturnDocument

from services.billing.domain.paying.accounts import CARD
from services.billing.domain.payments import Claimed, Payment
from services.billing.store.documents import Taken, from_document, save, several
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import Database, Document

HOLD = timedelta(minutes=1)
UNHEARD = {"oddity.why": "no-answer"}
REVIEWED_AT_ONCE = 200


class PaymentStore:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self._payments, self._wake, self._clock = db["payments"], wake, clock

    async def add(self, payment: Payment, events: list[Event]) -> Payment:
        return await self.save(payment, events)

    async def save(self, payment: Payment, events: list[Event]) -> Payment:
        """Raises `Claimed` with the live attempt in the way, `Conflict`."""
        entries = pack(
            events,
            subject=payment.id,
            sequence=payment.version + 1,
            municipality_id=payment.municipality_id,
            at=self._clock(),
        )
        try:
            saved = await save(self._payments, payment, entries)
        except Taken as taken:
            raise await self._in_the_way(payment, taken) from None
        self._wake("payments")
        return saved

    async def _in_the_way(self, payment: Payment, taken: Taken) -> Exception:
        if taken.fields != ("claims",):
            return Conflict()
        live = {"claims": {"$in": list(payment.claims)}, "live": True, "household_id": payment.household_id}
        found = await self._payments.find_one({**live, "_id": {"$ne": payment.id}})
        return Claimed(from_document(Payment, found)) if found else Conflict()

    async def get(self, household_id: str, payment_id: str) -> Payment | None:
        return _payment(await self._payments.find_one({"_id": payment_id, "household_id": household_id}))

    async def reload(self, payment: Payment) -> Payment:
        found = await self.get(payment.household_id, payment.id)
        if found is None:
            raise Conflict()
        return found

    async def of_return(self, payment_id: str) -> Payment | None:
        """For the browser that comes back from the payment page: it has no token, the id is its secret."""
        return _payment(await self._payments.find_one({"_id": payment_id}))

    async def by_key(self, household_id: str, key: str) -> Payment | None:
        return _payment(await self._payments.find_one({"household_id": household_id, "key": key}))

    async def of_reference(self, client: str, reference: str) -> Payment | None:
        """For what a card provider tells: it names the shop and our reference, and signs them."""
        named = {"reference": reference, "client": client, "provider": {"$in": sorted(CARD)}}
        return _payment(await self._payments.find_one(named))

    async def in_review(self, municipality_id: str) -> list[Payment]:
        """A town's payments that wait for people, oldest first."""
        scope = {"municipality_id": municipality_id, "state": "review"}
        found = self._payments.find(scope).sort([("opened_at", 1), ("_id", 1)]).limit(REVIEWED_AT_ONCE)
        return several(Payment, await found.to_list(None))

    async def of_town(self, municipality_id: str, payment_id: str) -> Payment | None:
        return _payment(await self._payments.find_one({"_id": payment_id, "municipality_id": municipality_id}))

    async def live(self, household_id: str) -> list[Payment]:
        """Attempts that keep others from paying the same."""
        return several(Payment, await self._payments.find({"household_id": household_id, "live": True}).to_list(None))

    async def check_now(self, idop: str, now: datetime) -> bool:
        """Have the payment looked at as soon as somebody is free; False when there is none of that name to look at."""
        undecided = {"idop": idop, "allocated": False, "$or": [{"state": {"$ne": "review"}}, UNHEARD]}
        change = {"$set": {"next_at": now}, "$inc": {"version": 1}}
        return bool((await self._payments.update_one(undecided, change)).matched_count)

    async def take_due(self, now: datetime) -> Payment | None:
        """The payment that has waited longest, kept from other takers for a minute."""
        found = await self._payments.find_one_and_update(
            {"next_at": {"$lte": now}},
            {"$set": {"next_at": now + HOLD}},
            sort=[("next_at", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return _payment(found)


def _payment(found: Document | None) -> Payment | None:
    return from_document(Payment, found) if found else None
