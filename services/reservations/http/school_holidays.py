"""The door to published school holidays, which a town takes over into its own calendar and changes there."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import Field

from services.reservations.domain.calendar import Period
from services.reservations.domain.calendar_ics import LeftOut
from services.reservations.domain.school_holidays import known
from services.reservations.http.calendar import PATH, ChangedPeriods, Whose, with_version
from services.reservations.http.parts import ALMANAC
from services.reservations.http.shapes import Id
from services.reservations.usecases.take_over_holidays import TakenOver, take_over_file, take_over_zone
from shared.auth import Caller, Role
from shared.problems import CATALOGUES, language_of
from shared.web import Answer, Body, Route, agent, read_limited

ICS = "text/calendar"
LARGEST_BYTES = 1024 * 1024


class WhichYear(Body):
    """`zone`: A, B, C, or an academy with a calendar of its own; `school_year` as 2026-2027."""

    zone: Id
    school_year: Id


class WhichZone(Body):
    """`zone`: which of several a file holds."""

    municipality_id: Id
    zone: str = ""


class KnownYear(Answer):
    zone: str
    school_year: str


class PublishedPeriod(Answer):
    starts: Annotated[date, Field(serialization_alias="from")]
    ends: Annotated[date, Field(serialization_alias="until")]
    label: str


class LeftOutEvent(Answer):
    label: str
    message: str


class TakenOverPeriods(ChangedPeriods):
    """`added` are new. Of `kept` the town already had holidays of its own on some days, which stay as they are.
    `left_out`: events of the file that are no holidays of the town."""

    added: list[PublishedPeriod]
    kept: list[PublishedPeriod]
    left_out: list[LeftOutEvent]


async def list_school_years(_: web.Request) -> list[KnownYear]:
    """The zones and school years whose holidays are known here."""
    return [KnownYear(zone=zone, school_year=year) for zone, year in known()]


async def take_over_school_year(request: web.Request, query: Whose, body: WhichYear, caller: Caller) -> web.Response:
    """Add the holidays of a zone and school year to the town's calendar."""
    municipality_id = caller.agent_of(query.municipality_id, Role.MANAGER)
    done = await take_over_zone(municipality_id, body.zone, body.school_year, request.app[ALMANAC])
    return _shown(request, municipality_id, done)


async def take_over_calendar_file(request: web.Request, query: WhichZone, caller: Caller) -> web.Response:
    """Add the holidays of an iCalendar file, such as the Ministry of Education publishes, to the town's calendar."""
    municipality_id = caller.agent_of(query.municipality_id, Role.MANAGER)
    raw = await read_limited(request, LARGEST_BYTES)
    done = await take_over_file(municipality_id, raw, query.zone, request.app[ALMANAC])
    return _shown(request, municipality_id, done)


def _shown(request: web.Request, municipality_id: str, done: TakenOver) -> web.Response:
    changed = ChangedPeriods.of(municipality_id, done.edited)
    answer = TakenOverPeriods(
        **dict(changed),
        added=[_published(period) for period in done.added],
        kept=[_published(period) for period in done.kept],
        left_out=[_left_out(request, event) for event in done.left_out],
    )
    return with_version(answer, done.edited.version, status=201)


def _published(period: Period) -> PublishedPeriod:
    return PublishedPeriod(starts=period.starts, ends=period.ends, label=period.label)


def _left_out(request: web.Request, event: LeftOut) -> LeftOutEvent:
    message = request.app[CATALOGUES].sentence(language_of(request), event.reason, {})
    return LeftOutEvent(label=event.label, message=message)


ROUTES = [
    Route(
        method="GET",
        path=f"{PATH}/school-holidays",
        handler=list_school_years,
        who=agent(*Role),
        answer=list[KnownYear],
    ),
    Route(
        method="POST",
        path=f"{PATH}/school-holidays",
        handler=take_over_school_year,
        who=agent(Role.MANAGER),
        query=Whose,
        body=WhichYear,
        answer=TakenOverPeriods,
        status=201,
    ),
    Route(
        method="POST",
        path=f"{PATH}/calendar-files",
        handler=take_over_calendar_file,
        who=agent(Role.MANAGER),
        query=WhichZone,
        takes=ICS,
        answer=TakenOverPeriods,
        status=201,
    ),
]
