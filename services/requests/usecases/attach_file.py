"""A family puts a document into a slot of its draft: received, checked, kept, in place of what was there.

Nothing is stored before it is checked. (GridFS's writer gathers a file in memory before it sends it, so streaming an
unchecked body through it would hold as much and leave rubbish behind.)
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.requests.domain.categories import Slot
from services.requests.domain.files import FILE_BYTES, HEAD_BYTES, Home, Kind, kind_of
from services.requests.domain.refusals import UploadTooSlow
from services.requests.domain.requests import Attachment, Request
from services.requests.usecases.moment import moment
from services.requests.usecases.towns import Towns
from shared.clock import Clock
from shared.errors import TooLarge
from shared.ids import new_id

RECEIVING_MINUTES = 3


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What a family sends: `size` in bytes when it was announced."""

    declared: str
    chunks: AsyncIterator[bytes]
    size: int | None = None


class Files(Protocol):
    async def write(self, file_id: str, home: Home, data: bytes) -> None: ...
    async def drop(self, file_id: str, home: Home) -> None: ...


class Quotas(Protocol):
    async def reserve(self, file_id: str, home: Home, size: int, *, instead_of: str | None, at: datetime) -> None: ...
    async def settle(self, file_id: str, home: Home, size: int) -> None: ...
    async def release(self, file_id: str, home: Home) -> None: ...


class Requests(Protocol):
    async def of_household(self, request_id: str, household_id: str) -> Request: ...
    async def attach(self, request: Request, slot_id: str, attachment: Attachment) -> Attachment | None: ...


class Inspecting(Protocol):
    def place(self) -> AbstractContextManager[None]: ...
    async def kept_of(self, data: bytes, kind: Kind) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What receiving a file takes."""

    requests: Requests
    files: Files
    quotas: Quotas
    inspections: Inspecting
    towns: Towns
    clock: Clock


async def attach_file(
    request_id: str, slot_id: str, upload: Upload, *, household_id: str, desk: Desk
) -> tuple[Slot, Attachment]:
    """Raises `NotFound`, `AlreadyFiled`, `FilesQuotaReached`, `TooLarge`, `UploadTooSlow`, `Unavailable`, and what
    `kind_of` and `inspect` raise."""
    request = await desk.requests.of_household(request_id, household_id)
    request.check_draft(await desk.towns.zone(request.municipality_id))
    slot = request.category.slot(slot_id)
    home = Home(household_id=household_id, municipality_id=request.municipality_id, request_id=request.id)
    before = request.attachments.get(slot_id)
    file_id = new_id("fil")
    # The room is taken before the bytes come: many uploads at once cannot pass a limit none of them passes alone.
    announced = FILE_BYTES if upload.size is None else upload.size
    if announced > FILE_BYTES:
        raise TooLarge(limit_kb=FILE_BYTES // 1024)
    with desk.inspections.place():
        await desk.quotas.reserve(
            file_id, home, announced, instead_of=before.file_id if before else None, at=moment(desk.clock)
        )
        try:
            attachment = await _stored(file_id, upload, home, desk)
            replaced = await desk.requests.attach(request, slot_id, attachment)
        except BaseException:
            await _forget(file_id, home, desk)
            raise
    if replaced:
        await _forget(replaced.file_id, home, desk)
    return slot, attachment


async def _stored(file_id: str, upload: Upload, home: Home, desk: Desk) -> Attachment:
    data, kind = await _received(upload)
    kept = await desk.inspections.kept_of(data, kind)
    if len(kept) > FILE_BYTES:
        raise TooLarge(limit_kb=FILE_BYTES // 1024)
    await desk.files.write(file_id, home, kept)
    await desk.quotas.settle(file_id, home, len(kept))
    return Attachment(file_id=file_id, kind=kind, bytes=len(kept), added_at=moment(desk.clock))


async def _received(upload: Upload) -> tuple[bytes, Kind]:
    """The whole body and its kind; a body of a wrong kind is refused at its first bytes."""
    data = bytearray()
    kind: Kind | None = None
    try:
        async with asyncio.timeout(RECEIVING_MINUTES * 60):
            async for chunk in upload.chunks:
                data += chunk
                if kind is None and len(data) >= HEAD_BYTES:
                    kind = kind_of(bytes(data[:HEAD_BYTES]), upload.declared)
    except TimeoutError:
        raise UploadTooSlow(minutes=RECEIVING_MINUTES) from None
    return bytes(data), kind or kind_of(bytes(data), upload.declared)


async def _forget(file_id: str, home: Home, desk: Desk) -> None:
    await desk.files.drop(file_id, home)
    await desk.quotas.release(file_id, home)
