"""Documents of requests in GridFS, under random names.

A file begins loose; the sweep fastens it once its request is filed and never looks at it again.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from services.requests.domain.files import Home
from shared.errors import NotFound
from shared.mongo import Database, Document

BUCKET = "attachments"


class FileStore:
    def __init__(self, db: Database) -> None:
        self._bucket = AsyncIOMotorGridFSBucket(db, BUCKET)
        self._files = db[f"{BUCKET}.files"]
        self._chunks = db[f"{BUCKET}.chunks"]

    async def write(self, file_id: str, home: Home, data: bytes) -> None:
        metadata = {**asdict(home), "loose": True}
        await self._bucket.upload_from_stream_with_id(file_id, file_id, data, metadata=metadata)

    async def open(self, file_id: str, home: Home) -> AsyncIterator[bytes]:
        """Its bytes in chunks of 255 kB. Raises `NotFound`."""
        if await self._files.find_one(_file(file_id, home), {"_id": 1}) is None:
            raise NotFound()
        return _chunks(await self._bucket.open_download_stream(file_id))

    async def drop(self, file_id: str, home: Home) -> None:
        """Harmless when it is not there (any more), and also clears what a crash left of a half-written one."""
        found = await self._files.find_one({"_id": file_id}, {"metadata": 1})
        if found is None or home_of(found["metadata"]) == home:
            await self._drop(file_id)

    async def drop_request(self, request_id: str, household_id: str) -> None:
        """Every file of a request of the household."""
        scope = {"metadata.request_id": request_id, "metadata.household_id": household_id}
        async for found in self._files.find(scope, {"_id": 1}):
            await self._drop(found["_id"])

    async def _drop(self, file_id: str) -> None:
        # The bytes first: what a crash leaves then still has a name by which the sweep finds it.
        await self._chunks.delete_many({"files_id": file_id})
        await self._files.delete_one({"_id": file_id})

    async def loose(self, before: datetime) -> AsyncIterator[tuple[str, Home]]:
        """Stored before that instant and not known to belong to a filed request."""
        async for found in self._files.find({"metadata.loose": True, "uploadDate": {"$lt": before}}):
            yield found["_id"], home_of(found["metadata"])

    async def fasten(self, file_id: str, home: Home) -> None:
        await self._files.update_one(_file(file_id, home), {"$unset": {"metadata.loose": ""}})


async def _chunks(stream: Any) -> AsyncIterator[bytes]:
    while chunk := await stream.readchunk():
        yield chunk


def _file(file_id: str, home: Home) -> Document:
    return {
        "_id": file_id,
        "metadata.household_id": home.household_id,
        "metadata.municipality_id": home.municipality_id,
        "metadata.request_id": home.request_id,
    }


def home_of(document: Mapping[str, Any]) -> Home:
    return Home(
        household_id=document["household_id"],
        municipality_id=document["municipality_id"],
        request_id=document["request_id"],
    )
