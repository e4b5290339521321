"""How far the issuing of invoices has come, for those who answer for it."""

from datetime import datetime

from aiohttp import web

from services.billing.domain.runs import Run, RunState
from services.billing.domain.tariffs import Tariff
from services.billing.http.imports import Town
from services.billing.http.parts import RUNS, TARIFFS
from shared.auth import Caller, Role
from shared.web import Answer, Route, agent


class InvoiceRun(Answer):
    """`waiting_for`: postpaid programmes of the cash office whose month is not closed yet."""

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


async def list_invoice_runs(request: web.Request, query: Town, caller: Caller) -> list[InvoiceRun]:
    """The runs that issue invoices, newest month first"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER, Role.CASHIER)
    tariff = await request.app[TARIFFS].of(town)
    return [_shown(run, tariff) for run in await request.app[RUNS].of_town(town)]


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
