"""What notifications holds of a household: its messages, the trail of its mails, the copy of its profile."""

from collections.abc import AsyncIterator
from datetime import datetime

from shared.mongo import Database
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
        yield json_file("notifications.json", {"messages": messages, "copy_of_the_household": copies})

    async def erase(self, household_id: str, _: datetime) -> Receipt:
        messages = await self._db["messages"].delete_many({"household_id": household_id})
        copies = await self._db["households"].delete_one({"_id": household_id})
        return Receipt(erased=counted({"messages": messages.deleted_count, "profile_copies": copies.deleted_count}))
