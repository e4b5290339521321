"""A household's invoices and prepaid orders, and their documents."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from aiohttp import web

from services.billing.domain.copies import Household, Programme, Town
from services.billing.domain.invoices import Invoice, InvoiceLine, InvoiceState, Kind
from services.billing.domain.money import euros
from services.billing.domain.orders import Order, OrderState, OrderUnknown, state_of
from services.billing.domain.paper import activity_names, file_name
from services.billing.domain.payments import Payment, office_of_order
from services.billing.domain.sheets import State
from services.billing.domain.tariffs import CashOffice, Tariff
from services.billing.http.owners import first_of, owners
from services.billing.http.parts import COPIES, DOCUMENTS, INVOICES, ORDERS, PAYMENTS, TARIFFS
from services.billing.http.payable import NotPayable, by_claim, invoice_refusal, order_refusal
from shared.auth import Caller
from shared.errors import NotFound, Refused, Unavailable
from shared.web import CLOCK, GUARDIAN, Answer, Body, Route


class InvoiceQuery(Body):
    state: InvoiceState | None = None
    municipality_id: str | None = None


class InvoiceSummary(Answer):
    """`kind`: F invoice, R corrective invoice of the invoice `corrects`, A credit note, whose amounts are negative.

    `remaining_cents`: what is still to be paid, of a credit note what is still to be used. `debit_on`: the day it is
    taken from the family's bank account.
    """

    id: str
    number: str
    kind: Kind
    corrects: str | None
    municipality_id: str
    municipality_name: str
    cash_office_id: str
    cash_office_name: str
    month: str
    issue_date: date
    due_date: date
    total_cents: int
    remaining_cents: int
    state: InvoiceState
    debit_on: date | None
    paid_at: datetime | None
    payable: bool
    not_payable: NotPayable | None


class InvoicedDay(Answer):
    """`late`: the rule it was booked under after its deadline, empty for a day booked in time."""

    date: date
    state: State
    late: str = ""


class InvoiceRow(Answer):
    """`unit_price`: euros as decimal text, exact, of which `surcharge` for booking late; `quotient_known` False:
    priced at the dearest bracket.
    """

    child_id: str
    child_name: str
    activity_id: str
    activity_name: str
    quantity: int
    unit_price: str
    surcharge: str = "0.00"
    total_cents: int
    quotient_known: bool
    days: list[InvoicedDay]


class InvoiceDetail(InvoiceSummary):
    structure_id: str
    payment_reference: str
    payment_id: str | None
    pdf_href: str
    lines: list[InvoiceRow]


class OrderRow(Answer):
    child_id: str
    child_name: str
    activity_id: str
    activity_name: str
    date: date
    price_cents: int
    surcharge_cents: int = 0


class OrderDetail(Answer):
    id: str
    municipality_id: str
    cash_office_id: str | None
    cash_office_name: str | None
    state: OrderState
    amount_cents: int
    expires_at: datetime | None
    lines: list[OrderRow]
    payable: bool
    not_payable: NotPayable | None


async def list_invoices(request: web.Request, query: InvoiceQuery, caller: Caller) -> list[InvoiceSummary]:
    """The household's invoices, newest first"""
    invoices: list[Invoice] = []
    live: dict[str, Payment] = {}
    for household_id in await owners(request, caller):
        invoices += await request.app[INVOICES].of_household(
            household_id, state=query.state, municipality_id=query.municipality_id
        )
        live |= by_claim(await request.app[PAYMENTS].live(household_id))
    invoices.sort(key=lambda invoice: (invoice.issue_date, invoice.id), reverse=True)
    towns = {name: await _town(request, name) for name in {invoice.municipality_id for invoice in invoices}}
    return [InvoiceSummary(**_summary(request, invoice, *towns[invoice.municipality_id], live)) for invoice in invoices]


async def _town(request: web.Request, municipality_id: str) -> tuple[Town | None, Tariff]:
    return await request.app[COPIES].town(municipality_id), await request.app[TARIFFS].of(municipality_id)


def _summary(
    request: web.Request, invoice: Invoice, town: Town | None, tariff: Tariff, live: dict[str, Payment]
) -> dict[str, Any]:
    office = tariff.office(invoice.cash_office_id)
    refusal = invoice_refusal(request, invoice, town, office, live)
    return {
        "id": invoice.id,
        "number": invoice.number,
        "kind": invoice.kind,
        "corrects": invoice.corrects,
        "municipality_id": invoice.municipality_id,
        "municipality_name": town.name if town else invoice.municipality_id,
        "cash_office_id": invoice.cash_office_id,
        "cash_office_name": office.name if office else invoice.cash_office_id,
        "month": invoice.month,
        "issue_date": invoice.issue_date,
        "due_date": invoice.due_date,
        "total_cents": invoice.total_cents,
        "remaining_cents": invoice.remaining_cents,
        "state": invoice.state,
        "debit_on": invoice.debit_on,
        "paid_at": invoice.paid_at,
        "payable": refusal is None,
        "not_payable": refusal,
    }


async def show_invoice(request: web.Request, caller: Caller) -> InvoiceDetail:
    """One invoice with its lines"""
    invoice = await _asked(request, caller)
    live = by_claim(await request.app[PAYMENTS].live(invoice.household_id))
    town, tariff = await _town(request, invoice.municipality_id)
    office = tariff.office(invoice.cash_office_id)
    names = await _names(request, invoice.household_id, invoice.municipality_id)
    return InvoiceDetail(
        **_summary(request, invoice, town, tariff, live),
        structure_id=office.structure_id if office else "",
        payment_reference=invoice.reference,
        payment_id=invoice.paid_by,
        pdf_href=f"/api/v1/invoices/{invoice.id}/pdf",
        lines=[_row(line, names) for line in invoice.lines],
    )


async def _asked(request: web.Request, caller: Caller) -> Invoice:
    """Raises `NotFound`."""
    invoices, invoice_id = request.app[INVOICES], request.match_info["invoice_id"]
    invoice = await first_of(await owners(request, caller), lambda one: invoices.get(one, invoice_id))
    if invoice is None:
        raise NotFound()
    return invoice


async def _names(request: web.Request, household_id: str, municipality_id: str) -> dict[str, str]:
    """How the household's children and the town's activities are called, by id."""
    household = await request.app[COPIES].household(household_id)
    programmes: list[Programme] = await request.app[COPIES].programmes(municipality_id)
    return {**activity_names(programmes), **_children(household)}


def _children(household: Household | None) -> dict[str, str]:
    return {child.id: f"{child.first_name} {child.last_name}" for child in household.children} if household else {}


def _row(line: InvoiceLine, names: dict[str, str]) -> InvoiceRow:
    return InvoiceRow(
        child_id=line.child_id,
        child_name=names.get(line.child_id, ""),
        activity_id=line.activity_id,
        activity_name=names.get(line.activity_id, line.activity_id),
        quantity=line.quantity,
        unit_price=euros(line.unit_cents),
        surcharge=euros(line.surcharge_cents),
        total_cents=line.total_cents,
        quotient_known=line.quotient_known,
        days=[InvoicedDay(date=day.date, state=day.state, late=day.late) for day in line.days],
    )


async def show_invoice_pdf(request: web.Request, caller: Caller) -> web.Response:
    """The invoice as a PDF file"""
    invoice = await _asked(request, caller)
    stored = await request.app[DOCUMENTS].pdf(invoice.household_id, invoice.id)
    if stored is None:
        raise Unavailable()
    pdf, sha256 = stored
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(invoice)}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
        "ETag": f'"{sha256}"',
    }
    return web.Response(body=pdf, content_type="application/pdf", headers=headers)


async def show_order(request: web.Request, caller: Caller) -> OrderDetail:
    """A prepaid order: its lines, its amount, until when it can be paid"""
    orders, order_id = request.app[ORDERS], request.match_info["order_id"]
    order = await first_of(await owners(request, caller), lambda one: orders.get(one, order_id))
    if order is None:
        raise OrderUnknown()
    town, tariff = await _town(request, order.municipality_id)
    office = _office(order, tariff.cash_offices)
    live = by_claim(await request.app[PAYMENTS].live(order.household_id))
    refusal = order_refusal(request, order, town, office, live)
    return OrderDetail(
        id=order.id,
        municipality_id=order.municipality_id,
        cash_office_id=office.id if office else None,
        cash_office_name=office.name if office else None,
        state=state_of(order, request.app[CLOCK]()),
        amount_cents=order.amount_cents,
        expires_at=order.expires_at,
        lines=_order_rows(order, await _names(request, order.household_id, order.municipality_id)),
        payable=refusal is None,
        not_payable=refusal,
    )


def _office(order: Order, offices: Iterable[CashOffice]) -> CashOffice | None:
    try:
        return office_of_order(order, list(offices))
    except Refused:
        return None


def _order_rows(order: Order, names: dict[str, str]) -> list[OrderRow]:
    return [
        OrderRow(
            child_id=line.child_id,
            child_name=names.get(line.child_id, ""),
            activity_id=line.activity_id,
            activity_name=names.get(line.activity_id, line.activity_id),
            date=line.date,
            price_cents=line.cents,
            surcharge_cents=line.surcharge_cents,
        )
        for line in order.lines
    ]


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/invoices",
        handler=list_invoices,
        who=GUARDIAN,
        query=InvoiceQuery,
        answer=list[InvoiceSummary],
    ),
    Route(method="GET", path="/api/v1/invoices/{invoice_id}", handler=show_invoice, who=GUARDIAN, answer=InvoiceDetail),
    Route(
        method="GET",
        path="/api/v1/invoices/{invoice_id}/pdf",
        handler=show_invoice_pdf,
        who=GUARDIAN,
        gives="application/pdf",
    ),
    Route(method="GET", path="/api/v1/orders/{order_id}", handler=show_order, who=GUARDIAN, answer=OrderDetail),
]
