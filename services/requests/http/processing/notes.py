"""Agents note for each other what no page shows the family."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from services.requests.domain.processing.writing import LONGEST_TEXT
from services.requests.http.processing.acts import agent_act, desk_of
from services.requests.http.readers import READERS, say_whom
from services.requests.http.work_shapes import NoteAnswer, note_answer
from services.requests.usecases.processing.write_message import write_note
from shared.auth import Caller
from shared.web import Body, Route, agent


class NoteBody(Body):
    """Plain text. What is held of a family it may ask to be given: notes are in its export."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]


async def write_request_note(request: web.Request, body: NoteBody, caller: Caller) -> NoteAnswer:
    """Add an internal note; all of them come with the request, for agents only"""
    after = await write_note(agent_act(request, caller), body.text, desk=desk_of(request))
    say_whom(request, after)
    return note_answer(after.notes[-1])


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/requests/{request_id}/notes",
        handler=write_request_note,
        who=agent(*READERS),
        body=NoteBody,
        answer=NoteAnswer,
        audit="request_note_written",
        status=201,
    )
]
