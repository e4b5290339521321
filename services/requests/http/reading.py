"""Requests as a household follows them and as a town's agents process them."""

from aiohttp import web
from pydantic import Field

from services.requests.domain.requests import State
from services.requests.http.categories import Town
from services.requests.http.parts import FORMER, HOUSEHOLDS, LISTS
from services.requests.http.readers import READERS, readable, towns_of
from services.requests.http.shapes import RequestAnswer, SummaryAnswer, request_answer, summary_answer
from services.requests.store import Listed, Page
from shared import audit
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
    if query.municipality_id is None and caller.is_guardian:
        own, *formers = (await request.app[FORMER].with_formers(caller.household())).household_ids
        return await lists.of_household(own, query.state, page, formers=formers)
    named = query.municipality_id is not None
    towns = [caller.agent_of(query.municipality_id or "", *READERS)] if named else towns_of(caller)
    listed = await lists.of_towns(towns, query.state, page)
    _say_whom(request, towns, listed)
    return listed


def _say_whom(request: web.Request, towns: list[str], listed: Listed) -> None:
    """For the audit trail, each town by itself."""
    for town in towns:
        found = [document for document in listed.documents if document["municipality_id"] == town]
        audit.about(
            request,
            town,
            households={document["household_id"] for document in found},
            children=[document["child_id"] or "" for document in found],
            others=[document["_id"] for document in found],
        )


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
        audit="requests_listed",
    ),
    Route(
        method="GET",
        path="/api/v1/requests/{request_id}",
        handler=get_request,
        who=guardian_or_agent(*READERS),
        answer=RequestAnswer,
        audit="request_read",
    ),
]
