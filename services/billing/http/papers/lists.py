"""Agents' lists: the pieces of a town and its families, and the lines families contest."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.invoices import Invoice, InvoiceState, Kind
from services.billing.domain.papers.contestations import ContestationState
from services.billing.http.papers.pieces import READERS
from services.billing.http.papers.trails import ShownContestation, shown_contestation
from services.billing.http.parts import CONTESTATIONS, PIECES
from services.billing.store.pieces import Wanted
from shared import audit
from shared.auth import Caller
from shared.exports import GIVES, Cell, Format, send_table
from shared.web import Answer, Body, Route, agent

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Limit = Annotated[int, Field(ge=1, le=200)]
HEADER = (
    "Régie",
    "Numéro",
    "Nature",
    "Mois",
    "Foyer",
    "Émise le",
    "Échéance",
    "Montant",
    "Reste",
    "État",
    "Prélèvement le",
    "Rectifie",
)


class WhichPieces(Body):
    """Of a town, narrowed by any of these."""

    municipality_id: Name
    cash_office_id: Name | None = None
    household_id: Name | None = None
    month: Month | None = None
    state: InvoiceState | None = None
    kind: Kind | None = None

    def wanted(self, town: str, after: str = "") -> Wanted:
        return Wanted(
            municipality_id=town,
            cash_office_id=self.cash_office_id,
            household_id=self.household_id,
            month=self.month,
            state=self.state,
            kind=self.kind,
            after=after,
        )


class PageOfPieces(WhichPieces):
    cursor: Annotated[str, StringConstraints(max_length=100)] = ""
    limit: Limit = 50


class PiecesFile(WhichPieces):
    format: Format = "csv"


class ListedPiece(Answer):
    """Amounts of a credit note (`kind` A) are negative; R is a corrective invoice of `corrects`."""

    id: str
    number: str
    kind: Kind
    household_id: str
    cash_office_id: str
    month: str
    issue_date: date
    due_date: date
    total_cents: int
    remaining_cents: int
    state: InvoiceState
    debit_on: date | None
    paid_at: datetime | None
    corrects: str | None


class ListedPieces(Answer):
    items: list[ListedPiece]
    next_cursor: str | None


class WhichContestations(Body):
    """`state` accepted: for the agents to correct."""

    municipality_id: Name
    state: ContestationState | None = None
    cursor: Annotated[str, StringConstraints(max_length=100)] = ""
    limit: Limit = 50


class ListedContestations(Answer):
    items: list[ShownContestation]
    next_cursor: str | None


async def list_household_invoices(request: web.Request, query: PageOfPieces, caller: Caller) -> ListedPieces:
    """Invoices, corrective invoices and credit notes of a town, newest first"""
    town = caller.agent_of(query.municipality_id, *READERS)
    found = await request.app[PIECES].page(query.wanted(town, query.cursor), query.limit + 1)
    page = found[: query.limit]
    audit.about(request, town, households=[one.household_id for one in page])
    return ListedPieces(
        items=[_listed(one) for one in page], next_cursor=page[-1].id if len(found) > query.limit else None
    )


def _listed(piece: Invoice) -> ListedPiece:
    return ListedPiece(**{name: getattr(piece, name) for name in ListedPiece.model_fields})


async def export_household_invoices(request: web.Request, query: PiecesFile, caller: Caller) -> web.StreamResponse:
    """The same as a table, oldest first"""
    town = caller.agent_of(query.municipality_id, *READERS)
    audit.about(request, town, households=[query.household_id or ""])
    batches = request.app[PIECES].batches(query.wanted(town))
    return await send_table(request, f"factures-{town}", query.format, HEADER, _rows(batches))


async def _rows(batches: AsyncIterator[list[Invoice]]) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    async for batch in batches:
        yield [_row(piece) for piece in batch]


def _row(piece: Invoice) -> Sequence[Cell]:
    return (
        piece.cash_office_id,
        piece.number,
        piece.kind,
        piece.month,
        piece.household_id,
        piece.issue_date.isoformat(),
        piece.due_date.isoformat(),
        _amount(piece.total_cents),
        _amount(piece.remaining_cents),
        piece.state,
        piece.debit_on.isoformat() if piece.debit_on else "",
        piece.corrects or "",
    )


def _amount(cents: int) -> str:
    """Euros as French spreadsheets read numbers."""
    sign = "\N{MINUS SIGN}" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100},{abs(cents) % 100:02}"


async def list_contestations(request: web.Request, query: WhichContestations, caller: Caller) -> ListedContestations:
    """Lines families contest, newest first; the accepted ones are to be corrected"""
    town = caller.agent_of(query.municipality_id, *READERS)
    found = await request.app[CONTESTATIONS].of_town(town, query.state, query.cursor, query.limit + 1)
    page = found[: query.limit]
    audit.about(request, town, households=[one.household_id for one in page], others=[one.id for one in page])
    return ListedContestations(
        items=[shown_contestation(one) for one in page],
        next_cursor=page[-1].id if len(found) > query.limit else None,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/household-invoices",
        handler=list_household_invoices,
        who=agent(*READERS),
        query=PageOfPieces,
        answer=ListedPieces,
        audit="household_invoices_listed",
    ),
    Route(
        method="GET",
        path="/api/v1/household-invoice-exports",
        handler=export_household_invoices,
        who=agent(*READERS),
        query=PiecesFile,
        gives=GIVES,
        audit="household_invoices_exported",
    ),
    Route(
        method="GET",
        path="/api/v1/contestations",
        handler=list_contestations,
        who=agent(*READERS),
        query=WhichContestations,
        answer=ListedContestations,
        audit="contestations_listed",
    ),
]
