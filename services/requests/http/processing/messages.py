"""Families and agents write each other about a request."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.requests.domain.processing.reading import Side, unread
from services.requests.domain.processing.writing import LONGEST_TEXT, MOST_ATTACHMENTS
from services.requests.domain.records import Sending
from services.requests.domain.requests import Request
from services.requests.http.parts import FILE_RECORDS, REQUESTS
from services.requests.http.processing.acts import desk_of, either_act
from services.requests.http.readers import READERS, read_as, say_whom
from services.requests.http.work_shapes import MessageAnswer, message_answer
from services.requests.usecases.processing.desk import AgentAct
from services.requests.usecases.processing.mark_read import mark_read
from services.requests.usecases.processing.write_message import Draft, write_message
from shared.auth import Caller
from shared.web import Answer, Body, Int, Key, Route, guardian_or_agent

FileId = Annotated[str, Field(max_length=100)]


class MessageBody(Body):
    """Plain text; `attachments`: files uploaded for this request (`POST …/files`) and used nowhere yet."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
    attachments: list[FileId] = Field(default_factory=list, max_length=MOST_ATTACHMENTS)


class MessagesAnswer(Answer):
    """Oldest first; `version` is what a read mark names."""

    items: list[MessageAnswer]
    unread: int
    version: int


class ReadBody(Body):
    """`version` of the request as it was shown."""

    version: Int = Field(ge=0, le=10**9)


class ReadAnswer(Answer):
    """What is still unread, because it came since."""

    unread: int


async def list_request_messages(request: web.Request, caller: Caller) -> MessagesAnswer:
    """What the family and the town wrote each other; reading it marks nothing as read."""
    found, side = await read_as(request, caller)
    seen = found.read_by_family if side == "family" else found.read_by_agents
    files = await request.app[FILE_RECORDS].of_request(found.id, found.household_id)
    items = [message_answer(message, seen, side, files) for message in found.messages]
    return MessagesAnswer(items=items, unread=sum(item.unread for item in items), version=found.version)


async def write_request_message(request: web.Request, body: MessageBody, caller: Caller, key: Key) -> MessageAnswer:
    """Write to the other side, with up to three documents"""
    act = await either_act(request, caller)
    draft = Draft(
        text=body.text,
        sent=Sending(key=key.value, fingerprint=key.fingerprint),
        file_ids=tuple(dict.fromkeys(body.attachments)),
    )
    after, message = await write_message(act, draft, files=request.app[FILE_RECORDS], desk=desk_of(request))
    side = _note(request, act, after)
    files = await request.app[FILE_RECORDS].of_request(after.id, after.household_id)
    return message_answer(message, after.version, side, files)


async def mark_request_read(request: web.Request, body: ReadBody, caller: Caller) -> ReadAnswer:
    """Say up to which version one has seen a request: for the whole household, or for all agents of the town"""
    act = await either_act(request, caller)
    after = await mark_read(act, body.version, requests=request.app[REQUESTS])
    return ReadAnswer(unread=unread(after, _note(request, act, after)))


def _note(request: web.Request, act: object, after: Request) -> Side:
    if isinstance(act, AgentAct):
        say_whom(request, after)
        return "agents"
    return "family"


PATH = "/api/v1/requests/{request_id}"
ROUTES = [
    Route(
        method="GET",
        path=f"{PATH}/messages",
        handler=list_request_messages,
        who=guardian_or_agent(*READERS),
        answer=MessagesAnswer,
        audit="request_messages_read",
    ),
    Route(
        method="POST",
        path=f"{PATH}/messages",
        handler=write_request_message,
        who=guardian_or_agent(*READERS),
        body=MessageBody,
        answer=MessageAnswer,
        audit="request_message_written",
        keyed=True,
        status=201,
    ),
    Route(
        method="PUT",
        path=f"{PATH}/read-mark",
        handler=mark_request_read,
        who=guardian_or_agent(*READERS),
        body=ReadBody,
        answer=ReadAnswer,
    ),
]
