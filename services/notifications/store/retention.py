"""What notifications lets go of when its time is over."""

from datetime import datetime, timedelta

from shared.mongo import Database


class NotificationRetention:
    """Days count from when the event was told, or the item published."""

    def __init__(self, db: Database, *, message_days: int, mail_days: int, news_days: int) -> None:
        self._messages, self._news = db["messages"], db["news"]
        self._message_life, self._mail_life = timedelta(days=message_days), timedelta(days=mail_days)
        self._news_life = timedelta(days=news_days)

    async def messages(self, now: datetime) -> int:
        due = {"channel": "app", "told_at": {"$lt": now - self._message_life}}
        return (await self._messages.delete_many(due)).deleted_count

    async def mails(self, now: datetime) -> int:
        """A mail that still waits is not done with."""
        due = {"state": {"$in": ["sent", "refused"]}, "told_at": {"$lt": now - self._mail_life}}
        return (await self._messages.delete_many(due)).deleted_count

    async def news(self, now: datetime) -> int:
        return (await self._news.delete_many({"published_at": {"$lt": now - self._news_life}})).deleted_count
