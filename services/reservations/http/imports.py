"""The door for a town's files: programmes, calendar, enrolments."""

from aiohttp import web

from services.reservations.domain.catalogue_file import CatalogueFile
from services.reservations.domain.imported import Imported
from services.reservations.http.parts import ALMANAC, CATALOGUE, ROSTER
from services.reservations.usecases.import_calendar import import_calendar
from services.reservations.usecases.import_enrolments import import_enrolments
from services.reservations.usecases.import_programmes import import_programmes
from shared import audit
from shared.auth import Caller, Role
from shared.problems import CATALOGUES, field_error, language_of
from shared.web import CLOCK, Answer, Body, Route, agent, read_limited

CSV = "text/csv"
LARGEST_BYTES = 8 * 1024 * 1024


class Whose(Body):
    municipality_id: str


class RefusedLine(Answer):
    line: int
    field: str
    message: str


class ImportReport(Answer):
    """Counts of what the file describes; `refused` lines were left out."""

    created: int
    updated: int
    unchanged: int
    refused: list[RefusedLine]


class CalendarReport(ImportReport):
    """`affected`: booked days from today on that fall on days the file closed. They stay booked until called off."""

    affected: int


async def import_programmes_file(
    request: web.Request, body: CatalogueFile, query: Whose, caller: Caller
) -> ImportReport:
    """Replace the town's sites, programmes and regulations."""
    municipality_id = caller.agent_of(query.municipality_id, Role.MANAGER)
    done = await import_programmes(
        municipality_id, body, catalogue=request.app[CATALOGUE], clock=request.app[CLOCK], by=caller.account_id
    )
    return _report(request, done)


async def import_calendar_file(request: web.Request, query: Whose, caller: Caller) -> CalendarReport:
    """Replace the town's school holidays, closures and moved school days."""
    municipality_id = caller.agent_of(query.municipality_id, Role.MANAGER)
    raw = await read_limited(request, LARGEST_BYTES)
    done = await import_calendar(municipality_id, raw, request.app[ALMANAC])
    return CalendarReport(**dict(_report(request, done)), affected=done.affected)


async def import_enrolments_file(request: web.Request, query: Whose, caller: Caller) -> ImportReport:
    """Add and change enrolments; lines that cannot be taken over are reported."""
    municipality_id = caller.agent_of(query.municipality_id, Role.MANAGER, Role.REGISTRAR)
    raw = await read_limited(request, LARGEST_BYTES)
    done = await import_enrolments(
        municipality_id,
        raw,
        catalogue=request.app[CATALOGUE],
        roster=request.app[ROSTER],
        clock=request.app[CLOCK],
    )
    links = await request.app[ROSTER].links_of(municipality_id, done.references)
    audit.about(request, municipality_id, households=links, children=set().union(*links.values()))
    return _report(request, done)


def _report(request: web.Request, done: Imported) -> ImportReport:
    catalogues, language = request.app[CATALOGUES], language_of(request)
    shown = [field_error(fault.shown(), catalogues, language) for fault in done.refused]
    return ImportReport(
        created=done.created,
        updated=done.updated,
        unchanged=done.unchanged,
        refused=[RefusedLine.model_validate(entry) for entry in shown],
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/programme-imports",
        handler=import_programmes_file,
        who=agent(Role.MANAGER),
        query=Whose,
        body=CatalogueFile,
        answer=ImportReport,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/calendar-imports",
        handler=import_calendar_file,
        who=agent(Role.MANAGER),
        query=Whose,
        takes=CSV,
        answer=CalendarReport,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/enrolment-imports",
        handler=import_enrolments_file,
        who=agent(Role.MANAGER, Role.REGISTRAR),
        query=Whose,
        takes=CSV,
        answer=ImportReport,
        audit="enrolments_imported",
        status=201,
    ),
]
