"""What the Treasury sends back, brought by an agent."""

from datetime import datetime

from aiohttp import web

from services.billing.domain.treasury.imports import ImportedReturn
from services.billing.http.offices import office_asked
from services.billing.http.treasury.parts import MAILROOM, RETURNS
from services.billing.http.unpaid.amounts import READERS
from services.billing.usecases.treasury.import_return import Brought, import_return
from shared import audit
from shared.auth import Caller
from shared.web import Answer, Route, agent, read_limited

LIMIT = 8 * 1024 * 1024
LISTED = 100


class ShownReturn(Answer):
    """`said`: things the file says; `fresh`: those that were new. `unknown`: numbers of debts that are none of ours.

    What is unknown, collected before any debt, or beyond what was owed is a reconciliation task.
    """

    id: str
    sha256: str
    imported_at: datetime
    imported_by: str
    said: int
    fresh: int
    collected_cents: int
    rejected: int
    before_title: int
    unknown: list[str]


async def import_treasury_return(request: web.Request, caller: Caller) -> ShownReturn:
    """Take over a PES Retour Recette; the same file again changes nothing"""
    office, tariff = await office_asked(request, caller, *READERS)
    content = await read_limited(request, LIMIT)
    brought = Brought(municipality_id=tariff.id, office=office, content=content, by=caller.account_id)
    done = await import_return(brought, room=request.app[MAILROOM])
    audit.about(request, tariff.id, others=[done.id])
    return _shown(done)


async def list_treasury_returns(request: web.Request, caller: Caller) -> list[ShownReturn]:
    """The last returns that were taken over, newest first"""
    office, tariff = await office_asked(request, caller, *READERS)
    return [_shown(one) for one in await request.app[RETURNS].of_office(tariff.id, office.id, LISTED)]


def _shown(done: ImportedReturn) -> ShownReturn:
    return ShownReturn(**{name: getattr(done, name) for name in ShownReturn.model_fields})


PATH = "/api/v1/cash-offices/{cash_office_id}/treasury-returns"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=import_treasury_return,
        who=agent(*READERS),
        takes="application/xml, text/xml",
        answer=ShownReturn,
        audit="treasury_return_imported",
        status=201,
    ),
    Route(
        method="GET",
        path=PATH,
        handler=list_treasury_returns,
        who=agent(*READERS),
        answer=list[ShownReturn],
    ),
]
