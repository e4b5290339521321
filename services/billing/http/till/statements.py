"""The receipts statement (état d'encaissement): as JSON, as a table, on paper."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from aiohttp import web

from services.billing.domain.copies import today_in
from services.billing.domain.papers.words import activity_names
from services.billing.domain.tariffs import CashOffice
from services.billing.domain.till.accounts import Codes
from services.billing.domain.till.statement import Row, Statement, Sum, Tally
from services.billing.domain.till.statement_paper import MOST_ROWS, paper
from services.billing.domain.till.statement_table import HEADER, Line, csv_of, lines_of, quoted, totals_of
from services.billing.http.parts import COPIES, PRINTER
from services.billing.http.till.parts import MONEY
from services.billing.http.till.shapes import DESK, OfficePeriod, codes_of, office_of, town_of
from services.billing.usecases.till.state_receipts import state_receipts, tallied
from shared import audit
from shared.auth import Caller
from shared.errors import Unavailable
from shared.exports import GIVES, MEDIA, Cell, send_table
from shared.web import CLOCK, Answer, Route, agent

AT_ONCE = 5_000


class StatementFile(OfficePeriod):
    format: Literal["csv", "xlsx", "pdf"] = "csv"


class SumShown(Answer):
    """`name`: means of payment or accounting code. `net_cents`: `cents` less what was cancelled in the period."""

    name: str
    count: int
    cents: int
    cancelled_count: int
    cancelled_cents: int
    net_cents: int


class AgeShown(Answer):
    """What remains of pieces due `since` to `until` days ago; both None or open: see docs/accounting.md."""

    since: int | None
    until: int | None
    count: int
    cents: int


class StatementShown(Answer):
    """`opening_cents` + `charged_cents` - `collected_cents` + `refunded_cents` = `closing_cents`, what families owe.

    `unpaid`: as of now, by days since the due date.
    """

    cash_office_id: str
    start: date
    until: date
    total: SumShown
    by_mode: list[SumShown]
    by_code: list[SumShown]
    opening_cents: int
    charged_cents: int
    collected_cents: int
    refunded_cents: int
    closing_cents: int
    unpaid: list[AgeShown]


async def show_receipt_statement(request: web.Request, query: OfficePeriod, caller: Caller) -> StatementShown:
    """What a cash office took in a period, by means and accounting code, and what families owe"""
    office = await office_of(request, caller, query.cash_office_id)
    found = await _statement(request, query, office, await codes_of(request, office))
    return StatementShown(
        cash_office_id=office.id,
        start=found.start,
        until=found.end,
        total=_sum(found.total),
        by_mode=[_sum(one) for one in found.by_mode],
        by_code=[_sum(one) for one in found.by_code],
        opening_cents=found.owed.opening_cents,
        charged_cents=found.owed.charged_cents,
        collected_cents=found.owed.collected_cents,
        refunded_cents=found.owed.refunded_cents,
        closing_cents=found.owed.closing_cents,
        unpaid=[AgeShown(since=one.since, until=one.until, count=one.count, cents=one.cents) for one in found.unpaid],
    )


def _sum(one: Sum) -> SumShown:
    return SumShown(
        name=one.name,
        count=one.count,
        cents=one.cents,
        cancelled_count=one.cancelled_count,
        cancelled_cents=one.cancelled_cents,
        net_cents=one.net_cents,
    )


async def _statement(request: web.Request, query: OfficePeriod, office: CashOffice, codes: Codes) -> Statement:
    return await state_receipts(
        office.id,
        query.start,
        query.until,
        today=await _today(request, office),
        code_of=codes.of,
        statements=request.app[MONEY].statements,
    )


async def _today(request: web.Request, office: CashOffice) -> date:
    return today_in(await request.app[COPIES].town(town_of(office)), request.app[CLOCK]())


async def export_receipt_statement(request: web.Request, query: StatementFile, caller: Caller) -> web.StreamResponse:
    """Every receipt of the period with its products, codes and totals, as a table or on paper"""
    office = await office_of(request, caller, query.cash_office_id)
    audit.about(request, town_of(office), others=[office.id])
    codes = await codes_of(request, office)
    name = f"encaissements-{office.id}-{query.start}-{query.until}"
    if query.format == "pdf":
        return await _printed(request, query, office, codes, name)
    names = await _names(request, office)
    tally = Tally()

    async def batches() -> AsyncIterator[list[Row]]:
        async for batch in _rows(request, query, office):
            tally.add(batch)
            yield batch

    async def totals() -> list[Line]:
        found = await tallied(
            tally,
            office.id,
            query.start,
            query.until,
            today=await _today(request, office),
            code_of=codes.of,
            statements=request.app[MONEY].statements,
        )
        return list(totals_of(found, office.name))

    table = Table(office.name, codes.of, lambda one: names.get(one, one), batches, totals)
    if query.format == "csv":
        return await _send_csv(request, name, csv_pieces(table))
    return await send_table(request, name, query.format, HEADER, table.lines(), inert=False)


async def _send_csv(request: web.Request, name: str, pieces: AsyncIterator[bytes]) -> web.StreamResponse:
    headers = {"Content-Type": MEDIA["csv"], "Content-Disposition": f'attachment; filename="{name}.csv"'}
    answer = web.StreamResponse(headers=headers)
    await answer.prepare(request)
    async for piece in pieces:
        await answer.write(piece)
    return answer


@dataclass(frozen=True)
class Table:
    """The statement as a table: batches of receipts as they come in, then the totals."""

    office: str
    code_of: Callable[[str], str]
    name_of: Callable[[str], str]
    batches: Callable[[], AsyncIterator[list[Row]]]
    totals: Callable[[], Awaitable[list[Line]]]

    async def lines(self) -> AsyncIterator[Sequence[Sequence[Cell]]]:
        async for batch in self.batches():
            yield list(lines_of(batch, self.office, self.code_of, self.name_of))
        yield await self.totals()


async def csv_pieces(table: Table) -> AsyncIterator[bytes]:
    """As `shared.exports` writes it, but a line at once: cell by cell a million of them take too long."""
    yield ("\ufeff" + ";".join(HEADER) + "\r\n").encode()
    async for batch in table.batches():
        yield csv_of(batch, table.office, table.code_of, table.name_of).encode()
    totals = [";".join([quoted(str(cell)) for cell in line]) for line in await table.totals()]
    yield "".join([f"{line}\r\n" for line in totals]).encode()


def _rows(request: web.Request, query: OfficePeriod, office: CashOffice) -> AsyncIterator[list[Row]]:
    return request.app[MONEY].statements.rows(office.id, query.start, query.until, AT_ONCE)


async def _names(request: web.Request, office: CashOffice) -> dict[str, str]:
    return activity_names(await request.app[COPIES].programmes(town_of(office)))


async def _printed(
    request: web.Request, query: OfficePeriod, office: CashOffice, codes: Codes, name: str
) -> web.Response:
    town = await request.app[COPIES].town(town_of(office))
    if town is None:
        raise Unavailable()
    found: list[Row] = []
    async for batch in _rows(request, query, office):
        found += batch
        if len(found) > MOST_ROWS:
            break
    names = await _names(request, office)
    texts = paper(
        await _statement(request, query, office, codes),
        found[:MOST_ROWS],
        town=town,
        office=office,
        code_of=codes.of,
        name_of=lambda one: names.get(one, one),
        printed_on=await _today(request, office),
        complete=len(found) <= MOST_ROWS,
    )
    pdf = await request.app[PRINTER].print(texts)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"', "X-Content-Type-Options": "nosniff"}
    return web.Response(body=pdf, content_type="application/pdf", headers=headers)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/receipt-statements",
        handler=show_receipt_statement,
        who=agent(*DESK),
        query=OfficePeriod,
        answer=StatementShown,
    ),
    Route(
        method="GET",
        path="/api/v1/receipt-statement-exports",
        handler=export_receipt_statement,
        who=agent(*DESK),
        query=StatementFile,
        gives=f"{GIVES}, application/pdf",
        audit="receipts_exported",
    ),
]
