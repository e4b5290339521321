"""Requests as a household follows them and as a town's agents process them."""

from aiohttp import web
from pydantic import Field

from services.requests.domain.requests import State
from services.requests.http.categories import Town
from services.requests.http.parts import HOUSEHOLDS, LISTS
from services.requests.http.readers import READERS, readable, towns_of
from services.requests.http.shapes import RequestAnswer, SummaryAnswer, request_answer, summary_answer
from services.requests.store import Listed, Page
from shared.auth import Caller
from shared.web import Answer, Body, Route, guardian_or_agent


class ListQuery(Body):
    """`municipality_id`: one town of the agent; also how a guardian who is an agent asks for the agents' list."""

    state: State | None = None
    municipality_id: Town | None = None
    cursor: str = Field(default="", max_length=100)
    limit: int = Field(default=50, ge=1, le=100)


class RequestsAnswer(Answer):
    items: list[SummaryAnswer]
    next_cursor: str | None


async def list_requests(request: web.Request, query: ListQuery, caller: Caller) -> RequestsAnswer:
    """The household's requests, newest first; or those of the agent's towns, last filed first, without drafts."""
    listed = await _listed(request, query, caller)
    households = {document["household_id"] for document in listed.documents}
    names = await request.app[HOUSEHOLDS].children_in(households)
    items = [summary_answer(found, names.get(found["household_id"], {})) for found in listed.documents]
    return RequestsAnswer(items=items, next_cursor=listed.next_cursor)


async def _listed(request: web.Request, query: ListQuery, caller: Caller) -> Listed:
    lists, page = request.app[LISTS], Page(cursor=query.cursor, limit=query.limit)
    if query.municipality_id is not None:
        return await lists.of_towns([caller.agent_of(query.municipality_id, *READERS)], query.state, page)
    if caller.is_guardian:
        return await lists.of_household(caller.household(), query.state, page)
    return await lists.of_towns(towns_of(caller), query.state, page)


async def get_request(request: web.Request, caller: Caller) -> RequestAnswer:
    """One request with its answers, documents and history."""
    return await request_answer(await readable(request, caller), request)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/requests",
        handler=list_requests,
        who=guardian_or_agent(*READERS),
        query=ListQuery,
        answer=RequestsAnswer,
    ),
    Route(
        method="GET",
        path="/api/v1/requests/{request_id}",
        handler=get_request,
        who=guardian_or_agent(*READERS),
        answer=RequestAnswer,
    ),
]
