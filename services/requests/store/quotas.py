"""The room a household's drafts take: one document per household names each file, so that it can be mended."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from services.requests.domain.files import QUOTA_BYTES, Home
from services.requests.domain.refusals import FilesQuotaReached
from services.requests.store.files import home_of
from shared.mongo import Database


class QuotaStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["quotas"]

    async def reserve(self, file_id: str, home: Home, size: int, *, instead_of: str | None, at: datetime) -> None:
        """Room for `size` bytes, not counting the file it will replace. Raises `FilesQuotaReached`."""
        ours = {"_id": home.household_id, "household_id": home.household_id}
        with suppress(DuplicateKeyError):
            # Another upload of the household makes it at the same moment.
            await self._documents.update_one(ours, {"$setOnInsert": {"files": []}}, upsert=True)
        others = {"$filter": {"input": "$files", "cond": {"$ne": ["$$this.file_id", instead_of]}}}
        taken = {"$sum": {"$map": {"input": others, "in": "$$this.bytes"}}}
        entry = {**asdict(home), "file_id": file_id, "bytes": size, "at": at}
        written = await self._documents.update_one(
            {**ours, "$expr": {"$lte": [{"$add": [taken, size]}, QUOTA_BYTES]}}, {"$push": {"files": entry}}
        )
        if not written.matched_count:
            raise FilesQuotaReached(quota_mb=QUOTA_BYTES // (1024 * 1024))

    async def settle(self, file_id: str, home: Home, size: int) -> None:
        """What the file weighs in the end."""
        await self._documents.update_one(
            {"household_id": home.household_id, "files.file_id": file_id}, {"$set": {"files.$.bytes": size}}
        )

    async def release(self, file_id: str, home: Home) -> None:
        await self._pull(home.household_id, {"file_id": file_id})

    async def release_request(self, request_id: str, household_id: str) -> None:
        """Its files are no draft's any more."""
        await self._pull(household_id, {"request_id": request_id})

    async def reserved(self, before: datetime) -> AsyncIterator[tuple[str, Home]]:
        """Files that took room before that instant."""
        async for found in self._documents.find({"files.at": {"$lt": before}}):
            for entry in found["files"]:
                if entry["at"] < before:
                    yield entry["file_id"], home_of(entry)

    async def _pull(self, household_id: str, which: dict[str, str]) -> None:
        await self._documents.update_one({"household_id": household_id}, {"$pull": {"files": which}})
