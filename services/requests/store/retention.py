"""What requests lets go of when its time is over."""

from datetime import datetime, timedelta

from services.requests.store.checklists import ChecklistStore
from services.requests.store.files import FileStore
from services.requests.store.requests import REQUESTS
from shared.mongo import Database


class RequestRetention:
    """`days` count from the town's answer, or from the day the family withdrew it; another request waits for one."""

    def __init__(self, db: Database, files: FileStore, days: int) -> None:
        self._requests = db[REQUESTS]
        self._files = files
        self._kept = timedelta(days=days)

    async def requests(self, now: datetime) -> int:
        """With the documents joined to them, the documents first: bytes alone would be found by nobody."""
        gone = 0
        over = {"$lt": now - self._kept}
        due = {"$or": [{"answered_at": over}, {"withdrawn_at": over}]}
        async for found in self._requests.find(due, {"household_id": 1}):
            await self._files.drop_request(found["_id"], found["household_id"])
            gone += (await self._requests.delete_one({"_id": found["_id"], **due})).deleted_count
        return gone

    async def documents(self, now: datetime) -> int:
        """Those of categories that keep them for less long than the request; each leaves word that it was there."""
        gone = 0
        for days in await self._requests.distinct("category.keep_days", {"category.keep_days": {"$ne": None}}):
            over = {"$lt": now - timedelta(days=days)}
            due = {
                "category.keep_days": days,
                "$or": [{"answered_at": over}, {"withdrawn_at": over}],
                # Answered anew after a reopening, what came since is kept for as long again.
                "$expr": {"$lt": ["$documents_purged_at", {"$max": ["$answered_at", "$withdrawn_at"]}]},
            }
            async for found in self._requests.find(due, {"household_id": 1}):
                gone += await self._files.purge_request(found["_id"], found["household_id"], now)
                await self._requests.update_one({"_id": found["_id"], **due}, {"$set": {"documents_purged_at": now}})
        return gone


class VerifiedRetention:
    """Documents an agent verified, `days` after they stopped being valid, or being counted."""

    def __init__(self, db: Database, days: int) -> None:
        self._checklists = ChecklistStore(db)
        self._kept = timedelta(days=days)

    async def verified_documents(self, now: datetime) -> int:
        return await self._checklists.forget(now, self._kept)


class KeyRenewal:
    """Files' own keys go under the installation's newest one, so that an older one may be taken away."""

    def __init__(self, files: FileStore) -> None:
        self._files = files

    async def file_keys(self, _: datetime) -> int:
        return await self._files.renew_keys()
