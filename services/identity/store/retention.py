"""What identity lets go of when its time is over. Sessions, links and archives go by indexes of their own."""

from datetime import datetime, timedelta

from services.identity.store.audit_trail import CIRCLES
from shared.mongo import Database


class IdentityRetention:
    """`audit_days` from the act, `report_days` from the end of an erasure."""

    def __init__(self, db: Database, *, audit_days: int, report_days: int) -> None:
        self._db = db
        self._audit_life, self._report_life = timedelta(days=audit_days), timedelta(days=report_days)

    async def audit_trail(self, now: datetime) -> int:
        over = now - self._audit_life
        gone = await self._db["audit_trail"].delete_many({"at": {"$lt": over}})
        # Seen some time on their last day: none of its acts is left.
        await self._db[CIRCLES].delete_many({"seen_on": {"$lt": over - timedelta(days=1)}})
        return gone.deleted_count

    async def erasure_reports(self, now: datetime) -> int:
        due = {"done_at": {"$lt": now - self._report_life}, "outbox.id": {"$exists": False}}
        return (await self._db["erasures"].delete_many(due)).deleted_count
