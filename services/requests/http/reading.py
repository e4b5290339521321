"""Requests as a household follows them and as a town's agents process them."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, Any

from aiohttp import web
from pydantic import BeforeValidator, Field

from services.requests.domain.processing.reading import Side
from services.requests.domain.records import STATES, State
from services.requests.http.category_bodies import Town
from services.requests.http.parts import FORMER, HOUSEHOLDS, LISTS, TOWNS
from services.requests.http.readers import READERS, read_as, towns_of
from services.requests.http.shapes import RequestAnswer, SummaryAnswer, shown, summary_answer
from services.requests.http.work_shapes import View
from services.requests.store import Filters, Listed, Page, Sort
from shared import audit
from shared.auth import Caller
from shared.web import CLOCK, Answer, Body, Route, guardian_or_agent


def _one_or_several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class FilterQuery(Body):
    """`state` may be given again and again; `assigned_to`: `me`, `nobody` or an agent's account; `overdue`: past the
    date that was promised; `unread`: the other side wrote or did something since."""

    state: Annotated[tuple[State, ...], BeforeValidator(_one_or_several), Field(max_length=len(STATES))] = ()
    category_id: str = Field(default="", max_length=200)
    thematic: str = Field(default="", max_length=80)
    assigned_to: str = Field(default="", max_length=100)
    overdue: bool = False
    unread: bool = False


class ListQuery(FilterQuery):
    """`municipality_id`: one town of the agent; also how a guardian who is an agent asks for the agents' list. For
    agents `sort`: `filed` (last first), `due` (what was promised first; only what has a date) or `touched` (last
    first)."""

    municipality_id: Town | None = None
    sort: Sort = "filed"
    cursor: str = Field(default="", max_length=100)
    limit: int = Field(default=50, ge=1, le=100)


class RequestsAnswer(Answer):
    items: list[SummaryAnswer]
    next_cursor: str | None


async def list_requests(request: web.Request, query: ListQuery, caller: Caller) -> RequestsAnswer:
    """The household's requests, newest first; or those of the agent's towns, last filed first, without drafts."""
    side: Side = "family" if query.municipality_id is None and caller.is_guardian else "agents"
    listed = await (_of_household if side == "family" else _of_towns)(request, query, caller)
    households = {document["household_id"] for document in listed.documents}
    names = await request.app[HOUSEHOLDS].children_in(households)
    days = await days_in(request, {document["municipality_id"] for document in listed.documents})
    items = [
        summary_answer(
            found,
            names.get(found["household_id"], {}),
            View(side=side, today=days[found["municipality_id"]]),
        )
        for found in listed.documents
    ]
    return RequestsAnswer(items=items, next_cursor=listed.next_cursor)


async def _of_household(request: web.Request, query: ListQuery, caller: Caller) -> Listed:
    """What agents sort and share out is nothing a family narrows its list to."""
    own, *formers = (await request.app[FORMER].with_formers(caller.household())).household_ids
    filters = Filters(
        states=query.state,
        category_id=query.category_id,
        thematic=query.thematic,
        unread_by="family" if query.unread else "",
    )
    page = Page(cursor=query.cursor, limit=query.limit)
    return await request.app[LISTS].of_household(own, filters, page, formers=formers)


async def _of_towns(request: web.Request, query: ListQuery, caller: Caller) -> Listed:
    named = query.municipality_id is not None
    towns = [caller.agent_of(query.municipality_id or "", *READERS)] if named else towns_of(caller)
    filters = filters_of(query, caller, await days_in(request, towns))
    page = Page(cursor=query.cursor, limit=query.limit)
    listed = await request.app[LISTS].of_towns(towns, filters, page, sort=query.sort)
    _say_whom(request, towns, listed)
    return listed


def filters_of(query: FilterQuery, caller: Caller, days: Mapping[str, date]) -> Filters:
    """For agents; `days`: what day it is in each of their towns."""
    return Filters(
        states=query.state,
        category_id=query.category_id,
        thematic=query.thematic,
        assigned_to=caller.account_id if query.assigned_to == "me" else query.assigned_to,
        late_on=days if query.overdue else None,
        unread_by="agents" if query.unread else "",
    )


async def days_in(request: web.Request, towns: Collection[str]) -> dict[str, date]:
    """What day it is there."""
    now = request.app[CLOCK]()
    return {town: (await request.app[TOWNS].office(town)).today(now) for town in towns}


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


async def get_request(request: web.Request, caller: Caller) -> web.Response:
    """One request with its answers, documents and history; the ETag is what a change may send back in If-Match."""
    found, side = await read_as(request, caller)
    return await shown(found, request, side)


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
