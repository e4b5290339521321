"""The journal of a cash office: every act on money, page by page or as a table."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field

from services.billing.domain.till.journal import Entry
from services.billing.domain.till.statement_table import MODES, euros
from services.billing.http.till.parts import MONEY
from services.billing.http.till.shapes import DESK, Limit, OfficePeriod, office_of, town_of
from shared import audit
from shared.auth import Caller
from shared.exports import GIVES, Cell, Format, send_table
from shared.web import Answer, Route, agent

AT_ONCE = 2_000
JOURNAL_HEADER = (
    "Régie",
    "N°",
    "Jour",
    "Instant (UTC)",
    "Nature",
    "Pièce",
    "Concerne",
    "Foyer",
    "Mode",
    "Montant",
    "Montant (centimes)",
    "Empreinte précédente",
    "Empreinte",
)


class JournalAsked(OfficePeriod):
    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Limit = 100


class JournalFile(OfficePeriod):
    format: Format = "csv"


class EntryShown(Answer):
    """`seq`: its place in the chain; `hash` covers all it says and `previous` (docs/accounting.md)."""

    seq: int
    id: str
    booked_on: date
    at: datetime
    kind: str
    piece: str
    household_id: str
    mode: str
    cents: int
    facts: dict[str, str]
    previous: str
    hash: str


class JournalPage(Answer):
    """`next_after`: the place to go on from, None at the end."""

    items: list[EntryShown]
    next_after: int | None


async def list_journal(request: web.Request, query: JournalAsked, caller: Caller) -> JournalPage:
    """The journal of a cash office, in the order of its entries"""
    office = await office_of(request, caller, query.cash_office_id)
    found = await request.app[MONEY].journal.entries(
        office.id, start=query.start, end=query.until, after=query.after, limit=query.limit + 1
    )
    page = found[: query.limit]
    audit.about(request, town_of(office), households=[one.household_id for one in page])
    return JournalPage(
        items=[_entry(one) for one in page], next_after=page[-1].seq if len(found) > query.limit else None
    )


def _entry(one: Entry) -> EntryShown:
    return EntryShown(
        seq=one.seq,
        id=one.id,
        booked_on=one.booked_on,
        at=one.at,
        kind=one.kind,
        piece=one.piece,
        household_id=one.household_id,
        mode=one.mode,
        cents=one.cents,
        facts=dict(one.facts),
        previous=one.previous,
        hash=one.hash,
    )


async def export_journal(request: web.Request, query: JournalFile, caller: Caller) -> web.StreamResponse:
    """The journal as a table, streamed"""
    office = await office_of(request, caller, query.cash_office_id)
    audit.about(request, town_of(office), others=[office.id])
    journal = request.app[MONEY].journal

    async def rows() -> AsyncIterator[list[tuple[Cell, ...]]]:
        async for batch in journal.batches(office.id, start=query.start, end=query.until, size=AT_ONCE):
            yield [_line(office.name, one) for one in batch]

    name = f"journal-{office.id}-{query.start}-{query.until}"
    return await send_table(request, name, query.format, JOURNAL_HEADER, rows())


def _line(office: str, one: Entry) -> tuple[Cell, ...]:
    return (
        office,
        one.seq,
        one.booked_on.isoformat(),
        one.at.isoformat(timespec="milliseconds"),
        one.kind,
        one.piece,
        one.facts.get("pieces", ""),
        one.household_id,
        MODES.get(one.mode, one.mode),
        euros(one.cents),
        one.cents,
        one.previous,
        one.hash,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/journal",
        handler=list_journal,
        who=agent(*DESK),
        query=JournalAsked,
        answer=JournalPage,
        audit="journal_read",
    ),
    Route(
        method="GET",
        path="/api/v1/journal-exports",
        handler=export_journal,
        who=agent(*DESK),
        query=JournalFile,
        gives=GIVES,
        audit="journal_exported",
    ),
]
