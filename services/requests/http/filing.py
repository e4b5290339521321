"""A family begins, corrects, submits or drops a request."""

from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web
from pydantic import Field

from services.requests.http.categories import visitor_of
from services.requests.http.parts import (
    CATALOGUES_OF_TOWNS,
    COUNTER,
    FILES,
    HOUSEHOLDS,
    QUOTAS,
    RECEPTION,
    REQUESTS,
    TOWNS,
)
from services.requests.http.readers import household_of
from services.requests.http.shapes import RequestAnswer, request_answer
from services.requests.usecases.change_answers import change_answers
from services.requests.usecases.drop_draft import drop_draft
from services.requests.usecases.file_request import file_request
from services.requests.usecases.open_draft import open_draft
from services.requests.usecases.verify_documents import with_held
from shared.auth import Caller
from shared.web import CLOCK, GUARDIAN, Answer, Body, Key, Route


class DraftBody(Body):
    """`prefill`: begin with what the town knows of the household, where the form asks for it."""

    category_id: str = Field(max_length=200)
    child_id: str | None = Field(default=None, max_length=100)
    answers: dict[str, Any] = Field(default_factory=dict)
    prefill: bool = False


class AnswersBody(Body):
    answers: dict[str, Any]


class FiledAnswer(Answer):
    request_id: str
    state: str
    filed_at: datetime


async def open_request(request: web.Request, body: DraftBody, caller: Caller) -> RequestAnswer:
    """Begin a request; its answers may still be incomplete."""
    draft = await open_draft(
        body.category_id,
        body.child_id,
        body.answers,
        account_id=caller.account_id,
        household_id=caller.household(),
        municipality_ids=caller.municipality_ids,
        catalogues=request.app[CATALOGUES_OF_TOWNS],
        households=request.app[HOUSEHOLDS],
        reception=request.app[RECEPTION],
        requests=request.app[REQUESTS],
        clock=request.app[CLOCK],
        guardian_id=visitor_of(caller).guardian_id,
        prefill=body.prefill,
    )
    return await request_answer(draft, request)


async def put_answers(request: web.Request, body: AnswersBody, caller: Caller) -> RequestAnswer:
    """Replace the answers of a draft."""
    changed = await change_answers(
        request.match_info["request_id"],
        body.answers,
        household_id=await household_of(request, caller),
        requests=request.app[REQUESTS],
        towns=request.app[TOWNS],
        clock=request.app[CLOCK],
    )
    return await request_answer(changed, request)


async def submit_request(request: web.Request, caller: Caller, key: Key) -> FiledAnswer:
    """File a draft that has all it needs; it cannot be changed afterwards."""
    filed = await file_request(
        request.match_info["request_id"],
        key=key.value,
        fingerprint=key.fingerprint,
        account_id=caller.account_id,
        household_id=caller.household(),
        requests=request.app[REQUESTS],
        quotas=request.app[QUOTAS],
        towns=request.app[TOWNS],
        clock=request.app[CLOCK],
        held=partial(with_held, counter=request.app[COUNTER]),
    )
    # As it was when it was filed, though it may have been answered since: the same key gets the same answer.
    return FiledAnswer.model_validate({"request_id": filed.id, "state": "filed", "filed_at": filed.filed_at})


async def delete_draft(request: web.Request, caller: Caller) -> None:
    """Give a draft up, with its documents."""
    await drop_draft(
        request.match_info["request_id"],
        household_id=caller.household(),
        requests=request.app[REQUESTS],
        files=request.app[FILES],
        quotas=request.app[QUOTAS],
        towns=request.app[TOWNS],
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/requests",
        handler=open_request,
        who=GUARDIAN,
        body=DraftBody,
        answer=RequestAnswer,
        status=201,
    ),
    Route(
        method="PUT",
        path="/api/v1/requests/{request_id}/answers",
        handler=put_answers,
        who=GUARDIAN,
        body=AnswersBody,
        answer=RequestAnswer,
    ),
    Route(
        method="POST",
        path="/api/v1/requests/{request_id}/submission",
        handler=submit_request,
        who=GUARDIAN,
        keyed=True,
        answer=FiledAnswer,
        status=201,
    ),
    Route(method="DELETE", path="/api/v1/requests/{request_id}", handler=delete_draft, who=GUARDIAN),
]
