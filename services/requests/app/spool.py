"""Uploads wait on disk, unreadable there: under a key that only this process has, in files without a name.

The first megabyte stays in memory. AES-256 in counter mode lets a decoder read at any place; a changed byte would only
be one more damaged file, so nothing is authenticated here (what is kept is: `store/files/vault.py`).
"""

import asyncio
import io
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from services.requests.usecases.spools import PIECE_BYTES

IN_MEMORY = 1024 * 1024
BLOCK = 16
COUNTERS = 2**128


class SealedFile(io.RawIOBase):
    """A file whose every byte is sealed by its place in it. Written from beginning to end: two writes of one place
    would show how they differ to whoever saw both."""

    def __init__(self, folder: str = "") -> None:
        super().__init__()
        # Without a name from the start: a crash leaves nothing behind.
        self._under = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=folder or None)  # noqa: SIM115  # closed with this
        self._key, self._first = os.urandom(32), int.from_bytes(os.urandom(BLOCK), "big")

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer)).cast("B")
        at = self._under.tell()
        found = self._under.read(len(view))
        view[: len(found)] = self._crossed(at, found)
        return len(found)

    def write(self, data: object) -> int:
        plain = bytes(memoryview(cast(bytes, data)).cast("B"))
        return self._under.write(self._crossed(self._under.tell(), plain))

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._under.seek(offset, whence)
        return self._under.tell()

    def tell(self) -> int:
        return self._under.tell()

    def truncate(self, size: int | None = None) -> int:
        self._under.truncate(size)
        return self._under.tell()

    def close(self) -> None:
        if not self.closed:
            self._under.close()
        super().close()

    def _crossed(self, at: int, data: bytes) -> bytes:
        """Sealed, or opened: the same in counter mode."""
        block, skipped = divmod(at, BLOCK)
        counter = ((self._first + block) % COUNTERS).to_bytes(BLOCK, "big")
        stream = Cipher(AES(self._key), CTR(counter)).encryptor()
        stream.update(b"\0" * skipped)
        return stream.update(data)


class DiskSpool:
    """What stands behind `usecases.spools.Spool`."""

    def __init__(self, folder: str = "") -> None:
        self._file = cast(BinaryIO, io.BufferedRandom(SealedFile(folder), 64 * 1024))
        self._waiting = bytearray()

    async def write(self, chunk: bytes) -> None:
        """Gathered to pieces first: a thread for each packet would cost more than the writing."""
        self._waiting += chunk
        if len(self._waiting) >= PIECE_BYTES:
            await self._flush()

    async def settled(self) -> BinaryIO:
        if self._waiting:
            await self._flush()
        return self._file

    async def size(self) -> int:
        return await asyncio.to_thread((await self.settled()).seek, 0, io.SEEK_END)

    async def pieces(self) -> AsyncIterator[bytes]:
        file = await self.settled()
        await asyncio.to_thread(file.seek, 0)
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            yield piece

    async def _flush(self) -> None:
        waiting, self._waiting = bytes(self._waiting), bytearray()
        await asyncio.to_thread(self._file.write, waiting)

    def close(self) -> None:
        self._file.close()


class DiskSpools:
    """`folder`: where they lie; the system's own place for temporary files when empty."""

    def __init__(self, folder: str = "") -> None:
        self._folder = folder

    @contextmanager
    def new(self) -> Iterator[DiskSpool]:
        spool = DiskSpool(self._folder)
        try:
            yield spool
        finally:
            spool.close()
