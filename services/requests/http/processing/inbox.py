"""How many requests wait for what: what stands beside the words of a menu."""

from aiohttp import web

from services.requests.http.parts import COUNTS, FORMER, TOWNS
from services.requests.http.processing.acts import Town
from services.requests.http.readers import READERS
from services.requests.store.counts import Counts
from shared.auth import Caller
from shared.web import CLOCK, Answer, Body, Route, guardian_or_agent


class CountsQuery(Body):
    """`municipality_id`: a town of the agent; without it, the household's own."""

    municipality_id: Town | None = None


class CountsAnswer(Answer):
    """`states`: requests by state. For agents: `overdue` past the date promised, `unassigned` and `mine` of those that
    wait for an answer."""

    states: dict[str, int]
    unread: int
    overdue: int = 0
    unassigned: int = 0
    mine: int = 0


async def count_requests(request: web.Request, query: CountsQuery, caller: Caller) -> CountsAnswer:
    """How many of the household's requests, or of those of a town, are in which state, and unread"""
    counts = request.app[COUNTS]
    if query.municipality_id is None:
        households = await request.app[FORMER].with_formers(caller.household())
        return _answer(await counts.of_household(households.household_ids))
    town = caller.agent_of(query.municipality_id, *READERS)
    today = (await request.app[TOWNS].office(town)).today(request.app[CLOCK]())
    return _answer(await counts.of_town(town, caller.account_id, today))


def _answer(counts: Counts) -> CountsAnswer:
    return CountsAnswer.model_validate(counts, from_attributes=True)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/request-counts",
        handler=count_requests,
        who=guardian_or_agent(*READERS),
        query=CountsQuery,
        answer=CountsAnswer,
    )
]
