"""Webhooks by subscription: their sealed secrets, and whether they are left alone."""

from collections.abc import Sequence
from dataclasses import replace

from pymongo.errors import DuplicateKeyError

from services.partners.domain.webhooks.endpoints import Endpoint
from services.partners.domain.webhooks.health import Leave, Pulse
from services.partners.store.deliveries.documents import endpoint_document, endpoint_of, pulse_document
from shared.errors import Conflict
from shared.mongo import Database


class EndpointStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["webhooks"]

    async def find(self, subscription_id: str, municipality_id: str) -> Endpoint | None:
        found = await self._documents.find_one({"_id": subscription_id, "municipality_id": municipality_id})
        return endpoint_of(found) if found else None

    async def add(self, endpoint: Endpoint) -> None:
        """Raises `Conflict` when there is one."""
        try:
            await self._documents.insert_one(endpoint_document(endpoint))
        except DuplicateKeyError:
            raise Conflict() from None

    async def change(self, endpoint: Endpoint) -> Endpoint:
        """Raises `Conflict` when somebody else changed it since it was read."""
        changed = replace(endpoint, version=endpoint.version + 1)
        wanted = {"_id": endpoint.id, "municipality_id": endpoint.municipality_id, "version": endpoint.version}
        secrets = endpoint_document(changed)["secrets"]
        done = await self._documents.update_one(wanted, {"$set": {"secrets": secrets, "version": changed.version}})
        if not done.matched_count:
            raise Conflict()
        return changed

    async def remove(self, subscription_id: str, municipality_id: str) -> None:
        await self._documents.delete_one({"_id": subscription_id, "municipality_id": municipality_id})

    async def leave(self, subscription_id: str, municipality_id: str, why: Leave) -> None:
        """Left alone, for that reason."""
        key = {"_id": subscription_id, "municipality_id": municipality_id}
        await self._documents.update_one(key, {"$set": {"left_because": why}})

    async def take_up(self, subscription_id: str, municipality_id: str) -> None:
        """Not left alone any more, as if it had never failed."""
        key = {"_id": subscription_id, "municipality_id": municipality_id}
        await self._documents.update_one(key, {"$set": {"left_because": None, "failures": 0}})

    async def left(self) -> Sequence[Endpoint]:
        """Those that are left alone, of all towns."""
        return [endpoint_of(found) async for found in self._documents.find({"left_because": {"$ne": None}})]

    async def note(self, subscription_id: str, municipality_id: str, pulse: Pulse) -> None:
        """How it does."""
        key = {"_id": subscription_id, "municipality_id": municipality_id}
        await self._documents.update_one(key, {"$set": pulse_document(pulse)})
