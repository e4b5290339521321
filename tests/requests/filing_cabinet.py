"""Files as tests keep them: a store with a key, records, and bytes that come in pieces."""

import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pypdf import PdfWriter

from services.requests.domain.files import Home, Kind
from services.requests.domain.stored_files import SLOT, StoredFile
from services.requests.store import FileStore
from services.requests.store.files import Blobs, GridBlobs, Vault
from shared.errors import NotFound
from shared.mongo import Database
from tests.requests.samples import HOUSEHOLD, NOW, TOWN, pdf

FILES_KEY = f"k1:{'0a' * 32}"
NEWER_KEY = f"k2:{'0b' * 32},{FILES_KEY}"
HOME = Home(household_id=HOUSEHOLD, municipality_id=TOWN, request_id="req_1")


def cabinet(db: Database, key: str = FILES_KEY, **blobs: Blobs) -> FileStore:
    return FileStore(db, Vault(key), {"gridfs": GridBlobs(db), **blobs}, next(iter(blobs), "gridfs"))


def scan(file_id: str = "fil_scan", home: Home = HOME, **changes: Any) -> StoredFile:
    """A file in the slot of the identity paper, looked at by nobody."""
    known: dict[str, Any] = {
        "id": file_id,
        "home": home,
        "place": f"{SLOT}piece-identite",
        "account_id": "acc_parent",
        "kind": Kind.PDF,
        "bytes": len(pdf()),
        "added_at": NOW,
        "state": "clean",
    }
    return StoredFile(**{**known, **changes})


def quarantined(file_id: str = "fil_scan", **changes: Any) -> StoredFile:
    return scan(file_id, **{"state": "quarantined", "scan_after": NOW, **changes})


async def put(
    files: FileStore, file_id: str = "fil_scan", home: Home = HOME, data: bytes | None = None, **changes: Any
) -> StoredFile:
    content = pdf() if data is None else data
    file = scan(file_id, home, **{"bytes": len(content), **changes})
    await files.write(file, pieces(content))
    return file


def large_pdf(size: int) -> bytes:
    """Of about so many bytes, as one with a scan in it."""
    writer, drawn = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.add_attachment("scan", b"x" * size)
    writer.write(drawn)
    return drawn.getvalue()


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def read(files: FileStore, file_id: str = "fil_scan", home: Home = HOME) -> bytes:
    return await whole(await files.open(file_id, home))


@dataclass
class Drawer:
    """Files by hand: what `receive_file` and `scan_files` ask of a store."""

    files: dict[str, bytes] = field(default_factory=dict)
    known: dict[str, StoredFile] = field(default_factory=dict)

    async def write(self, file: StoredFile, chunks: AsyncIterator[bytes]) -> None:
        self.files[file.id], self.known[file.id] = await whole(chunks), file

    async def read(self, file: StoredFile) -> AsyncIterator[bytes]:
        if file.id not in self.files:
            raise NotFound()
        return pieces(self.files[file.id])

    async def drop(self, file_id: str, home: Home) -> None:
        self.files.pop(file_id, None)

    async def drop_bytes(self, file: StoredFile) -> None:
        self.files.pop(file.id, None)

    async def claim_scan(self, now: datetime) -> StoredFile | None:
        due = [file for file in self.known.values() if file.scan_after and file.scan_after <= now]
        return due[0] if due else None

    async def keep(self, file: StoredFile, before: str) -> bool:
        if self.known[file.id].state != before:
            return False
        self.known[file.id] = file
        return True

    def states(self) -> Mapping[str, str]:
        return {name: file.state for name, file in self.known.items()}
