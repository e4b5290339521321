"""Where the bytes of an upload wait until they are checked: a port, since they may not wait in memory."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

PIECE_BYTES = 256 * 1024


class Spool(Protocol):
    """One body: written from its beginning to its end, then read."""

    async def write(self, chunk: bytes) -> None: ...

    async def settled(self) -> BinaryIO:
        """With all that was written, to be read (or drawn into) in a thread."""

    async def size(self) -> int: ...

    def pieces(self) -> AsyncIterator[bytes]:
        """From the beginning."""


class Spools(Protocol):
    def new(self) -> AbstractContextManager[Spool]: ...
