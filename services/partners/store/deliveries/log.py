"""The log of deliveries: read by managers, and queued again from."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.partners.domain.webhooks.deliveries import Delivery, State
from services.partners.domain.webhooks.history import Wanted
from services.partners.store.deliveries.documents import delivery_of
from services.partners.store.deliveries.queue import SETTLED
from shared.mongo import Database, Document

ANEW: Document = {"state": State.WAITING, "tries": 0, "first_tried_at": None, "settled_at": None}


class DeliveryLog:
    def __init__(self, db: Database) -> None:
        self._documents = db["deliveries"]

    async def page(
        self, subscription_id: str, municipality_id: str, wanted: Wanted, *, before: int | None, limit: int
    ) -> Sequence[Delivery]:
        """The newest event first, older than position `before`."""
        query = _query(subscription_id, municipality_id, wanted)
        if before is not None:
            query["position"] = {**query.get("position", {}), "$lt": before}
        found = self._documents.find(query).sort("position", -1).limit(limit)
        return [delivery_of(one) for one in await found.to_list(limit)]

    async def find(self, subscription_id: str, municipality_id: str, delivery_id: str) -> Delivery | None:
        key = {"_id": delivery_id, "subscription_id": subscription_id, "municipality_id": municipality_id}
        found = await self._documents.find_one(key)
        return delivery_of(found) if found else None

    async def counts(self, subscription_id: str, municipality_id: str) -> dict[str, int]:
        """How many there are in each state."""
        key = {"subscription_id": subscription_id, "municipality_id": municipality_id}
        steps: list[Document] = [{"$match": key}, {"$group": {"_id": "$state", "many": {"$sum": 1}}}]
        found = {one["_id"]: one["many"] async for one in self._documents.aggregate(steps)}
        return {state: found.get(state, 0) for state in State}

    async def queue_again(
        self, subscription_id: str, municipality_id: str, wanted: Wanted, now: datetime, *, delivery_id: str = ""
    ) -> int:
        """All of these that are settled are due now, in their order; how many. One alone with its id."""
        query = _query(subscription_id, municipality_id, wanted)
        if wanted.state is None:
            query["state"] = {"$in": SETTLED}
        if delivery_id:
            query["_id"] = delivery_id
        done = await self._documents.update_many(query, {"$set": {**ANEW, "due_at": now}})
        return done.modified_count

    async def forget(self, now: datetime, days: int) -> int:
        """What was queued that long ago and waits no more."""
        old = {"queued_at": {"$lt": now - timedelta(days=days)}, "state": {"$in": SETTLED}}
        return (await self._documents.delete_many(old)).deleted_count


def _query(subscription_id: str, municipality_id: str, wanted: Wanted) -> Document:
    query: Document = {"subscription_id": subscription_id, "municipality_id": municipality_id}
    if wanted.state is not None:
        query["state"] = wanted.state
    if wanted.type:
        query["type"] = wanted.type
    for name, bounds in (
        ("position", (wanted.first_position, wanted.last_position)),
        ("queued_at", (wanted.since, wanted.until)),
    ):
        between = {step: bound for step, bound in zip(("$gte", "$lte"), bounds, strict=True) if bound is not None}
        if between:
            query[name] = between
    return query
