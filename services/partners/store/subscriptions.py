"""Subscriptions of partners."""

from collections.abc import Callable, Collection
from datetime import datetime

from services.partners.domain.subscriptions import Subscription
from services.partners.store.documents import from_document, to_document
from shared.contracts import Event
from shared.errors import Conflict, NotFound
from shared.messaging.envelope import pack
from shared.mongo import Database, Document

LIVE: Document = {"state": {"$ne": "ended"}}


class SubscriptionStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["subscriptions"]
        self._wake = wake

    async def add(self, subscription: Subscription) -> Subscription:
        await self._documents.insert_one({"_id": subscription.id, **to_document(subscription), "version": 1})
        return await self.get(subscription.id, {subscription.municipality_id})

    async def get(self, subscription_id: str, municipality_ids: Collection[str]) -> Subscription:
        """Raises `NotFound` for one of another town."""
        wanted = {"_id": subscription_id, "municipality_id": {"$in": list(municipality_ids)}}
        found = await self._documents.find_one(wanted)
        if found is None:
            raise NotFound()
        return from_document(found)

    async def of_town(self, municipality_id: str) -> list[Subscription]:
        """Those that are not ended, oldest first."""
        found = self._documents.find({"municipality_id": municipality_id, **LIVE}, sort=[("_id", 1)])
        return [from_document(one) async for one in found]

    async def of_partner(self, client_id: str, municipality_ids: Collection[str]) -> list[Subscription]:
        """Those that are not ended, in these towns, oldest first."""
        wanted = {"client_id": client_id, "municipality_id": {"$in": list(municipality_ids)}, **LIVE}
        return [from_document(one) async for one in self._documents.find(wanted, sort=[("_id", 1)])]

    async def all_of_partner(self, client_id: str) -> list[Subscription]:
        found = self._documents.find({"client_id": client_id, **LIVE}, sort=[("_id", 1)])
        return [from_document(one) async for one in found]

    async def active(self) -> list[Subscription]:
        """Those events are pushed to, of every town: for the feeder."""
        wanted = {"state": "active", "kind": {"$ne": "none"}}
        return [from_document(one) async for one in self._documents.find(wanted, sort=[("_id", 1)])]

    async def count(self, municipality_id: str) -> int:
        return await self._documents.count_documents({"municipality_id": municipality_id, **LIVE})

    async def save(self, subscription: Subscription, at: datetime, *events: Event) -> Subscription:
        """Raises `Conflict` when it changed since it was read."""
        change: Document = {"$set": to_document(subscription), "$inc": {"version": 1}}
        if events:
            outbox = pack(
                events,
                subject=subscription.id,
                sequence=subscription.version + 1,
                municipality_id=subscription.municipality_id,
                at=at,
            )
            change["$push"] = {"outbox": {"$each": outbox}}
        await self._change(subscription, change)
        return await self.get(subscription.id, {subscription.municipality_id})

    async def end(self, subscription: Subscription) -> None:
        """What events went into is still to be taken away. Raises `Conflict`."""
        closing = {"closing": subscription.pushed} if subscription.pushed else {}
        await self._change(subscription, {"$set": {**to_document(subscription), **closing}, "$inc": {"version": 1}})

    async def to_close(self) -> list[Subscription]:
        """Ended, and what events went into is there yet."""
        return [from_document(one) async for one in self._documents.find({"closing": True}).limit(100)]

    async def closed(self, subscription_id: str) -> None:
        await self._documents.update_one({"_id": subscription_id}, {"$unset": {"closing": ""}})

    async def _change(self, subscription: Subscription, change: Document) -> None:
        scope = {"municipality_id": subscription.municipality_id, "version": subscription.version}
        found = await self._documents.update_one({"_id": subscription.id, **scope}, change)
        if not found.matched_count:
            raise Conflict()
        self._wake("subscriptions")
