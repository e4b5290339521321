"""The drafts of a run: what each household is to get, before anything is numbered."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.drafting.anomalies import Anomaly, AnomalyKind
from services.billing.domain.drafting.pool import PooledDraft
from services.billing.domain.invoices import Kind
from services.billing.domain.money import comma_euros
from services.billing.http.months.runs_asked import READERS, run_asked
from services.billing.http.parts import COPIES, DRAFTS
from services.billing.http.runs import InvoiceRun, shown_run
from shared import audit
from shared.auth import Caller
from shared.exports import GIVES, Cell, Format, send_table
from shared.web import Answer, Body, Route, agent

AT_ONCE = 500
HEADER = ("Foyer", "Nom du foyer", "Sorte", "Montant", "Habituellement", "Anomalies", "Acceptées", "Pièce")


class DraftsAsked(Body):
    """`cursor`: the `next_cursor` of the page before. `waiting`: only those with an anomaly to accept."""

    anomaly: AnomalyKind | None = None
    waiting: bool = False
    cursor: Annotated[str, StringConstraints(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class DraftTable(Body):
    format: Format = "csv"


class ShownAnomaly(Answer):
    """`detail`: in identifiers; of `unusual_amount` the amount and the usual one, in cents. `open`: a person has to
    look at it.
    """

    kind: AnomalyKind
    count: int
    detail: str
    open: bool
    accepted_by: str | None
    reason: str


class DraftRow(Answer):
    child_id: str
    activity_id: str
    what: str
    quantity: int
    total_cents: int
    takes_back: bool


class ShownDraft(Answer):
    """`kind` is null where nothing is to be issued. `invoice_id` and `number`: the piece it became, whose lines say
    what it holds.
    """

    household_id: str
    household_name: str
    kind: Kind | None
    total_cents: int
    usual_cents: int | None
    corrects: str | None
    invoice_id: str | None
    number: str
    anomalies: list[ShownAnomaly]
    lines: list[DraftRow]


class DraftPage(Answer):
    """`round`: of drafting, which an approval names."""

    round: int
    items: list[ShownDraft]
    next_cursor: str | None


async def show_invoice_run(request: web.Request, caller: Caller) -> InvoiceRun:
    """One run with the sums of its drafts and what there is to look at"""
    return await shown_run(request, await run_asked(request, caller))


async def list_invoice_drafts(request: web.Request, query: DraftsAsked, caller: Caller) -> DraftPage:
    """The drafts of a run by household; those with an anomaly are asked for by its kind"""
    run = await run_asked(request, caller)
    found = await request.app[DRAFTS].page(
        run.municipality_id,
        run.id,
        after=query.cursor,
        most=query.limit + 1,
        anomaly=query.anomaly,
        waiting=query.waiting,
    )
    page = found[: query.limit]
    households = [draft.household_id for draft in page]
    audit.about(request, run.municipality_id, households=households, others=[run.id])
    names = await request.app[COPIES].names(households)
    last = page[-1].household_id if len(found) > query.limit else None
    return DraftPage(round=run.round, items=[_shown(draft, names) for draft in page], next_cursor=last)


def _shown(draft: PooledDraft, names: Mapping[str, str]) -> ShownDraft:
    return ShownDraft(
        household_id=draft.household_id,
        household_name=names.get(draft.household_id, ""),
        kind=draft.kind,
        total_cents=draft.total_cents,
        usual_cents=draft.usual_cents,
        corrects=draft.corrects,
        invoice_id=draft.issued_as,
        number=draft.number,
        anomalies=[_anomaly(one) for one in draft.anomalies],
        lines=[
            DraftRow(
                child_id=line.child_id,
                activity_id=line.activity_id,
                what=line.what,
                quantity=line.quantity,
                total_cents=line.total_cents,
                takes_back=bool(line.reverses),
            )
            for line in draft.lines
        ],
    )


def _anomaly(one: Anomaly) -> ShownAnomaly:
    return ShownAnomaly(
        kind=one.kind,
        count=one.count,
        detail=one.detail,
        open=one.open,
        accepted_by=one.accepted.by if one.accepted else None,
        reason=one.accepted.reason if one.accepted else "",
    )


async def export_invoice_drafts(request: web.Request, query: DraftTable, caller: Caller) -> web.StreamResponse:
    """The drafts of a run as a table"""
    run = await run_asked(request, caller)
    audit.about(request, run.municipality_id, others=[run.id])
    rows = _rows(request, run.municipality_id, run.id)
    return await send_table(request, f"brouillons-{run.id}", query.format, HEADER, rows)


async def _rows(request: web.Request, municipality_id: str, run_id: str) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    after = ""
    while batch := await request.app[DRAFTS].page(
        municipality_id, run_id, after=after, most=AT_ONCE, anomaly=None, waiting=False
    ):
        names = await request.app[COPIES].names([draft.household_id for draft in batch])
        yield [_row(draft, names) for draft in batch]
        after = batch[-1].household_id


def _row(draft: PooledDraft, names: Mapping[str, str]) -> Sequence[Cell]:
    return (
        draft.household_id,
        names.get(draft.household_id, ""),
        draft.kind or "",
        comma_euros(draft.total_cents),
        "" if draft.usual_cents is None else comma_euros(draft.usual_cents),
        " ".join(f"{one.kind}={one.count}" for one in draft.anomalies),
        " ".join(f"{one.kind}: {one.accepted.reason}" for one in draft.anomalies if one.accepted),
        draft.number,
    )


RUN = "/api/v1/invoice-runs/{run_id}"
ROUTES = [
    Route(method="GET", path=RUN, handler=show_invoice_run, who=agent(*READERS), answer=InvoiceRun),
    Route(
        method="GET",
        path=f"{RUN}/drafts",
        handler=list_invoice_drafts,
        who=agent(*READERS),
        query=DraftsAsked,
        answer=DraftPage,
        audit="invoice_drafts_listed",
    ),
    Route(
        method="GET",
        path=f"{RUN}/draft-exports",
        handler=export_invoice_drafts,
        who=agent(*READERS),
        query=DraftTable,
        gives=GIVES,
        audit="invoice_drafts_exported",
    ),
]
