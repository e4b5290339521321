"""The agents' list as a table."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from services.requests.http.parts import HOUSEHOLDS, LISTS, TOWNS
from services.requests.http.processing.acts import Town
from services.requests.http.readers import READERS
from services.requests.http.reading import FilterQuery, filters_of
from services.requests.store import Filters, Page
from shared import audit
from shared.auth import Caller
from shared.errors import N_
from shared.exports import GIVES, Cell, Format, send_table
from shared.mongo import Document
from shared.problems import CATALOGUES, language_of
from shared.web import CLOCK, Route, agent

HEADER = (
    N_("Reference"),
    N_("State"),
    N_("Thematic"),
    N_("Category"),
    N_("Household"),
    N_("Child"),
    N_("Filed on"),
    N_("Expected by"),
    N_("Answered on"),
    N_("In hand of"),
)
STATES: Mapping[str, str] = {
    "filed": N_("Filed"),
    "in_progress": N_("In progress"),
    "waiting_for_family": N_("Waiting for the family"),
    "accepted": N_("Accepted"),
    "refused": N_("Refused"),
    "withdrawn": N_("Withdrawn"),
}
BATCH = 200


class ExportQuery(FilterQuery):
    """The filters of the list; `format`: `csv` (UTF-8, semicolons) or `xlsx`."""

    municipality_id: Town
    format: Format = Field(default="csv")


async def export_requests(request: web.Request, query: ExportQuery, caller: Caller) -> web.StreamResponse:
    """The requests of a town as a table, without drafts, answers or messages"""
    town = caller.agent_of(query.municipality_id, *READERS)
    office = await request.app[TOWNS].office(town)
    today = office.today(request.app[CLOCK]())
    catalogues, language = request.app[CATALOGUES], language_of(request)
    filters = filters_of(query, caller, {town: today})
    words = {state: catalogues.translate(language, name) for state, name in STATES.items()}
    header = [catalogues.translate(language, name) for name in HEADER]
    audit.about(request, town, households=await request.app[LISTS].households_in(town, filters))
    rows = _rows(request, town, filters, words, office.zone)
    return await send_table(request, f"demandes-{town}-{today}", query.format, header, rows)


async def _rows(
    request: web.Request, town: str, filters: Filters, words: Mapping[str, str], zone: ZoneInfo
) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    cursor: str | None = ""
    while cursor is not None:
        listed = await request.app[LISTS].of_towns([town], filters, Page(cursor=cursor, limit=BATCH))
        households = {document["household_id"] for document in listed.documents}
        names = await request.app[HOUSEHOLDS].children_in(households)
        yield [_row(document, names.get(document["household_id"], {}), words, zone) for document in listed.documents]
        cursor = listed.next_cursor


def _row(document: Document, children: Mapping[str, str], words: Mapping[str, str], zone: ZoneInfo) -> list[Cell]:
    category, assigned = document["category"], document.get("assigned") or {}
    due_on = document.get("due_on")
    return [
        document["_id"],
        words[document["state"]],
        category["thematic"],
        category["name"],
        document["household_id"],
        children.get(document["child_id"] or "", ""),
        _day(document["filed_at"], zone),
        _written(date.fromisoformat(due_on)) if due_on else "",
        _day(document["answered_at"], zone),
        assigned.get("label") or assigned.get("account_id", ""),
    ]


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return _written(at.astimezone(zone).date()) if at else ""


def _written(day: date) -> str:
    return day.strftime("%d/%m/%Y")


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/request-exports",
        handler=export_requests,
        who=agent(*READERS),
        query=ExportQuery,
        gives=GIVES,
        audit="requests_exported",
    )
]
