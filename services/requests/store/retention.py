"""What requests lets go of when its time is over."""

from datetime import datetime, timedelta

from services.requests.store.files import FileStore
from services.requests.store.requests import REQUESTS
from shared.mongo import Database


class RequestRetention:
    """`days` count from the town's answer; a request nobody answered waits for one."""

    def __init__(self, db: Database, days: int) -> None:
        self._requests = db[REQUESTS]
        self._files = FileStore(db)
        self._kept = timedelta(days=days)

    async def requests(self, now: datetime) -> int:
        """With the documents joined to them, the documents first: bytes alone would be found by nobody."""
        gone = 0
        due = {"answered_at": {"$lt": now - self._kept}}
        async for found in self._requests.find(due, {"household_id": 1}):
            await self._files.drop_request(found["_id"], found["household_id"])
            gone += (await self._requests.delete_one({"_id": found["_id"], **due})).deleted_count
        return gone
