"""The door to a child's usual week in a programme."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field

from services.reservations.domain.usual_week import UsualWeek
from services.reservations.http.parts import CATALOGUE, ROSTER, USUAL_WEEKS
from services.reservations.http.shapes_of_periods import PatternPart, ShownPart, pattern_of, shown_part
from services.reservations.usecases.usual_weeks import (
    Desired,
    forget_usual_week,
    set_usual_week,
    usual_week,
    usual_weeks_of,
)
from shared.auth import Caller
from shared.local_dates import LocalDate
from shared.web import GUARDIAN, Answer, Body, Route

PATH = "/api/v1/children/{child_id}/usual-weeks/{programme_id}"


class NewUsualWeek(Body):
    """What the child ordinarily has, from one day to another, both included; 400 days at most."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    pattern: Annotated[list[PatternPart], Field(min_length=1, max_length=20)]
    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate


class ShownUsualWeek(Answer):
    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    child_id: str
    municipality_id: str
    programme_id: str
    pattern: list[ShownPart]
    start: Annotated[date, Field(serialization_alias="from")]
    until: date


async def replace_usual_week(request: web.Request, body: NewUsualWeek, caller: Caller) -> ShownUsualWeek:
    """Set a child's usual week in a programme, in place of the one before. It books nothing by itself."""
    asked = Desired(
        household_id=caller.household(),
        child_id=request.match_info["child_id"],
        programme_id=request.match_info["programme_id"],
        pattern=pattern_of(body.pattern),
        starts=body.start,
        ends=body.until,
    )
    app = request.app
    return _shown(await set_usual_week(asked, weeks=app[USUAL_WEEKS], catalogue=app[CATALOGUE], roster=app[ROSTER]))


async def show_usual_week(request: web.Request, caller: Caller) -> ShownUsualWeek:
    """A child's usual week in a programme."""
    return _shown(await usual_week(caller.household(), *_names(request), weeks=request.app[USUAL_WEEKS]))


async def drop_usual_week(request: web.Request, caller: Caller) -> None:
    """The child has no usual week in the programme any more; what is booked stays booked."""
    await forget_usual_week(caller.household(), *_names(request), weeks=request.app[USUAL_WEEKS])


async def usual_weeks(request: web.Request, caller: Caller) -> list[ShownUsualWeek]:
    """A child's usual weeks, one per programme that has one."""
    child_id, app = request.match_info["child_id"], request.app
    found = await usual_weeks_of(caller.household(), child_id, weeks=app[USUAL_WEEKS], roster=app[ROSTER])
    return [_shown(week) for week in found]


def _names(request: web.Request) -> tuple[str, str]:
    return request.match_info["child_id"], request.match_info["programme_id"]


def _shown(week: UsualWeek) -> ShownUsualWeek:
    return ShownUsualWeek(
        child_id=week.child_id,
        municipality_id=week.municipality_id,
        programme_id=week.programme_id,
        pattern=[shown_part(part) for part in week.pattern],
        start=week.starts,
        until=week.ends,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/children/{child_id}/usual-weeks",
        handler=usual_weeks,
        who=GUARDIAN,
        answer=list[ShownUsualWeek],
    ),
    Route(method="PUT", path=PATH, handler=replace_usual_week, who=GUARDIAN, body=NewUsualWeek, answer=ShownUsualWeek),
    Route(method="GET", path=PATH, handler=show_usual_week, who=GUARDIAN, answer=ShownUsualWeek),
    Route(method="DELETE", path=PATH, handler=drop_usual_week, who=GUARDIAN),
]
