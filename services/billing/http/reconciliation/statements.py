"""Statements of a bank, of PayFiP or of a deposit slip: imported, and read line by line."""

from datetime import date, datetime
from functools import partial

from aiohttp import web

from services.billing.domain.reconciliation.statements import Line, LineState, Statement, StatementKind
from services.billing.http.offices import office_asked
from services.billing.http.reconciliation.parts import RECONCILIATION_DESK, STATEMENTS
from services.billing.http.unpaid.amounts import READERS, Page
from services.billing.usecases.reconciliation.import_statement import Brought, import_statement
from shared import audit
from shared.auth import Caller
from shared.ids import new_id
from shared.problems import CATALOGUES, field_error, language_of
from shared.web import Answer, Body, Route, agent, read_limited

LIMIT = 8 * 1024 * 1024


class StatementAsked(Body):
    """What is sent: a CSV table of that kind, or, of a bank, a camt.053 or camt.054 file."""

    kind: StatementKind


class RefusedLine(Answer):
    line: int
    field: str
    message: str


class ShownStatement(Answer):
    """`fresh`: of its lines, those no statement before had brought."""

    id: str
    cash_office_id: str
    kind: StatementKind
    sha256: str
    imported_at: datetime
    imported_by: str
    begins_on: date
    ends_on: date
    lines: int
    fresh: int
    total_cents: int


class StatementReport(ShownStatement):
    """`matched`, `raised`, `cleared`: lines matched now, differences raised and cleared now."""

    matched: int
    raised: int
    cleared: int
    refused: list[RefusedLine]


class ShownLine(Answer):
    """`matched`: ids of the payments, receipts, deposits or debits it is the money of; `how`: the rule, or `agent`."""

    id: str
    kind: StatementKind
    on: date
    cents: int
    label: str
    reference: str
    state: LineState
    matched: list[str]
    how: str
    reason: str


class StatementsPage(Answer):
    items: list[ShownStatement]
    next_cursor: str | None


class LinesPage(Answer):
    items: list[ShownLine]
    next_cursor: str | None


class WhichLines(Page):
    kind: StatementKind | None = None
    state: LineState | None = None


async def bring_statement(request: web.Request, query: StatementAsked, caller: Caller) -> StatementReport:
    """Take over a statement and match it with the books; lines that came before are known"""
    office, tariff = await office_asked(request, caller, *READERS)
    content = await read_limited(request, LIMIT)
    done = await import_statement(
        Brought(
            municipality_id=tariff.id,
            office=office,
            kind=query.kind,
            content=content,
            xml=query.kind == "bank" and request.content_type != "text/csv",
            by=caller.account_id,
        ),
        statements=request.app[STATEMENTS],
        desk=request.app[RECONCILIATION_DESK],
        new_id=partial(new_id, "stm"),
    )
    audit.about(request, tariff.id, others=[done.statement.id])
    catalogues, language = request.app[CATALOGUES], language_of(request)
    refused = [field_error(fault.shown(), catalogues, language) for fault in done.faults]
    return StatementReport.model_validate(
        {
            **_told(done.statement),
            "matched": done.done.matched,
            "raised": done.done.raised,
            "cleared": done.done.cleared,
            "refused": [RefusedLine(**line) for line in refused],
        }
    )


def _told(statement: Statement) -> dict[str, object]:
    return {name: getattr(statement, name) for name in ShownStatement.model_fields}


async def list_statements(request: web.Request, query: Page, caller: Caller) -> StatementsPage:
    """The statements of a cash office, newest first"""
    office, _ = await office_asked(request, caller, *READERS)
    found = await request.app[STATEMENTS].of_office(office.id, after=query.cursor, limit=query.limit + 1)
    page = found[: query.limit]
    return StatementsPage(
        items=[ShownStatement.model_validate(_told(one)) for one in page],
        next_cursor=page[-1].id if len(found) > query.limit else None,
    )


async def list_statement_lines(request: web.Request, query: WhichLines, caller: Caller) -> LinesPage:
    """The lines of a cash office's statements"""
    office, tariff = await office_asked(request, caller, *READERS)
    found = await request.app[STATEMENTS].lines_of_office(
        office.id, kind=query.kind, state=query.state, after=query.cursor, limit=query.limit + 1
    )
    page = found[: query.limit]
    audit.about(request, tariff.id, others=[office.id])
    return LinesPage(items=[_shown(one) for one in page], next_cursor=page[-1].id if len(found) > query.limit else None)


def _shown(line: Line) -> ShownLine:
    return ShownLine.model_validate({name: getattr(line, name) for name in ShownLine.model_fields})


OFFICE = "/api/v1/cash-offices/{cash_office_id}"
ROUTES = [
    Route(
        method="POST",
        path=f"{OFFICE}/statements",
        handler=bring_statement,
        who=agent(*READERS),
        query=StatementAsked,
        takes="text/csv, application/xml, text/xml",
        answer=StatementReport,
        audit="statement_imported",
        status=201,
    ),
    Route(
        method="GET",
        path=f"{OFFICE}/statements",
        handler=list_statements,
        who=agent(*READERS),
        query=Page,
        answer=StatementsPage,
    ),
    Route(
        method="GET",
        path=f"{OFFICE}/statement-lines",
        handler=list_statement_lines,
        who=agent(*READERS),
        query=WhichLines,
        answer=LinesPage,
        audit="statement_lines_listed",
    ),
]
