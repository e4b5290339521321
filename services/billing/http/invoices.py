"""A household's invoices and their documents."""

from datetime import date, datetime
from typing import Any

from aiohttp import web

from services.billing.domain.copies import Household, Programme, Town
from services.billing.domain.invoices import Invoice, InvoiceState, Kind
from services.billing.domain.money import euros
from services.billing.domain.papers.contestations import ContestationState
from services.billing.domain.papers.invoice import file_name
from services.billing.domain.papers.words import activity_names
from services.billing.domain.paying.accounts import as_chosen
from services.billing.domain.payments import Payment
from services.billing.domain.sheets import State
from services.billing.domain.tariffs import Tariff
from services.billing.domain.treasury.collection import CollectionOrder
from services.billing.http.owners import owners
from services.billing.http.papers.pieces import READERS, piece_asked
from services.billing.http.parts import ACCOUNTS, CONTESTATIONS, COPIES, DOCUMENTS, INVOICES, PAYMENTS, TARIFFS
from services.billing.http.payable import NotPayable, by_claim, debts_of, invoice_refusal
from shared.auth import Caller
from shared.errors import Unavailable
from shared.web import GUARDIAN, Answer, Body, Route, guardian_or_agent


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
    priced at the dearest bracket. `what`: a day, a late pick-up, something given back; `reverses`: the line it takes
    back, as `<piece>/<place>`. `contested`: how far the family's contestation of it is, None without one.
    """

    line: int
    what: str
    reverses: str
    child_id: str
    child_name: str
    activity_id: str
    activity_name: str
    quantity: int
    unit_price: str
    surcharge: str = "0.00"
    total_cents: int
    quotient_known: bool
    contested: ContestationState | None
    trail_href: str
    days: list[InvoicedDay]


class InvoiceDetail(InvoiceSummary):
    structure_id: str
    payment_reference: str
    payment_id: str | None
    pdf_href: str
    lines: list[InvoiceRow]


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
    towns = {name: await town_of(request, name) for name in {invoice.municipality_id for invoice in invoices}}
    debts = await debts_of(request, invoices)
    return [
        InvoiceSummary(**_summary(request, invoice, *towns[invoice.municipality_id], live, debts))
        for invoice in invoices
    ]


async def town_of(request: web.Request, municipality_id: str) -> tuple[Town | None, Tariff]:
    accounts = await request.app[ACCOUNTS].of_town(municipality_id)
    tariff = as_chosen(await request.app[TARIFFS].of(municipality_id), accounts)
    return await request.app[COPIES].town(municipality_id), tariff


def _summary(
    request: web.Request,
    invoice: Invoice,
    town: Town | None,
    tariff: Tariff,
    live: dict[str, Payment],
    debts: dict[str, CollectionOrder],
) -> dict[str, Any]:
    office = tariff.office(invoice.cash_office_id)
    refusal = invoice_refusal(request, invoice, town, office, live, debts)
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
    invoice = await piece_asked(request, caller)
    live = by_claim(await request.app[PAYMENTS].live(invoice.household_id))
    town, tariff = await town_of(request, invoice.municipality_id)
    office = tariff.office(invoice.cash_office_id)
    names = await names_of(request, invoice.household_id, invoice.municipality_id)
    contested = await request.app[CONTESTATIONS].of_invoice(invoice.household_id, invoice.id)
    states = {one.line: one.state for one in contested}
    return InvoiceDetail(
        **_summary(request, invoice, town, tariff, live, await debts_of(request, [invoice])),
        structure_id=office.structure_id if office else "",
        payment_reference=invoice.reference,
        payment_id=invoice.paid_by,
        pdf_href=f"/api/v1/invoices/{invoice.id}/pdf",
        lines=[_row(invoice, place, names, states.get(place)) for place in range(1, len(invoice.lines) + 1)],
    )


async def names_of(request: web.Request, household_id: str, municipality_id: str) -> dict[str, str]:
    """How the household's children and the town's activities are called, by id."""
    household = await request.app[COPIES].household(household_id)
    programmes: list[Programme] = await request.app[COPIES].programmes(municipality_id)
    return {**activity_names(programmes), **_children(household)}


def _children(household: Household | None) -> dict[str, str]:
    return {child.id: f"{child.first_name} {child.last_name}" for child in household.children} if household else {}


def _row(invoice: Invoice, place: int, names: dict[str, str], contested: ContestationState | None) -> InvoiceRow:
    line = invoice.lines[place - 1]
    return InvoiceRow(
        line=place,
        what=line.what,
        reverses=line.reverses,
        child_id=line.child_id,
        child_name=names.get(line.child_id, ""),
        activity_id=line.activity_id,
        activity_name=names.get(line.activity_id, line.activity_id),
        quantity=line.quantity,
        unit_price=euros(line.unit_cents),
        surcharge=euros(line.surcharge_cents),
        total_cents=line.total_cents,
        quotient_known=line.quotient_known,
        contested=contested,
        trail_href=f"/api/v1/invoices/{invoice.id}/lines/{place}/trail",
        days=[InvoicedDay(date=day.date, state=day.state, late=day.late) for day in line.days],
    )


async def show_invoice_pdf(request: web.Request, caller: Caller) -> web.Response:
    """The invoice as a PDF file"""
    invoice = await piece_asked(request, caller)
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


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/invoices",
        handler=list_invoices,
        who=GUARDIAN,
        query=InvoiceQuery,
        answer=list[InvoiceSummary],
    ),
    Route(
        method="GET",
        path="/api/v1/invoices/{invoice_id}",
        handler=show_invoice,
        who=guardian_or_agent(*READERS),
        answer=InvoiceDetail,
        audit="invoice_read",
    ),
    Route(
        method="GET",
        path="/api/v1/invoices/{invoice_id}/pdf",
        handler=show_invoice_pdf,
        who=guardian_or_agent(*READERS),
        gives="application/pdf",
        audit="invoice_read",
    ),
]
