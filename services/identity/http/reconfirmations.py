"""The yearly confirmation of files: asked by a town, answered by its families."""

from datetime import date, datetime
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import Field, StringConstraints

from services.identity.http.parts import PARTS
from services.identity.usecases.reconfirm import ask_for_confirmation, confirm_file
from shared import audit
from shared.auth import Caller, Role
from shared.local_dates import LocalDate
from shared.web import GUARDIAN, Answer, Body, Route, agent

log = structlog.get_logger()
REGISTRARS = (Role.MANAGER, Role.REGISTRAR)
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Campaign(Body):
    """`until`: the last day on which families are asked to answer."""

    municipality_id: Id
    until: LocalDate


class OfTown(Body):
    municipality_id: Id


class MissingAsked(OfTown):
    """`cursor`: the `next_cursor` of the page before."""

    cursor: Annotated[str, StringConstraints(max_length=60)] = ""
    limit: int = Field(50, ge=1, le=200)


class CampaignAnswer(Answer):
    """`asked`: households asked by this very call."""

    municipality_id: str
    until: date
    asked: int


class MissingAnswer(Answer):
    household_id: str
    household_name: str
    family_reference: str
    until: date
    asked_at: datetime


class MissingHouseholds(Answer):
    """`asked` and `confirmed` count the town's households; `items` are those who have not answered."""

    asked: int
    confirmed: int
    items: list[MissingAnswer]
    next_cursor: str | None


class ConfirmedAnswer(Answer):
    municipality_id: str
    confirmed_at: datetime


async def ask_households(request: web.Request, caller: Caller, body: Campaign) -> CampaignAnswer:
    """Ask every household of the town to read its file again; repeated, only those who joined since are asked."""
    parts = request.app[PARTS]
    municipality_id = caller.agent_of(body.municipality_id, Role.MANAGER)
    asked = await ask_for_confirmation(
        municipality_id,
        body.until,
        towns=parts.towns,
        confirmations=parts.homes.confirmations,
        clock=parts.clock,
    )
    log.info("reconfirmation_asked", municipality_id=municipality_id, asked=asked)
    return CampaignAnswer(municipality_id=municipality_id, until=body.until, asked=asked)


async def list_missing(request: web.Request, caller: Caller, query: MissingAsked) -> MissingHouseholds:
    """Households that have not confirmed their file yet."""
    parts = request.app[PARTS]
    town = caller.agent_of(query.municipality_id, *REGISTRARS)
    found = await parts.homes.confirmations.missing(town, query.cursor, query.limit + 1)
    shown = found[: query.limit]
    asked, confirmed = await parts.homes.confirmations.counts(town)
    households = await parts.households.joined_to(town, [one.household_id for one in shown])
    audit.about(request, town, households=households)
    items = [
        MissingAnswer(
            household_id=one.household_id,
            household_name=household.name,
            family_reference=adhesion.family_reference,
            until=one.until,
            asked_at=one.asked_at,
        )
        for one in shown
        # Those that left the town meanwhile need confirm nothing.
        if (household := households.get(one.household_id)) and (adhesion := household.adhesion(town))
    ]
    more = len(found) > query.limit
    return MissingHouseholds(
        asked=asked, confirmed=confirmed, items=items, next_cursor=shown[-1].household_id if more else None
    )


async def confirm_own_file(request: web.Request, caller: Caller, body: OfTown) -> ConfirmedAnswer:
    """Say that the household's file is right."""
    parts = request.app[PARTS]
    household_id = caller.household()
    done = await confirm_file(
        household_id,
        body.municipality_id,
        municipality_ids=await parts.households.towns_of(household_id),
        confirmations=parts.homes.confirmations,
        clock=parts.clock,
    )
    log.info("household_reconfirmed", household_id=household_id)
    return ConfirmedAnswer(municipality_id=done.municipality_id, confirmed_at=done.confirmed_at or parts.clock())


PATH = "/api/v1/reconfirmations"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=ask_households,
        who=agent(Role.MANAGER),
        body=Campaign,
        answer=CampaignAnswer,
        status=201,
        audit="reconfirmation_asked",
    ),
    Route(
        method="GET",
        path=PATH,
        handler=list_missing,
        who=agent(*REGISTRARS),
        query=MissingAsked,
        answer=MissingHouseholds,
        audit="reconfirmations_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/household/reconfirmations",
        handler=confirm_own_file,
        who=GUARDIAN,
        body=OfTown,
        answer=ConfirmedAnswer,
    ),
]
