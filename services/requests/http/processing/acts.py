"""Who is about to do something with the request of the path."""

from contextlib import suppress
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.requests.http.parts import FORMER, REQUESTS, TOWNS
from services.requests.http.readers import towns_of
from services.requests.usecases.processing.desk import AgentAct, Desk, FamilyAct
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import CLOCK, Body

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
WordsOrNone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]

Town = Annotated[str, Field(max_length=100)]


class OfTown(Body):
    municipality_id: Town


def desk_of(request: web.Request) -> Desk:
    return Desk(requests=request.app[REQUESTS], towns=request.app[TOWNS], clock=request.app[CLOCK])


def agent_act(request: web.Request, caller: Caller) -> AgentAct:
    return AgentAct(
        request_id=request.match_info["request_id"],
        account_id=caller.account_id,
        municipality_ids=towns_of(caller),
        if_match=request.headers.get("If-Match", ""),
    )


async def family_act(request: web.Request, caller: Caller) -> FamilyAct:
    households = await request.app[FORMER].with_formers(caller.household())
    return FamilyAct(
        request_id=request.match_info["request_id"],
        account_id=caller.account_id,
        household_ids=households.household_ids,
        if_match=request.headers.get("If-Match", ""),
    )


async def either_act(request: web.Request, caller: Caller) -> AgentAct | FamilyAct:
    """An agent who is a guardian acts as the family where the request is the family's. Raises `NotFound`."""
    if caller.is_guardian:
        act = await family_act(request, caller)
        if not caller.is_agent:
            return act
        with suppress(NotFound):
            await act.request(request.app[REQUESTS])
            return act
    return agent_act(request, caller)
