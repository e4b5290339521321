"""The aged list of unpaid invoices of a cash office."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date

from aiohttp import web

from services.billing.domain.copies import today_in
from services.billing.domain.invoices import Invoice, InvoiceState
from services.billing.domain.money import comma_euros
from services.billing.domain.unpaid.ageing import BANDS, Amount, Band, band_of, days_late, owes, totals
from services.billing.http.offices import office_asked
from services.billing.http.parts import COPIES
from services.billing.http.unpaid.amounts import READERS, Page
from services.billing.http.unpaid.parts import UNPAID
from shared import audit
from shared.auth import Caller
from shared.errors import N_, BadInput
from shared.exports import GIVES, Cell, Format, send_table
from shared.web import CLOCK, Answer, Body, Route, agent

HEADER = (
    "Régie",
    "Foyer",
    "Nom du foyer",
    "Facture",
    "Mois",
    "Échéance",
    "Jours de retard",
    "Tranche",
    "Montant",
    "Reste dû",
    "État",
)
BAND_NAMES: Mapping[Band, str] = {
    "not_due": "à échoir",
    "d0_30": "0 à 30 jours",
    "d31_60": "31 à 60 jours",
    "d61_90": "61 à 90 jours",
    "over_90": "plus de 90 jours",
}


class UnpaidFile(Body):
    format: Format = "csv"


class UnpaidInvoice(Answer):
    """`days_late`: since the due date, negative before it. `household_name` is empty where it is not known any more."""

    id: str
    number: str
    household_id: str
    household_name: str
    month: str
    due_date: date
    days_late: int
    band: Band
    total_cents: int
    remaining_cents: int
    state: InvoiceState


class BandTotal(Answer):
    band: Band
    count: int
    cents: int


class UnpaidPage(Answer):
    """`bands`: over the whole cash office, every band in order; left out after the first page."""

    cash_office_id: str
    on: date
    bands: list[BandTotal]
    items: list[UnpaidInvoice]
    next_cursor: str | None


async def list_unpaid_invoices(request: web.Request, query: Page, caller: Caller) -> UnpaidPage:
    """What families owe a cash office, by age since the due date; ordered by family"""
    office, tariff = await office_asked(request, caller, *READERS)
    today = today_in(await request.app[COPIES].town(tariff.id), request.app[CLOCK]())
    found = await request.app[UNPAID].page(office.id, _place(query.cursor), query.limit + 1)
    page = found[: query.limit]
    audit.about(request, tariff.id, households=[one.household_id for one in page])
    names = await request.app[COPIES].names([one.household_id for one in page])
    last = page[-1] if len(found) > query.limit else None
    return UnpaidPage(
        cash_office_id=office.id,
        on=today,
        bands=[] if query.cursor else await _bands(request, office.id, today),
        items=[_shown(one, names, today) for one in page],
        next_cursor=f"{last.household_id}~{last.id}" if last else None,
    )


def _place(cursor: str) -> tuple[str, str] | None:
    household_id, _, invoice_id = cursor.partition("~")
    if cursor and not invoice_id:
        fault = {"in": "query", "field": "cursor", "message": N_("This is no place in this list."), "facts": {}}
        raise BadInput([fault])
    return (household_id, invoice_id) if cursor else None


async def _bands(request: web.Request, cash_office_id: str, today: date) -> list[BandTotal]:
    sums = dict.fromkeys(BANDS, Amount())
    async for batch in request.app[UNPAID].batches(cash_office_id):
        for band, amount in totals(batch, today).items():
            sums[band] += amount
    return [BandTotal(band=band, count=amount.count, cents=amount.cents) for band, amount in sums.items()]


def _shown(invoice: Invoice, names: Mapping[str, str], today: date) -> UnpaidInvoice:
    return UnpaidInvoice(
        id=invoice.id,
        number=invoice.number,
        household_id=invoice.household_id,
        household_name=names.get(invoice.household_id, ""),
        month=invoice.month,
        due_date=invoice.due_date,
        days_late=days_late(invoice.due_date, today),
        band=band_of(invoice.due_date, today),
        total_cents=invoice.total_cents,
        remaining_cents=invoice.remaining_cents,
        state=invoice.state,
    )


async def export_unpaid_invoices(request: web.Request, query: UnpaidFile, caller: Caller) -> web.StreamResponse:
    """The same as a table"""
    office, tariff = await office_asked(request, caller, *READERS)
    today = today_in(await request.app[COPIES].town(tariff.id), request.app[CLOCK]())
    audit.about(request, tariff.id, others=[office.id])
    return await send_table(request, f"impayes-{office.id}", query.format, HEADER, _rows(request, office.id, today))


async def _rows(request: web.Request, cash_office_id: str, today: date) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    async for batch in request.app[UNPAID].batches(cash_office_id):
        names = await request.app[COPIES].names([one.household_id for one in batch])
        yield [_row(one, names, today) for one in batch if owes(one)]


def _row(invoice: Invoice, names: Mapping[str, str], today: date) -> Sequence[Cell]:
    return (
        invoice.cash_office_id,
        invoice.household_id,
        names.get(invoice.household_id, ""),
        invoice.number,
        invoice.month,
        invoice.due_date.isoformat(),
        days_late(invoice.due_date, today),
        BAND_NAMES[band_of(invoice.due_date, today)],
        comma_euros(invoice.total_cents),
        comma_euros(invoice.remaining_cents),
        invoice.state,
    )


OFFICE = "/api/v1/cash-offices/{cash_office_id}"
ROUTES = [
    Route(
        method="GET",
        path=f"{OFFICE}/unpaid-invoices",
        handler=list_unpaid_invoices,
        who=agent(*READERS),
        query=Page,
        answer=UnpaidPage,
        audit="unpaid_invoices_listed",
    ),
    Route(
        method="GET",
        path=f"{OFFICE}/unpaid-invoice-exports",
        handler=export_unpaid_invoices,
        who=agent(*READERS),
        query=UnpaidFile,
        gives=GIVES,
        audit="unpaid_invoices_exported",
    ),
]
