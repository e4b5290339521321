"""A file comes in: counted while it arrives, checked where it waits, kept sealed; nothing is kept before it is checked.

In memory there is never more of it than a piece, whatever its size (a picture's pixels while it is drawn anew apart).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from services.requests.domain.files import FILE_BYTES, HEAD_BYTES, Home, Kind, kind_of
from services.requests.domain.refusals import UploadTooSlow
from services.requests.domain.stored_files import StoredFile
from services.requests.usecases.moment import moment
from services.requests.usecases.spools import Spool, Spools
from shared.clock import Clock
from shared.errors import TooLarge
from shared.ids import new_id

RECEIVING_MINUTES = 3


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What somebody sends: `size` in bytes when it was announced."""

    declared: str
    chunks: AsyncIterator[bytes]
    size: int | None = None


class Files(Protocol):
    async def write(self, file: StoredFile, chunks: AsyncIterator[bytes]) -> None: ...
    async def drop(self, file_id: str, home: Home) -> None: ...


class Inspecting(Protocol):
    def place(self) -> AbstractContextManager[None]: ...
    async def kept_of(self, sent: Spool, kind: Kind, drawn: Spool) -> Spool: ...


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What receiving a file takes. `guarded`: an antivirus looks at every file before anybody does; `most_bytes`: of
    one file."""

    files: Files
    inspections: Inspecting
    spools: Spools
    clock: Clock
    guarded: bool = False
    most_bytes: int = FILE_BYTES

    def announced(self, upload: Upload) -> int:
        """How much room to keep for it. Raises `TooLarge`."""
        size = self.most_bytes if upload.size is None else upload.size
        if size > self.most_bytes:
            raise TooLarge(limit_kb=self.most_bytes // 1024)
        return size


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Whose file comes, and where it goes."""

    home: Home
    place: str
    account_id: str
    file_id: str

    @classmethod
    def at(cls, home: Home, place: str, account_id: str) -> "Arrival":
        return cls(home=home, place=place, account_id=account_id, file_id=new_id("fil"))


async def receive_file(upload: Upload, arrival: Arrival, intake: Intake) -> StoredFile:
    """Raises `TooLarge`, `UploadTooSlow`, `NoFilesKey`, and what `kind_of` and `inspect` raise."""
    with intake.spools.new() as sent, intake.spools.new() as drawn:
        kind = await _received(upload, sent, intake.most_bytes)
        kept = await intake.inspections.kept_of(sent, kind, drawn)
        size = await kept.size()
        if size > intake.most_bytes:
            raise TooLarge(limit_kb=intake.most_bytes // 1024)
        file = StoredFile(
            id=arrival.file_id,
            home=arrival.home,
            place=arrival.place,
            account_id=arrival.account_id,
            kind=kind,
            bytes=size,
            added_at=moment(intake.clock),
        ).received(size, guarded=intake.guarded)
        await intake.files.write(file, kept.pieces())
    return file


async def _received(upload: Upload, sent: Spool, most: int) -> Kind:
    """The kind of the body; one of a wrong kind is refused at its first bytes. Raises `TooLarge`."""
    head, kind, size = b"", None, 0
    try:
        async with asyncio.timeout(RECEIVING_MINUTES * 60):
            async for chunk in upload.chunks:
                size += len(chunk)
                if size > most:
                    raise TooLarge(limit_kb=most // 1024)
                if kind is None:
                    head += chunk[: HEAD_BYTES - len(head)]
                    kind = kind_of(head, upload.declared) if len(head) >= HEAD_BYTES else None
                await sent.write(chunk)
    except TimeoutError:
        raise UploadTooSlow(minutes=RECEIVING_MINUTES) from None
    return kind or kind_of(head, upload.declared)
