"""Files with their bytes: sealed on the way in, opened on the way out, never whole in memory.

A file begins loose; the sweep fastens it once its request is filed and never looks at it again.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from services.requests.domain.files import Home
from services.requests.domain.stored_files import HELD, StoredFile
from services.requests.store.files.records import FileRecords
from services.requests.store.files.vault import Unsealable, Vault, opened_chunks, sealed_chunks
from shared.errors import NotFound
from shared.mongo import Database

log = structlog.get_logger()


class Blobs(Protocol):
    """Where bytes are kept under random names: GridFS or S3."""

    async def write(self, name: str, chunks: AsyncIterator[bytes]) -> None: ...
    async def read(self, name: str) -> AsyncIterator[bytes]: ...
    async def drop(self, name: str) -> None: ...
    async def close(self) -> None: ...


class FileStore:
    """`into`: where new files go, one of `blobs`; each file says where it is, so that both may hold some."""

    def __init__(self, db: Database, vault: Vault, blobs: Mapping[str, Blobs], into: str = "gridfs") -> None:
        self.records = FileRecords(db)
        self._vault = vault
        self._blobs = blobs
        self._into = into

    async def write(self, file: StoredFile, chunks: AsyncIterator[bytes]) -> None:
        """Its record first, so that what a crash leaves is known; it is in its state once every byte is there.

        Raises `NoFilesKey`.
        """
        key, sealed = self._vault.new_key(file.id)
        known = replace(file, key=sealed, store=self._into)
        await self.records.add(replace(known, state="receiving", scan_after=None))
        await self._blobs[self._into].write(file.id, sealed_chunks(key, chunks))
        await self.records.keep(known, before="receiving")

    async def open(self, file_id: str, home: Home) -> AsyncIterator[bytes]:
        """What anybody may read: a file that is clean. Raises `NotFound`, `FileInQuarantine`, `FileInfectedRemoved`,
        `FilePurged`."""
        file = await self.records.one(file_id, home)
        file.check_readable()
        return await self.read(file)

    async def read(self, file: StoredFile) -> AsyncIterator[bytes]:
        """Whatever its state: for the antivirus and for what a family is given of its data. Raises `NotFound`."""
        chunks = await self._blobs[file.store].read(file.id)
        return opened_chunks(self._vault.key_of(file.key, file.id), chunks) if file.key else chunks

    async def drop(self, file_id: str, home: Home) -> None:
        """Harmless when it is not there (any more), and also clears what a crash left of a half-written one."""
        try:
            file = await self.records.one(file_id, home)
        except NotFound:
            if not await self.records.knows(file_id):
                # Half written by a version that noted files afterwards.
                await self._blobs["gridfs"].drop(file_id)
            return
        await self.drop_bytes(file)
        await self.records.remove(file_id)

    async def drop_bytes(self, file: StoredFile) -> None:
        await self._blobs[file.store].drop(file.id)

    async def drop_request(self, request_id: str, household_id: str) -> None:
        """Every file of a request of the household."""
        for file in (await self.records.of_request(request_id, household_id)).values():
            await self.drop_bytes(file)
            await self.records.remove(file.id)

    async def purge_request(self, request_id: str, household_id: str, now: datetime) -> int:
        """The bytes of its documents go, that they were there stays known; how many went."""
        purged = 0
        for file in (await self.records.of_request(request_id, household_id)).values():
            if file.state in HELD:
                await self.drop_bytes(file)
                purged += await self.records.keep(file.purged(now), before=file.state)
        return purged

    async def renew_keys(self) -> int:
        """Keys of files go under the installation's newest one; how many did."""
        renewed = 0
        async for file in self.records.sealed_otherwise(self._vault.newest):
            if not self._vault.newest:
                break
            try:
                sealed = self._vault.renewed(file.key, file.id)
            except Unsealable:
                # An operator took a key away too early: its files open again once it is back.
                log.error("file_key_missing", file_id=file.id)
                continue
            renewed += await self.records.rekey(file, sealed)
        return renewed

    def loose(self, before: datetime) -> AsyncIterator[tuple[str, Home]]:
        return self.records.loose(before)

    async def fasten(self, file_id: str, home: Home) -> None:
        await self.records.fasten(file_id, home)

    async def close(self) -> None:
        for blobs in self._blobs.values():
            await blobs.close()
