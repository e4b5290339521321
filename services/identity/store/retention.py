"""What identity lets go of when its time is over. Sessions, links and archives go by indexes of their own."""

from datetime import datetime, timedelta

from shared.mongo import Database


class IdentityRetention:
    """`audit_days` from the act, `report_days` from the end of an erasure."""

    def __init__(self, db: Database, *, audit_days: int, report_days: int) -> None:
        self._db = db
        self._audit_life, self._report_life = timedelta(days=audit_days), timedelta(days=report_days)

    async def audit_trail(self, now: datetime) -> int:
        return (await self._db["audit_trail"].delete_many({"at": {"$lt": now - self._audit_life}})).deleted_count

    async def erasure_reports(self, now: datetime) -> int:
        due = {"done_at": {"$lt": now - self._report_life}, "outbox.id": {"$exists": False}}
        return (await self._db["erasures"].delete_many(due)).deleted_count
