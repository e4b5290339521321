"""An agent of the town answers a request."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.requests.http.parts import REQUESTS, TOWNS
from services.requests.http.readers import READERS, say_whom, towns_of
from services.requests.http.shapes import RequestAnswer, shown
from services.requests.usecases.answer_request import answer_request
from shared.auth import Caller
from shared.contracts.requests import Decision
from shared.web import CLOCK, Body, Route, agent

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._/-]{1,100}$")]


class EffectBody(Body):
    """What the agent says of the effect, in place of the family's answers: days, and codes by name."""

    starts: date | None = None
    ends: date | None = None
    facts: Annotated[dict[Code, Code], Field(max_length=10)] = Field(default_factory=dict)

    def given(self) -> dict[str, str]:
        days = {"starts": self.starts, "ends": self.ends}
        return {**self.facts, **{name: day.isoformat() for name, day in days.items() if day}}


class DecisionBody(Body):
    """`message` is sent to the family as it is, as plain text. `effect`: for categories that have one."""

    decision: Decision
    message: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    effect: EffectBody = Field(default_factory=EffectBody)


async def decide_request(request: web.Request, body: DecisionBody, caller: Caller) -> web.Response:
    """Accept or refuse a filed request, once until it is reopened; If-Match may say which version was read."""
    answered = await answer_request(
        request.match_info["request_id"],
        body.decision,
        body.message,
        account_id=caller.account_id,
        municipality_ids=towns_of(caller),
        requests=request.app[REQUESTS],
        towns=request.app[TOWNS],
        clock=request.app[CLOCK],
        given=body.effect.given(),
        if_match=request.headers.get("If-Match", ""),
    )
    say_whom(request, answered)
    return await shown(answered, request, "agents", 201)


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
