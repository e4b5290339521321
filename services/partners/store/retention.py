"""What partners lets go of when its time is over."""

from datetime import datetime, timedelta

from services.partners.store.log import LogStore
from shared.mongo import Database


class PartnerRetention:
    def __init__(self, db: Database, *, log_days: int) -> None:
        self._log = LogStore(db)
        self._log_life = timedelta(days=log_days)

    async def events(self, now: datetime) -> int:
        """Days count from when the event was told."""
        return await self._log.forget(now - self._log_life)
