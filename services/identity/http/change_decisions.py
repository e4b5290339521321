"""Changes families ask for, as the town's agents read and answer them."""

from typing import Annotated, Literal

import structlog
from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from services.identity.domain.changes import ChangeRequest
from services.identity.http.household_changes import ChangeAnswer, shown_change
from services.identity.http.parts import PARTS
from services.identity.usecases.decide_change import Decision
from shared import audit
from shared.auth import Caller, Role
from shared.errors import N_, BadInput
from shared.text import tidy
from shared.web import Answer, Body, Route, agent

log = structlog.get_logger()
REGISTRARS = (Role.MANAGER, Role.REGISTRAR)
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
REASON_NEEDED = N_("Say why, so that the family knows what to do.")


class ChangesAsked(Body):
    """`cursor`: the `next_cursor` of the page before."""

    municipality_id: Id
    state: Literal["requested", "accepted", "refused", "withdrawn"] | None = None
    cursor: Annotated[str, StringConstraints(max_length=60)] = ""
    limit: int = Field(50, ge=1, le=200)


class DecisionBody(Body):
    """`reference`: for a new child that is accepted, under which the town will know it."""

    accepted: bool
    reason: Annotated[str, StringConstraints(max_length=1_000), AfterValidator(tidy)] = ""
    reference: Annotated[str, StringConstraints(max_length=100), AfterValidator(tidy)] = ""


class TownChangeAnswer(ChangeAnswer):
    household_id: str
    household_name: str


class TownChangesAnswer(Answer):
    items: list[TownChangeAnswer]
    next_cursor: str | None


async def list_town_changes(request: web.Request, caller: Caller, query: ChangesAsked) -> TownChangesAnswer:
    """What families of the town ask for, newest first."""
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    homes = request.app[PARTS].homes
    found = await homes.changes.page(municipality_id, query.state or "", query.cursor, query.limit + 1)
    shown = found[: query.limit]
    more = len(found) > query.limit
    return TownChangesAnswer(
        items=await _shown(request, municipality_id, shown), next_cursor=shown[-1].id if more else None
    )


async def decide_change(request: web.Request, caller: Caller, body: DecisionBody) -> TownChangeAnswer:
    """Accept a change, which is done at once, or refuse it saying why."""
    if not body.accepted and not body.reason:
        raise BadInput([{"in": "body", "field": "reason", "message": REASON_NEEDED, "facts": {}}])
    towns = frozenset(town for town, names in caller.roles.items() if names & set(REGISTRARS))
    desk = request.app[PARTS].homes.change_desk
    decided = await desk.decide(
        request.match_info["change_id"],
        Decision(**body.model_dump()),
        by=caller.account_id,
        municipality_ids=towns,
    )
    log.info("change_decided", change_id=decided.id, state=decided.state)
    (shown,) = await _shown(request, decided.municipality_id, [decided])
    return shown


async def _shown(request: web.Request, municipality_id: str, found: list[ChangeRequest]) -> list[TownChangeAnswer]:
    ids = sorted({one.household_id for one in found})
    households = await request.app[PARTS].households.joined_to(municipality_id, ids)
    children = [one.about for one in found if one.kind != "guardian_name"]
    audit.about(request, municipality_id, households=ids, children=children, others=[one.id for one in found])
    return [
        TownChangeAnswer(
            **shown_change(one),
            household_id=one.household_id,
            # A household that left the town meanwhile has no name here any more.
            household_name=households[one.household_id].name if one.household_id in households else "",
        )
        for one in found
    ]


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/household-changes",
        handler=list_town_changes,
        who=agent(*REGISTRARS),
        query=ChangesAsked,
        answer=TownChangesAnswer,
        audit="household_changes_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/household-changes/{change_id}/decision",
        handler=decide_change,
        who=agent(*REGISTRARS),
        body=DecisionBody,
        answer=TownChangeAnswer,
        audit="household_change_decided",
    ),
]
