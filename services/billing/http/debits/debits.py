"""Planned debits as agents see them: what goes into the next file, planned by hand or taken out."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from services.billing.domain.debits.debits import Debit, DebitState
from services.billing.http.debits.mandates import DebitShown, Id, shown_debit
from services.billing.http.debits.parts import DEBITS, DESK
from services.billing.http.imports import Town
from services.billing.http.parts import INVOICES
from services.billing.usecases.debits.plan import drop, plan_one
from shared import audit
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.web import Answer, Body, Route, agent

WHO = agent(Role.MANAGER, Role.CASHIER)
ROLES = (Role.MANAGER, Role.CASHIER)
PAGE = 200


class DebitQuery(Body):
    """`after`: the last id of the page before."""

    municipality_id: str
    cash_office_id: Id
    state: DebitState = "planned"
    after: Annotated[str, StringConstraints(max_length=80)] = ""


class InvoiceToDebit(Body):
    municipality_id: str
    household_id: Id
    invoice_id: Id


class FamilyDebit(DebitShown):
    """`batch_id`: the file it is in. `announced_on`: the day the family was told."""

    household_id: str
    mandate_id: str
    batch_id: str | None
    announced_on: date


class FamilyDebits(Answer):
    """`next_after`: to ask for the next page, null on the last."""

    items: list[FamilyDebit]
    next_after: str | None


async def list_debits(request: web.Request, query: DebitQuery, caller: Caller) -> FamilyDebits:
    """The debits of a cash office in one state, 200 at a time"""
    town = caller.agent_of(query.municipality_id, *ROLES)
    found = await request.app[DEBITS].of_office(
        town, query.cash_office_id, state=query.state, after=query.after, limit=PAGE
    )
    audit.about(request, town, households=[debit.household_id for debit in found])
    items = [_shown(request, debit) for debit in found]
    return FamilyDebits(items=items, next_after=found[-1].id if len(found) == PAGE else None)


async def plan_debit(request: web.Request, body: InvoiceToDebit, caller: Caller) -> FamilyDebit:
    """Plan the debit of an invoice that was issued before its mandate, or that the bank refused; planned once"""
    town = caller.agent_of(body.municipality_id, *ROLES)
    invoice = await request.app[INVOICES].get(body.household_id, body.invoice_id)
    if invoice is None or invoice.municipality_id != town:
        raise NotFound()
    audit.about(request, town, households=[invoice.household_id], others=[invoice.id])
    return _shown(request, await plan_one(invoice, desk=request.app[DESK]))


async def cancel_debit(request: web.Request, body: Town, caller: Caller) -> FamilyDebit:
    """Take a planned debit out: the family pays otherwise"""
    town = caller.agent_of(body.municipality_id, *ROLES)
    debit = await request.app[DEBITS].in_town(town, request.match_info["debit_id"])
    if debit is None:
        raise NotFound()
    audit.about(request, town, households=[debit.household_id], others=[debit.id])
    return _shown(request, await drop(debit, "office", desk=request.app[DESK]))


def _shown(request: web.Request, debit: Debit) -> FamilyDebit:
    return FamilyDebit(
        **shown_debit(request, debit).model_dump(),
        household_id=debit.household_id,
        mandate_id=debit.mandate_id,
        batch_id=debit.batch_id,
        announced_on=debit.announced_on,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/debits",
        handler=list_debits,
        who=WHO,
        query=DebitQuery,
        answer=FamilyDebits,
        audit="debits_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/debits",
        handler=plan_debit,
        who=WHO,
        body=InvoiceToDebit,
        answer=FamilyDebit,
        status=201,
        audit="debit_planned",
    ),
    Route(
        method="POST",
        path="/api/v1/debits/{debit_id}/cancellation",
        handler=cancel_debit,
        who=WHO,
        body=Town,
        answer=FamilyDebit,
        audit="debit_cancelled",
    ),
]
