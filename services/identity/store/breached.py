"""Passwords found in lists stolen elsewhere, looked up in the published list: no password leaves."""

import asyncio
import hashlib
import os
from pathlib import Path

DIGEST_LENGTH = 40
# A line is `HEX:count`; no count has more digits than this leaves room for.
LONGEST_LINE = 128


class BreachedList:
    """A file of upper-case SHA-1 digests in order, one a line as `HEX:count`, searched by halves on disk.

    About 35 reads for a thousand million lines, nothing kept in memory. Without a file nothing is ever found.
    """

    def __init__(self, path: Path | None) -> None:
        # A setting that is there and empty is a path without a name.
        self._path = path if path and path.name else None
        if self._path is not None:
            # A wrong name is found at start, not when the first family chooses a password.
            self._path.open("rb").close()

    async def has(self, password: str) -> bool:
        if self._path is None:
            return False
        # The list itself is made with SHA-1: it is no protection of ours.
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        return await asyncio.to_thread(_found, self._path, digest)


def _found(path: Path, digest: bytes) -> bool:
    with path.open("rb", buffering=0) as file:
        low, high = 0, os.fstat(file.fileno()).st_size
        # The wanted line, if there is one, begins in [low, high).
        while low < high:
            middle = (low + high) // 2
            start, line = _line_from(file.fileno(), middle)
            if not line or start >= high:
                high = middle
            elif line[:DIGEST_LENGTH].upper() == digest:
                return True
            elif line[:DIGEST_LENGTH].upper() < digest:
                low = start + len(line)
            else:
                high = middle
    return False


def _line_from(file: int, offset: int) -> tuple[int, bytes]:
    """The first line that begins at `offset` or later, and where it begins; no bytes at the end of the file."""
    if offset == 0:
        start = 0
    else:
        before = os.pread(file, LONGEST_LINE, offset - 1)
        end = before.find(b"\n")
        if end < 0:
            return offset + len(before), b""
        start = offset + end
    line, newline, _ = os.pread(file, LONGEST_LINE, start).partition(b"\n")
    return start, line + newline
