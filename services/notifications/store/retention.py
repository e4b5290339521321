"""What notifications lets go of when its time is over."""

from datetime import datetime, timedelta

from services.notifications.store.enrolments import EnrolmentStore
from services.notifications.store.news_files import NewsFileStore
from services.notifications.store.troubled_addresses import TroubledAddressStore
from shared.mongo import Database


class NotificationRetention:
    """Days count from when the event was told, or the item published."""

    def __init__(self, db: Database, *, message_days: int, mail_days: int, news_days: int) -> None:
        self._messages, self._news = db["messages"], db["news"]
        self._reads, self._files, self._enrolments = db["news_reads"], NewsFileStore(db), EnrolmentStore(db)
        self._troubled = TroubledAddressStore(db, lambda _: None)
        self._message_life, self._mail_life = timedelta(days=message_days), timedelta(days=mail_days)
        self._news_life = timedelta(days=news_days)

    async def messages(self, now: datetime) -> int:
        due = {"channel": "app", "told_at": {"$lt": now - self._message_life}}
        return (await self._messages.delete_many(due)).deleted_count

    async def mails(self, now: datetime) -> int:
        """A mail that still waits is not done with."""
        due = {"state": {"$in": ["sent", "refused", "bounced", "expired"]}, "told_at": {"$lt": now - self._mail_life}}
        return (await self._messages.delete_many(due)).deleted_count

    async def troubled_addresses(self, now: datetime) -> int:
        """As long as the trail of the mails that came back; after that an address is tried once more."""
        return await self._troubled.forget_old(now, self._mail_life)

    async def news(self, now: datetime) -> int:
        """What was published that long ago, and drafts nobody touched since; with their files and their read marks."""
        long_ago = {"$lt": now - self._news_life}
        due = {"$or": [{"published_at": long_ago}, {"published_at": None, "edited_at": long_ago}]}
        gone = 0
        async for found in self._news.find(due, {"_id": 1}):
            await self._reads.delete_many({"news_id": found["_id"]})
            await self._files.drop_of(found["_id"])
            gone += (await self._news.delete_one({"_id": found["_id"]})).deleted_count
        await self._files.drop_loose(now)
        return gone

    async def enrolment_copies(self, now: datetime) -> int:
        return await self._enrolments.drop_ended(now)
