"""Bytes of files in GridFS, a few chunks in memory at a time.

The driver's own writer gathers a whole file before it sends it, its reader takes up to 16 MB at once: chunks are
written and read here, in the format every driver's GridFS reads.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from services.requests.store.files.vault import SEALED_BYTES
from shared.errors import NotFound
from shared.mongo import Database, Document

BUCKET = "attachments"
CHUNKS_AT_ONCE = 4


class GridBlobs:
    """`Blobs` in this service's own database."""

    def __init__(self, db: Database) -> None:
        self._files = db[f"{BUCKET}.files"]
        self._chunks = db[f"{BUCKET}.chunks"]

    async def write(self, name: str, chunks: AsyncIterator[bytes]) -> None:
        """The chunks, each `SEALED_BYTES` but the last; the file's own document comes when all are there."""
        waiting: list[Document] = []
        number = size = 0
        async for chunk in chunks:
            waiting.append({"files_id": name, "n": number, "data": chunk})
            number, size = number + 1, size + len(chunk)
            if len(waiting) == CHUNKS_AT_ONCE:
                await self._chunks.insert_many(waiting)
                waiting = []
        if waiting:
            await self._chunks.insert_many(waiting)
        file = {"filename": name, "chunkSize": SEALED_BYTES, "length": size, "uploadDate": datetime.now(UTC)}
        await self._files.insert_one({"_id": name, **file})

    async def read(self, name: str) -> AsyncIterator[bytes]:
        """Its bytes as they come. Raises `NotFound`."""
        if await self._files.find_one({"_id": name}, {"_id": 1}) is None:
            raise NotFound()
        return self._read(name)

    async def _read(self, name: str) -> AsyncIterator[bytes]:
        found = self._chunks.find({"files_id": name}, {"data": 1}, batch_size=CHUNKS_AT_ONCE).sort("n", 1)
        async for chunk in found:
            yield chunk["data"]

    async def drop(self, name: str) -> None:
        # The bytes first: what a crash leaves then still has a name by which the sweep finds it.
        await self._chunks.delete_many({"files_id": name})
        await self._files.delete_one({"_id": name})

    async def close(self) -> None:
        """Nothing of its own is open."""
