"""What a town brings: its tariff and its families' quotients."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.families import Outcome
from services.billing.domain.tariffs import Audience, Bracket, CashOffice, Grid
from services.billing.http.parts import COPIES, FAMILIES, NUDGE_IMPORTED, NUDGE_PRICES, RUNS, TARIFFS
from services.billing.usecases.import_quotients import import_quotients
from services.billing.usecases.import_tariff import import_tariff
from shared import audit
from shared.auth import Caller, Role
from shared.problems import CATALOGUES, field_error, language_of
from shared.web import CLOCK, Answer, Body, Int, Route, agent, read_limited

CSV_LIMIT = 4 * 1024 * 1024
CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Code = Annotated[str, StringConstraints(pattern=CODE, max_length=60)]
Bound = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}([.][0-9]{1,2})?$")]
PartCents = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}([.][0-9]{1,2})?$")]
Amount = Annotated[Int, Field(ge=0, le=9_999_999)]


class Town(Body):
    """Which town; an agent names one of theirs."""

    municipality_id: str


class BracketFile(Body):
    """`from` and `to` are both included; `to` is null for the last. `cents`: a number, or "37.5" for part cents."""

    lowest: Bound = Field(alias="from")
    highest: Bound | None = Field(alias="to")
    cents: Amount | PartCents

    def rule(self) -> Bracket:
        highest = None if self.highest is None else Decimal(self.highest)
        return Bracket(lowest=Decimal(self.lowest), highest=highest, cents=Decimal(self.cents))


class GridFile(Body):
    id: Code
    version: Annotated[Int, Field(ge=1, le=9_999)]
    valid_from: date
    valid_until: date | None = None
    activities: Annotated[list[Code], Field(min_length=1, max_length=200)]
    audience: Audience
    brackets: Annotated[list[BracketFile], Field(min_length=1, max_length=100)]

    def rule(self, municipality_id: str) -> Grid:
        return Grid(
            id=f"{municipality_id}.{self.id}",
            version=self.version,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            activities=_named(municipality_id, self.activities),
            audience=self.audience,
            brackets=tuple(bracket.rule() for bracket in self.brackets),
        )


class CashOfficeFile(Body):
    id: Code
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    payfip_client: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = None
    structure_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    programmes: Annotated[list[Code], Field(max_length=200)]
    payment_days: Annotated[Int, Field(ge=1, le=365)]

    def rule(self, municipality_id: str) -> CashOffice:
        return CashOffice(
            id=f"{municipality_id}.{self.id}",
            name=self.name,
            payfip_client=self.payfip_client,
            structure_id=self.structure_id,
            programmes=_named(municipality_id, self.programmes),
            payment_days=self.payment_days,
        )


class TariffFile(Body):
    cash_offices: Annotated[list[CashOfficeFile], Field(max_length=100, default_factory=list)]
    grids: Annotated[list[GridFile], Field(max_length=500, default_factory=list)]


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


def _named(municipality_id: str, codes: list[str]) -> tuple[str, ...]:
    return tuple(f"{municipality_id}.{code}" for code in dict.fromkeys(codes))


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
