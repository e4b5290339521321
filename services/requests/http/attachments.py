"""Documents of a request: put into a slot by the family, taken out by the family and the town's agents."""

from aiohttp import web

from services.requests.domain.files import FILE_BYTES, Home, Kind
from services.requests.http.parts import FILES, INSPECTIONS, QUOTAS, REQUESTS, TOWNS
from services.requests.http.readers import READERS, readable
from services.requests.http.shapes import AttachmentAnswer, attachment_answer
from services.requests.usecases.attach_file import Desk, Upload, attach_file
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import CLOCK, GUARDIAN, Route, guardian_or_agent, stream_limited

PATH = "/api/v1/requests/{request_id}/attachments/{slot}"


async def put_attachment(request: web.Request, caller: Caller) -> AttachmentAnswer:
    """Put a document into a slot of a draft, in place of what was there."""
    parts, household_id = request.app, caller.household()
    desk = Desk(
        requests=parts[REQUESTS],
        files=parts[FILES],
        quotas=parts[QUOTAS],
        inspections=parts[INSPECTIONS],
        towns=parts[TOWNS],
        clock=parts[CLOCK],
    )
    upload = Upload(
        declared=request.content_type, chunks=stream_limited(request, FILE_BYTES), size=request.content_length
    )
    path = request.match_info
    slot, kept = await attach_file(path["request_id"], path["slot"], upload, household_id=household_id, desk=desk)
    return attachment_answer(slot, kept)


async def get_attachment(request: web.Request, caller: Caller) -> web.StreamResponse:
    """The document in a slot, to be saved: nothing in it may run in the page that asks."""
    found = await readable(request, caller)
    slot = request.match_info["slot"]
    attachment = found.attachments.get(slot)
    if attachment is None:
        raise NotFound()
    home = Home(household_id=found.household_id, municipality_id=found.municipality_id, request_id=found.id)
    chunks = await request.app[FILES].open(attachment.file_id, home)
    response = web.StreamResponse(headers=_headers(slot, attachment.kind))
    response.content_length = attachment.bytes
    await response.prepare(request)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


def _headers(slot: str, kind: Kind) -> dict[str, str]:
    return {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="{slot}.{kind.suffix}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }


ROUTES = [
    Route(
        method="PUT",
        path=PATH,
        handler=put_attachment,
        who=GUARDIAN,
        takes=", ".join(Kind),
        answer=AttachmentAnswer,
    ),
    Route(
        method="GET",
        path=PATH,
        handler=get_attachment,
        who=guardian_or_agent(*READERS),
        gives="application/pdf, image/jpeg, image/png",
        audit="attachment_read",
    ),
]
