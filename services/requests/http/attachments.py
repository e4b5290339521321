"""Documents of a request: put into a slot by the family, taken out by the family and the town's agents; and the files
that go with messages, sent by whoever writes."""

from aiohttp import web

from services.requests.domain.files import Home, Kind
from services.requests.domain.requests import Request
from services.requests.http.file_shapes import (
    AddedFileAnswer,
    AttachmentAnswer,
    added_answer,
    attachment_answer,
    sent_out,
)
from services.requests.http.parts import FILES, INTAKE, QUOTAS, REQUESTS, SCANS_DUE, TOWNS
from services.requests.http.readers import READERS, household_of, readable
from services.requests.usecases.add_file import add_file
from services.requests.usecases.attach_file import Desk, attach_file
from services.requests.usecases.receive_file import Upload
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import GUARDIAN, Route, guardian_or_agent, stream_limited

SLOT_PATH = "/api/v1/requests/{request_id}/attachments/{slot}"
FILES_PATH = "/api/v1/requests/{request_id}/files"


async def put_attachment(request: web.Request, caller: Caller) -> AttachmentAnswer:
    """Put a document into a slot of a draft, or one the town asks for anew, in place of what was there."""
    parts, path = request.app, request.match_info
    desk = Desk(requests=parts[REQUESTS], quotas=parts[QUOTAS], towns=parts[TOWNS], intake=parts[INTAKE])
    household_id = await household_of(request, caller)
    slot, file = await attach_file(
        path["request_id"],
        path["slot"],
        _upload(request),
        household_id=household_id,
        account_id=caller.account_id,
        desk=desk,
    )
    parts[SCANS_DUE].set()
    kept = (await parts[REQUESTS].of_household(path["request_id"], household_id)).attachments.get(slot.id)
    if kept is None:
        # Gone again while this was answered: dropped with its draft, or found infected.
        raise NotFound()
    return attachment_answer(slot, kept, file)


async def get_attachment(request: web.Request, caller: Caller) -> web.StreamResponse:
    """The document in a slot, to be saved: nothing in it may run in the page that asks."""
    found = await readable(request, caller)
    slot = request.match_info["slot"]
    attachment = found.attachments.get(slot)
    if attachment is None:
        raise NotFound()
    chunks = await request.app[FILES].open(attachment.file_id, _home(found))
    return await sent_out(request, chunks, slot, attachment.kind, attachment.bytes)


async def post_file(request: web.Request, caller: Caller) -> AddedFileAnswer:
    """Send a file to go with a message about a filed request; the message names it (`attachments`) within a day."""
    parts = request.app
    file = await add_file(
        await readable(request, caller),
        _upload(request),
        account_id=caller.account_id,
        intake=parts[INTAKE],
        room=parts[FILES].records,
    )
    parts[SCANS_DUE].set()
    return added_answer(file)


async def get_file(request: web.Request, caller: Caller) -> web.StreamResponse:
    """A file that went with a message, to be saved; one that no message names yet, by whoever sent it."""
    found = await readable(request, caller)
    files, home = request.app[FILES], _home(found)
    file = await files.records.one(request.match_info["file_id"], home)
    if file.slot or not (file.is_taken or file.account_id == caller.account_id):
        raise NotFound()
    return await sent_out(request, await files.open(file.id, home), file.id, file.kind, file.bytes)


def _upload(request: web.Request) -> Upload:
    most = request.app[INTAKE].most_bytes
    return Upload(declared=request.content_type, chunks=stream_limited(request, most), size=request.content_length)


def _home(found: Request) -> Home:
    return Home(household_id=found.household_id, municipality_id=found.municipality_id, request_id=found.id)


MEDIA = ", ".join(Kind)
ROUTES = [
    Route(method="PUT", path=SLOT_PATH, handler=put_attachment, who=GUARDIAN, takes=MEDIA, answer=AttachmentAnswer),
    Route(
        method="GET",
        path=SLOT_PATH,
        handler=get_attachment,
        who=guardian_or_agent(*READERS),
        gives=MEDIA,
        audit="attachment_read",
    ),
    Route(
        method="POST",
        path=FILES_PATH,
        handler=post_file,
        who=guardian_or_agent(*READERS),
        takes=MEDIA,
        answer=AddedFileAnswer,
        status=201,
        audit="request_file_added",
    ),
    Route(
        method="GET",
        path=f"{FILES_PATH}/{{file_id}}",
        handler=get_file,
        who=guardian_or_agent(*READERS),
        gives=MEDIA,
        audit="request_file_read",
    ),
]
