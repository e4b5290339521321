"""Agents process requests: in hand, at a step, asked for more, reopened."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.requests.domain.requests import Request
from services.requests.http.parts import AGENTS
from services.requests.http.processing.acts import Words, agent_act, desk_of
from services.requests.http.readers import READERS, say_whom
from services.requests.http.shapes import RequestAnswer, shown
from services.requests.usecases.processing.ask_for_more import ask_for_more
from services.requests.usecases.processing.assign_request import assign_request, move_request
from services.requests.usecases.processing.end_request import reopen_request
from shared.auth import Caller
from shared.web import Body, Route, agent

Name = Annotated[str, Field(max_length=60)]


class AssignmentBody(Body):
    """`account_id` null: of nobody. `label`: how colleagues call the agent; families never see it."""

    account_id: str | None = Field(max_length=100)
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""


class InformationBody(Body):
    """What the family is to send: `message` says it in words, `fields` and `slots` name what of the form."""

    message: Words
    fields: list[Name] = Field(default_factory=list, max_length=60)
    slots: list[Name] = Field(default_factory=list, max_length=20)


class StepBody(Body):
    step: str = Field(max_length=60)


class ReasonBody(Body):
    """`reason` is sent to the family as it is, as plain text."""

    reason: Words


async def put_assignment(request: web.Request, body: AssignmentBody, caller: Caller) -> web.Response:
    """Take a request in hand, hand it to a colleague, or put it back; If-Match may say which version was read."""
    act, roles = agent_act(request, caller), [str(role) for role in READERS]
    after = await assign_request(
        act, body.account_id, body.label, roles=roles, agents=request.app[AGENTS], desk=desk_of(request)
    )
    return await _answered(after, request)


async def put_step(request: web.Request, body: StepBody, caller: Caller) -> web.Response:
    """Say at which step of its category's workflow a request is; the family sees it."""
    return await _answered(await move_request(agent_act(request, caller), body.step, desk=desk_of(request)), request)


async def ask_family(request: web.Request, body: InformationBody, caller: Caller) -> web.Response:
    """Ask the family for more; the town's time stands still until it answers."""
    act = agent_act(request, caller)
    after = await ask_for_more(act, body.message, fields=body.fields, slots=body.slots, desk=desk_of(request))
    return await _answered(after, request, 201)


async def reopen(request: web.Request, body: ReasonBody, caller: Caller) -> web.Response:
    """Take an answered or withdrawn request up again, to be decided anew."""
    after = await reopen_request(agent_act(request, caller), body.reason, desk=desk_of(request))
    return await _answered(after, request, 201)


async def _answered(after: Request, request: web.Request, status: int = 200) -> web.Response:
    say_whom(request, after)
    return await shown(after, request, "agents", status)


PATH = "/api/v1/requests/{request_id}"
ROUTES = [
    Route(
        method="PUT",
        path=f"{PATH}/assignment",
        handler=put_assignment,
        who=agent(*READERS),
        body=AssignmentBody,
        answer=RequestAnswer,
        audit="request_assigned",
    ),
    Route(
        method="PUT",
        path=f"{PATH}/step",
        handler=put_step,
        who=agent(*READERS),
        body=StepBody,
        answer=RequestAnswer,
        audit="request_moved",
    ),
    Route(
        method="POST",
        path=f"{PATH}/information-requests",
        handler=ask_family,
        who=agent(*READERS),
        body=InformationBody,
        answer=RequestAnswer,
        audit="request_more_asked",
        status=201,
    ),
    Route(
        method="POST",
        path=f"{PATH}/reopening",
        handler=reopen,
        who=agent(*READERS),
        body=ReasonBody,
        answer=RequestAnswer,
        audit="request_reopened",
        status=201,
    ),
]
