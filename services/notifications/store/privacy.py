"""What notifications holds of a household: its messages, the trail of its mails, the copy of its profile."""

from collections.abc import AsyncIterator
from datetime import datetime

from services.notifications.store.enrolments import EnrolmentStore
from shared.mongo import Database, Document
from shared.privacy import File, Receipt, counted
from shared.privacy.store import json_file


class NotificationHoldings:
    service = "notifications"

    def __init__(self, db: Database) -> None:
        self._db = db

    async def files(self, household_id: str) -> AsyncIterator[File]:
        messages = await self._db["messages"].find({"household_id": household_id}).sort("_id", 1).to_list(None)
        copies = await self._db["households"].find({"_id": household_id}).to_list(None)
        # What was said in a mail may travel once more, but not the code it carried: a household has no such mail.
        reads = await self._db["news_reads"].find({"household_id": household_id}).sort("_id", 1).to_list(None)
        theirs = {"household_id": household_id}
        troubled = await self._db["troubled_addresses"].find(theirs, {"outbox": 0}).sort("_id", 1).to_list(None)
        yield json_file("notification_preferences.json", await self._chosen(theirs))
        yield json_file(
            "notifications.json",
            {
                "messages": messages,
                "copy_of_the_household": copies,
                "news_read": reads,
                "addresses_without_mail": troubled,
            },
        )

    async def _chosen(self, theirs: Document) -> Document:
        """What its guardians chose, and their devices without the keys only browsers have."""
        preferences = await self._db["preferences"].find(theirs).sort("_id", 1).to_list(None)
        devices = await self._db["devices"].find(theirs, {"auth": 0, "p256dh": 0}).sort("_id", 1).to_list(None)
        return {"preferences": preferences, "devices": devices}

    async def erase(self, household_id: str, _: datetime) -> Receipt:
        messages = await self._db["messages"].delete_many({"household_id": household_id})
        reads = await self._db["news_reads"].delete_many({"household_id": household_id})
        known = await self._db["households"].find_one({"_id": household_id}, {"child_ids": 1}) or {}
        await EnrolmentStore(self._db).forget_children(known.get("child_ids", ()))
        troubled = await self._db["troubled_addresses"].delete_many({"household_id": household_id})
        preferences = await self._db["preferences"].delete_many({"household_id": household_id})
        devices = await self._db["devices"].delete_many({"household_id": household_id})
        copies = await self._db["households"].delete_one({"_id": household_id})
        return Receipt(
            erased=counted(
                {
                    "messages": messages.deleted_count,
                    "profile_copies": copies.deleted_count,
                    "troubled_addresses": troubled.deleted_count,
                    "news_reads": reads.deleted_count,
                    "preferences": preferences.deleted_count,
                    "devices": devices.deleted_count,
                }
            )
        )
