"""Subscriptions as the sender looks at them: of any town, and only those that are to be sent to."""

from services.partners.domain.subscriptions import Subscription
from services.partners.store.documents import from_document
from shared.mongo import Database


class SendableStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["subscriptions"]

    async def find(self, subscription_id: str) -> Subscription | None:
        """None unless it is a webhook and active."""
        found = await self._documents.find_one({"_id": subscription_id, "kind": "webhook", "state": "active"})
        return from_document(found) if found else None
