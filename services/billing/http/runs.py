"""How far the issuing of invoices has come, for those who answer for it."""

from datetime import datetime

from aiohttp import web
from pydantic import Field

from services.billing.domain.runs import Run, RunState
from services.billing.domain.tariffs import Tariff
from services.billing.http.imports import Town
from services.billing.http.parts import RUNS, TARIFFS
from shared.auth import Caller, Role
from shared.web import Answer, Route, agent


class InvoiceRun(Answer):
    """`number`: from 2 on it corrects what is out already. `waiting_for`: programmes of the cash office whose month is
    not closed yet. `drafted_cents`: the sum of its `drafts`, of which `credits_cents` are credit notes. `anomalies`:
    how many drafts have each kind; `open_anomalies`: how many drafts wait for a person. `round`: of drafting, which an
    approval names.
    """

    id: str
    cash_office_id: str
    cash_office_name: str
    month: str
    state: RunState
    waiting_for: list[str]
    households: int
    issued: int
    without_amount: int
    total_cents: int
    problem: str | None
    started_at: datetime | None
    finished_at: datetime | None
    number: int = 1
    round: int = 0
    drafts: int = 0
    drafted_cents: int = 0
    credits_cents: int = 0
    anomalies: dict[str, int] = Field(default_factory=dict)
    open_anomalies: int = 0
    drafted_at: datetime | None = None
    approved_at: datetime | None = None
    approved_by: str = ""


async def list_invoice_runs(request: web.Request, query: Town, caller: Caller) -> list[InvoiceRun]:
    """The runs that issue invoices, newest month first"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER, Role.CASHIER)
    tariff = await request.app[TARIFFS].of(town)
    return [_shown(run, tariff) for run in await request.app[RUNS].of_town(town)]


async def shown_run(request: web.Request, run: Run) -> InvoiceRun:
    return _shown(run, await request.app[TARIFFS].of(run.municipality_id))


def _shown(run: Run, tariff: Tariff) -> InvoiceRun:
    office = tariff.office(run.cash_office_id)
    return InvoiceRun(
        id=run.id,
        cash_office_id=run.cash_office_id,
        cash_office_name=office.name if office else run.cash_office_id,
        month=run.month,
        state=run.state,
        waiting_for=list(run.waiting_for),
        households=run.households,
        issued=run.issued,
        without_amount=run.without_amount,
        total_cents=run.total_cents,
        problem=run.problem,
        started_at=run.started_at,
        finished_at=run.finished_at,
        number=run.number,
        round=run.round,
        drafts=run.drafts,
        drafted_cents=run.drafted_cents,
        credits_cents=run.credits_cents,
        anomalies=dict(run.anomalies),
        open_anomalies=run.open_anomalies,
        drafted_at=run.drafted_at,
        approved_at=run.approved_at,
        approved_by=run.approved_by,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/invoice-runs",
        handler=list_invoice_runs,
        who=agent(Role.MANAGER, Role.CASHIER),
        query=Town,
        answer=list[InvoiceRun],
    )
]
