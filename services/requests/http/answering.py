"""An agent of the town answers a request."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from services.requests.http.parts import REQUESTS, TOWNS
from services.requests.http.readers import READERS, say_whom, towns_of
from services.requests.http.shapes import RequestAnswer, request_answer
from services.requests.usecases.answer_request import answer_request
from shared.auth import Caller
from shared.contracts.requests import Decision
from shared.web import CLOCK, Body, Route, agent


class DecisionBody(Body):
    """`message` is sent to the family as it is, as plain text."""

    decision: Decision
    message: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


async def decide_request(request: web.Request, body: DecisionBody, caller: Caller) -> RequestAnswer:
    """Accept or refuse a filed request, once."""
    answered = await answer_request(
        request.match_info["request_id"],
        body.decision,
        body.message,
        account_id=caller.account_id,
        municipality_ids=towns_of(caller),
        requests=request.app[REQUESTS],
        towns=request.app[TOWNS],
        clock=request.app[CLOCK],
    )
    say_whom(request, answered)
    return await request_answer(answered, request)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/requests/{request_id}/answer",
        handler=decide_request,
        who=agent(*READERS),
        body=DecisionBody,
        answer=RequestAnswer,
        audit="request_answered",
        status=201,
    ),
]
