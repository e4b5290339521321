"""How documents and files are shown, and how they go out."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Literal

from aiohttp import web

from services.requests.domain.categories import Slot
from services.requests.domain.files import Kind
from services.requests.domain.requests import Attachment, Request
from services.requests.domain.stored_files import StoredFile
from shared.web import Answer

Shown = Literal["quarantined", "clean", "infected", "purged"]


class FileStateAnswer(Answer):
    """`state`: `quarantined` while an antivirus has not looked at it, `clean`, `infected` or `purged` when its bytes
    are gone (`gone_at`). `scanned`: an antivirus found nothing; false for a clean file where there is none."""

    state: Shown = "clean"
    scanned: bool = False
    gone_at: datetime | None = None


class AttachmentAnswer(FileStateAnswer):
    slot: str
    name: str
    media_type: str
    bytes: int
    added_at: datetime


class AddedFileAnswer(FileStateAnswer):
    """A file to go with a message, which names it by `file_id`."""

    file_id: str
    media_type: str
    bytes: int
    added_at: datetime


class EmptiedAnswer(Answer):
    """A slot whose document the antivirus removed."""

    slot: str
    name: str
    at: datetime


class HeldAnswer(Answer):
    """A slot that need not be filled: the town has verified such a document, which is valid until that day."""

    slot: str
    name: str
    document_kind: str
    valid_until: date


def attachment_answer(slot: Slot, attachment: Attachment, file: StoredFile | None) -> AttachmentAnswer:
    """`file` is None for the moment a slot takes to be filled again, and in documents of before files were noted."""
    return AttachmentAnswer.model_validate(
        {
            "slot": slot.id,
            "name": slot.name,
            "media_type": attachment.kind,
            "bytes": attachment.bytes,
            "added_at": attachment.added_at,
            **state_of(file),
        }
    )


def added_answer(file: StoredFile) -> AddedFileAnswer:
    known = {"file_id": file.id, "media_type": file.kind, "bytes": file.bytes, "added_at": file.added_at}
    return AddedFileAnswer.model_validate({**known, **state_of(file)})


def state_of(file: StoredFile | None) -> dict[str, object]:
    if file is None:
        return {}
    state = "quarantined" if file.state == "receiving" else file.state
    return {"state": state, "scanned": file.scanned and file.state == "clean", "gone_at": file.gone_at}


def attachments_of(request: Request, files: Mapping[str, StoredFile]) -> list[AttachmentAnswer]:
    kept = [(slot, request.attachments.get(slot.id)) for slot in request.category.slots]
    return [attachment_answer(slot, one, files.get(one.file_id)) for slot, one in kept if one]


def emptied_of(request: Request) -> list[EmptiedAnswer]:
    slots = [slot for slot in request.category.slots if slot.id in request.emptied_slots]
    return [EmptiedAnswer(slot=slot.id, name=slot.name, at=request.emptied_slots[slot.id]) for slot in slots]


def held_of(request: Request) -> list[HeldAnswer]:
    found = [(slot, request.held.get(slot.id)) for slot in request.category.slots]
    return [
        HeldAnswer(slot=slot.id, name=slot.name, document_kind=held.kind, valid_until=held.valid_until)
        for slot, held in found
        if held
    ]


async def sent_out(
    request: web.Request, chunks: AsyncIterator[bytes], name: str, kind: Kind, size: int
) -> web.StreamResponse:
    """To be saved: nothing in it may run in the page that asks."""
    response = web.StreamResponse(headers=_headers(name, kind))
    response.content_length = size
    await response.prepare(request)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


def _headers(name: str, kind: Kind) -> dict[str, str]:
    return {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="{name}.{kind.suffix}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
