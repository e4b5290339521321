"""What a town brings: its tariff and its families' quotients."""

from aiohttp import web

from services.billing.domain.families import Outcome
from services.billing.http.parts import COPIES, FAMILIES, NUDGE_IMPORTED, NUDGE_PRICES, RUNS, TARIFFS
from services.billing.http.tariffs.tariff_file import TariffFile
from services.billing.usecases.import_quotients import import_quotients
from services.billing.usecases.import_tariff import import_tariff
from shared import audit
from shared.auth import Caller, Role
from shared.problems import CATALOGUES, field_error, language_of
from shared.web import CLOCK, Answer, Body, Route, agent, read_limited

CSV_LIMIT = 4 * 1024 * 1024


class Town(Body):
    """Which town; an agent names one of theirs."""

    municipality_id: str


class ImportedOffice(Answer):
    id: str
    outcome: Outcome


class ImportedGrid(Answer):
    id: str
    version: int
    outcome: Outcome


class TariffReport(Answer):
    """`version`: of the town's whole tariff, raised by every import that changes something."""

    version: int
    cash_offices: list[ImportedOffice]
    grids: list[ImportedGrid]


class RefusedLine(Answer):
    line: int
    field: str
    message: str


class QuotientReport(Answer):
    """`waiting`: of the lines kept, those whose family has not joined yet."""

    created: int
    updated: int
    unchanged: int
    waiting: int
    refused: list[RefusedLine]


async def import_tariffs(request: web.Request, body: TariffFile, query: Town, caller: Caller) -> TariffReport:
    """Publish a tariff: cash offices, the programmes they collect, the price grids"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER, Role.CASHIER)
    published = await import_tariff(
        town,
        [office.rule(town) for office in body.cash_offices],
        [grid.rule(town) for grid in body.grids],
        tariffs=request.app[TARIFFS],
        copies=request.app[COPIES],
        runs=request.app[RUNS],
        nudge=request.app[NUDGE_IMPORTED],
        clock=request.app[CLOCK],
    )
    offices = zip(body.cash_offices, published.offices, strict=True)
    grids = zip(body.grids, published.grids, strict=True)
    return TariffReport(
        version=published.tariff.version,
        cash_offices=[ImportedOffice(id=f"{town}.{one.id}", outcome=outcome) for one, outcome in offices],
        grids=[ImportedGrid(id=f"{town}.{one.id}", version=one.version, outcome=outcome) for one, outcome in grids],
    )


async def import_family_quotients(request: web.Request, query: Town, caller: Caller) -> QuotientReport:
    """Import quotients: reference_famille;quotient;date_effet"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER, Role.CASHIER)
    report = await import_quotients(
        town,
        await read_limited(request, CSV_LIMIT),
        families=request.app[FAMILIES],
        towns=request.app[COPIES],
        clock=request.app[CLOCK],
        nudge=request.app[NUDGE_PRICES],
    )
    audit.about(request, town, households=report.households)
    catalogues, language = request.app[CATALOGUES], language_of(request)
    refused = [field_error(fault.shown(), catalogues, language) for fault in report.refused]
    return QuotientReport(
        created=report.outcomes["created"],
        updated=report.outcomes["updated"],
        unchanged=report.outcomes["unchanged"],
        waiting=report.waiting,
        refused=[RefusedLine(**line) for line in refused],
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/tariff-imports",
        handler=import_tariffs,
        who=agent(Role.MANAGER, Role.CASHIER),
        query=Town,
        body=TariffFile,
        answer=TariffReport,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/quotient-imports",
        handler=import_family_quotients,
        who=agent(Role.MANAGER, Role.CASHIER),
        query=Town,
        takes="text/csv",
        answer=QuotientReport,
        audit="quotients_imported",
        status=201,
    ),
]
