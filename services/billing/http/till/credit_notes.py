"""Credit notes used on invoices, remissions."""

from datetime import date

from aiohttp import web

from services.billing.domain.invoices import Invoice, InvoiceState
from services.billing.http.parts import INVOICES
from services.billing.http.till.parts import MONEY, MONEY_TILL
from services.billing.http.till.shapes import DESK, Amount, Name, Office, Words, office_of, town_of
from services.billing.usecases.till.remit import ToRemit, remit
from services.billing.usecases.till.use_credits import take_credit_back, use_credits
from shared import audit
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import CLOCK, Answer, Body, Key, Route, agent


class CreditsAsked(Body):
    cash_office_id: Office
    household_id: Name


class CreditLeft(Answer):
    """`left_cents`: what of it can still be used."""

    id: str
    number: str
    issue_date: date
    total_cents: int
    left_cents: int


class ToUse(Body):
    """The oldest credit notes first, as much as the invoice takes."""

    household_id: Name
    invoice_id: Name


class ToTakeBack(ToUse):
    credit_id: Name


class Settled(Answer):
    """`cents`: what this changed; `remaining_cents`: what remains to be paid of the invoice now."""

    invoice_id: str
    cents: int
    remaining_cents: int
    state: InvoiceState


class ToWriteOff(Body):
    """`cents`: all that remains without it."""

    household_id: Name
    invoice_id: Name
    cents: Amount | None = None
    reason: Words


async def list_credits(request: web.Request, query: CreditsAsked, caller: Caller) -> list[CreditLeft]:
    """A household's credit notes with something left at a cash office, oldest first"""
    office = await office_of(request, caller, query.cash_office_id)
    found = await request.app[MONEY].credits.left(query.household_id, office.id)
    audit.about(request, town_of(office), households=[query.household_id])
    return [
        CreditLeft(
            id=one.id,
            number=one.number,
            issue_date=one.issue_date,
            total_cents=one.total_cents,
            left_cents=-one.remaining_cents,
        )
        for one in found
    ]


async def use_credit_notes(
    request: web.Request,
    body: ToUse,
    caller: Caller,
    key: Key,  # noqa: ARG001  # asked again it is the same act
) -> Settled:
    """Use a household's credit notes on one of its invoices now; asked again it changes nothing more"""
    invoice = await _invoice(request, body, caller)
    cents = await use_credits(invoice.household_id, invoice.id, till=request.app[MONEY_TILL])
    return await _settled(request, invoice, cents)


async def take_back_credit_use(
    request: web.Request,
    body: ToTakeBack,
    caller: Caller,
    key: Key,  # noqa: ARG001  # asked again it is the same act
) -> Settled:
    """Take the use of a credit note back: it and the invoice are open again by as much"""
    invoice = await _invoice(request, body, caller)
    till = request.app[MONEY_TILL]
    cents = await take_credit_back(invoice.household_id, body.credit_id, invoice.id, till=till)
    return await _settled(request, invoice, -cents)


async def write_off(request: web.Request, body: ToWriteOff, caller: Caller, key: Key) -> Settled:
    """Remit what remains of an invoice, or a part of it"""
    invoice = await _invoice(request, body, caller)
    asked = ToRemit(
        # The same asking is the same remission.
        id=f"rem_{invoice.id}_{key.value}",
        municipality_id=invoice.municipality_id,
        household_id=invoice.household_id,
        invoice_id=invoice.id,
        cents=body.cents,
        reason=body.reason,
        by=caller.account_id,
    )
    after = await remit(asked, invoices=request.app[INVOICES], clock=request.app[CLOCK])
    return await _settled(request, invoice, invoice.remaining_cents - after.remaining_cents)


async def _invoice(request: web.Request, body: ToUse | ToWriteOff, caller: Caller) -> Invoice:
    """Raises `NotFound`, `Forbidden` for one of another town."""
    invoice = await request.app[INVOICES].get(body.household_id, body.invoice_id)
    if invoice is None:
        raise NotFound()
    town = caller.agent_of(invoice.municipality_id, *DESK)
    audit.about(request, town, households=[invoice.household_id], others=[invoice.id])
    return invoice


async def _settled(request: web.Request, invoice: Invoice, cents: int) -> Settled:
    after = await request.app[INVOICES].get(invoice.household_id, invoice.id) or invoice
    return Settled(invoice_id=after.id, cents=cents, remaining_cents=after.remaining_cents, state=after.state)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/credits",
        handler=list_credits,
        who=agent(*DESK),
        query=CreditsAsked,
        answer=list[CreditLeft],
        audit="credits_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/credit-uses",
        handler=use_credit_notes,
        who=agent(*DESK),
        body=ToUse,
        answer=Settled,
        status=201,
        keyed=True,
        audit="credit_used",
    ),
    Route(
        method="POST",
        path="/api/v1/credit-uses/cancellation",
        handler=take_back_credit_use,
        who=agent(*DESK),
        body=ToTakeBack,
        answer=Settled,
        keyed=True,
        audit="credit_use_taken_back",
    ),
    Route(
        method="POST",
        path="/api/v1/remissions",
        handler=write_off,
        who=agent(*DESK),
        body=ToWriteOff,
        answer=Settled,
        status=201,
        keyed=True,
        audit="debt_remitted",
    ),
]
