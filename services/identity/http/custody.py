"""Custody weeks: read by guardians as days, kept by agents."""

from datetime import date
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints

from services.identity.domain.custody import MOST_EXCEPTIONS, Custody
from services.identity.http.parts import PARTS
from services.identity.usecases.set_custody import custody_of_own_child, end_custody, set_custody
from shared import audit
from shared.auth import Caller, Role
from shared.contracts.households import CustodyException, CustodyPlan
from shared.local_dates import LocalDate
from shared.web import GUARDIAN, Answer, Body, Int, Route, agent

log = structlog.get_logger()
REGISTRARS = (Role.MANAGER, Role.REGISTRAR)
READERS = (*REGISTRARS, Role.ATTENDANCE)
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class DaysAsked(Body):
    """Both days are included, at most 400 of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate


class OfChild(Body):
    municipality_id: Id
    child_id: Id


class OfTown(Body):
    municipality_id: Id


class ExceptionBody(Body):
    """Both days are included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate
    household_id: Id


class CustodyBody(Body):
    """A custody week begins on `changeover` (ISO weekday) and has the number of the ISO week it begins in; weeks 53
    and 1 are both odd. `exceptions`: days that are otherwise; of several for a day the one that begins last counts.
    """

    municipality_id: Id
    child_id: Id
    even_weeks: Id
    odd_weeks: Id
    changeover: Annotated[Int, Field(ge=1, le=7)] = 1
    exceptions: Annotated[tuple[ExceptionBody, ...], Field(max_length=MOST_EXCEPTIONS)] = ()

    def plan(self) -> CustodyPlan:
        exceptions = tuple(
            CustodyException(starts=one.start, ends=one.until, household_id=one.household_id) for one in self.exceptions
        )
        return CustodyPlan(
            even_weeks=self.even_weeks, odd_weeks=self.odd_weeks, changeover=self.changeover, exceptions=exceptions
        )


class SpanAnswer(Answer):
    """Days that follow each other and are one household's; `ours`: the caller's."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    start: Annotated[date, Field(serialization_alias="from")]
    until: date
    ours: bool


class TownWeeksAnswer(Answer):
    """The weeks one town keeps; without any, every day is open to both households."""

    municipality_id: str
    changeover: int
    days: list[SpanAnswer]


class ShownException(Answer):
    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    start: Annotated[date, Field(serialization_alias="from")]
    until: date
    household_id: str


class CustodyAnswer(Answer):
    """`even_weeks` and `odd_weeks` are null when the town keeps no weeks; `household_ids`: all of the child."""

    municipality_id: str
    child_id: str
    household_ids: list[str]
    even_weeks: str | None
    odd_weeks: str | None
    changeover: int | None
    exceptions: list[ShownException]


async def show_own_weeks(request: web.Request, caller: Caller, query: DaysAsked) -> list[TownWeeksAnswer]:
    """Whose days are whose, for each town that keeps custody weeks of the child."""
    parts = request.app[PARTS]
    household_id, child_id = caller.household(), request.match_info["child_id"]
    found = await custody_of_own_child(
        household_id,
        child_id,
        query.start,
        query.until,
        households=parts.households,
        custodies=parts.homes.custodies,
    )
    return [_weeks(one.municipality_id, one.plan, query, household_id) for one in found if one.plan]


def _weeks(municipality_id: str, plan: CustodyPlan, query: DaysAsked, household_id: str) -> TownWeeksAnswer:
    spans = plan.spans(query.start, query.until)
    days = [SpanAnswer(start=start, until=until, ours=whose == household_id) for start, until, whose in spans]
    return TownWeeksAnswer(municipality_id=municipality_id, changeover=plan.changeover, days=days)


async def show_weeks(request: web.Request, caller: Caller, query: OfChild) -> CustodyAnswer:
    """What the town keeps of a child, with the households it lives in."""
    caller.programmes_in(query.municipality_id, *READERS)
    custody = await request.app[PARTS].homes.custodies.of(query.municipality_id, query.child_id)
    return await _shown(request, custody)


async def keep_weeks(request: web.Request, caller: Caller, body: CustodyBody) -> CustodyAnswer:
    """Say whose weeks a child's are; bookings follow from then on."""
    parts = request.app[PARTS]
    municipality_id = caller.agent_of(body.municipality_id, *REGISTRARS)
    custody = await set_custody(
        municipality_id, body.child_id, body.plan(), custodies=parts.homes.custodies, clock=parts.clock
    )
    log.info("custody_set", municipality_id=municipality_id, child_id=body.child_id)
    return await _shown(request, custody)


async def drop_weeks(request: web.Request, caller: Caller, query: OfTown) -> None:
    """Take the weeks away; every day is open to both households again."""
    parts = request.app[PARTS]
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    child_id = request.match_info["child_id"]
    await end_custody(municipality_id, child_id, custodies=parts.homes.custodies, clock=parts.clock)
    homes = await parts.homes.custodies.households_of(municipality_id, child_id)
    audit.about(request, municipality_id, households=homes, children=[child_id])
    log.info("custody_ended", municipality_id=municipality_id, child_id=child_id)


async def _shown(request: web.Request, custody: Custody) -> CustodyAnswer:
    homes = await request.app[PARTS].homes.custodies.households_of(custody.municipality_id, custody.child_id)
    audit.about(request, custody.municipality_id, households=homes, children=[custody.child_id] if homes else [])
    plan = custody.plan
    exceptions = plan.exceptions if plan else ()
    return CustodyAnswer(
        municipality_id=custody.municipality_id,
        child_id=custody.child_id,
        household_ids=homes,
        even_weeks=plan.even_weeks if plan else None,
        odd_weeks=plan.odd_weeks if plan else None,
        changeover=plan.changeover if plan else None,
        exceptions=[
            ShownException(start=one.starts, until=one.ends, household_id=one.household_id) for one in exceptions
        ],
    )


PATH = "/api/v1/children-custody"
ROUTES = [
    Route(
        method="GET",
        path="/api/v1/household/children/{child_id}/custody",
        handler=show_own_weeks,
        who=GUARDIAN,
        query=DaysAsked,
        answer=list[TownWeeksAnswer],
    ),
    Route(
        method="GET",
        path=PATH,
        handler=show_weeks,
        who=agent(*READERS),
        query=OfChild,
        answer=CustodyAnswer,
        audit="custody_read",
    ),
    Route(
        method="POST",
        path=PATH,
        handler=keep_weeks,
        who=agent(*REGISTRARS),
        body=CustodyBody,
        answer=CustodyAnswer,
        status=201,
        audit="custody_set",
    ),
    Route(
        method="DELETE",
        path=f"{PATH}/{{child_id}}",
        handler=drop_weeks,
        who=agent(*REGISTRARS),
        query=OfTown,
        audit="custody_ended",
    ),
]
