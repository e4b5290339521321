"""What is on its way to webhooks: queued by the feeder, taken in order per subject, settled after each try."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from services.partners.domain.webhooks.deliveries import Delivery, State
from services.partners.store.deliveries.documents import delivery_document, delivery_of, state_of
from shared.mongo import Database, Document
from shared.together import Together

DUPLICATE = 11000
SETTLED = [State.DELIVERED, State.GIVEN_UP]


class DeliveryQueue:
    """`wake`: told the subscription whose deliveries may be due now."""

    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["deliveries"]
        self._wake = wake
        self._settle = Together(self._settle_all)

    async def waiting(self, subscription_id: str, most: int) -> int:
        """How many wait, counted up to `most`."""
        wanted = {"subscription_id": subscription_id, "state": State.WAITING}
        return await self._documents.count_documents(wanted, limit=most)

    async def add(self, deliveries: Sequence[Delivery], replayed_at: datetime | None) -> None:
        """Queue them; what is known already stays as it is, unless it was settled before `replayed_at`."""
        known = await self._insert(deliveries)
        if known and replayed_at is not None:
            settled = {"state": {"$in": SETTLED}, "settled_at": {"$lt": replayed_at}}
            anew = [UpdateOne({"_id": one.id, **settled}, {"$set": _anew(one)}) for one in known]
            await self._documents.bulk_write(anew, ordered=False)
        if deliveries:
            self._wake(deliveries[0].subscription_id)

    async def _insert(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Those that were there already."""
        try:
            await self._documents.bulk_write([InsertOne(delivery_document(one)) for one in deliveries], ordered=False)
        except BulkWriteError as error:
            failed = error.details["writeErrors"] if error.details else []
            if any(one["code"] != DUPLICATE for one in failed):
                raise
            return [deliveries[one["index"]] for one in failed]
        return []

    async def subscriptions_due(self, now: datetime) -> list[str]:
        """Subscriptions with something that is due."""
        steps: list[dict[str, Any]] = [
            {"$match": {"state": State.WAITING}},
            {"$sort": {"state": 1, "subscription_id": 1, "due_at": 1}},
            {"$group": {"_id": "$subscription_id", "due_at": {"$first": "$due_at"}}},
            {"$match": {"due_at": {"$lte": now}}},
        ]
        return [one["_id"] async for one in self._documents.aggregate(steps)]

    async def due(
        self, subscription_id: str, now: datetime, *, limit: int, without: Collection[str], tried: bool
    ) -> list[Delivery]:
        """The first that waits of each subject, where that one is due: the oldest first, of no subject in `without`;
        with `tried` only those that failed before.
        """
        ready: Document = {"head.due_at": {"$lte": now}}
        if tried:
            ready["head.tries"] = {"$gt": 0}
        return await self._heads(subscription_id, ready, without, limit)

    async def has_tried(self, subscription_id: str) -> bool:
        """Whether the first that waits of some subject was tried before."""
        return bool(await self._heads(subscription_id, {"head.tries": {"$gt": 0}}, (), 1))

    async def _heads(
        self, subscription_id: str, ready: Document, without: Collection[str], limit: int
    ) -> list[Delivery]:
        wanted: Document = {"subscription_id": subscription_id, "state": State.WAITING}
        if without:
            wanted["subject"] = {"$nin": list(without)}
        steps: list[dict[str, Any]] = [
            {"$match": wanted},
            {"$sort": {"subject": 1, "position": 1}},
            {"$group": {"_id": "$subject", "head": {"$first": "$$ROOT"}}},
            {"$match": ready},
            {"$sort": {"head.position": 1}},
            {"$limit": limit},
        ]
        return [delivery_of(one["head"]) async for one in self._documents.aggregate(steps, hint="heads")]

    async def settle(self, delivery: Delivery) -> None:
        """What a try made of it; those of the moment are written together."""
        await self._settle(delivery)

    async def _settle_all(self, deliveries: Sequence[Delivery]) -> list[None]:
        changes = [UpdateOne({"_id": one.id, "state": State.WAITING}, {"$set": state_of(one)}) for one in deliveries]
        await self._documents.bulk_write(changes, ordered=False)
        return [None] * len(deliveries)

    async def hurry(self, subscription_id: str, now: datetime, *, anew: bool = False) -> None:
        """Whatever waits for a later try is due now: the endpoint takes again. `anew`: with all its tries again."""
        later = {"subscription_id": subscription_id, "state": State.WAITING, "tries": {"$gt": 0}}
        start_over = {"tries": 0, "first_tried_at": None} if anew else {}
        await self._documents.update_many(later, {"$set": {"due_at": now, **start_over}})

    async def drop(self, subscription_id: str) -> None:
        """Nothing waits any more: the subscription is over."""
        await self._documents.delete_many({"subscription_id": subscription_id, "state": State.WAITING})


def _anew(delivery: Delivery) -> Document:
    """As if it were queued for the first time, with its log."""
    return {name: value for name, value in state_of(delivery).items() if name != "attempts"}
