"""The town's families as a table, for its agents."""

from collections.abc import AsyncIterator
from typing import Literal

import structlog
from aiohttp import web

from services.identity.domain.family_export import HEADER, rows_of
from services.identity.http.family_files import REGISTRARS, Town
from services.identity.http.import_drafts import XLSX
from services.identity.http.parts import PARTS
from services.identity.store import FamilyFileStore
from services.identity.store.tables import csv_pieces, xlsx_pieces
from shared import audit
from shared.auth import Caller
from shared.web import Route, agent

log = structlog.get_logger()
AT_ONCE = 500
KINDS = {"csv": (csv_pieces, "text/csv; charset=utf-8"), "xlsx": (xlsx_pieces, XLSX)}


class Wanted(Town):
    format: Literal["csv", "xlsx"] = "csv"


async def export_families(request: web.Request, caller: Caller, query: Wanted) -> web.StreamResponse:
    """Every family file of the town in the columns of the import: sent back, it changes nothing."""
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    audit.about(request, municipality_id)
    pieces, media = KINDS[query.format]
    disposition = f'attachment; filename="familles-{municipality_id}.{query.format}"'
    answer = web.StreamResponse(headers={"Content-Type": media, "Content-Disposition": disposition})
    await answer.prepare(request)
    async for piece in pieces(HEADER, _rows(request.app[PARTS].files, municipality_id)):
        await answer.write(piece)
    log.info("families_exported", format=query.format)
    return answer


async def _rows(files: FamilyFileStore, municipality_id: str) -> AsyncIterator[list[list[str]]]:
    async for some in files.each(municipality_id, AT_ONCE):
        yield [row for file in some for row in rows_of(file.whole)]


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/family-exports",
        handler=export_families,
        who=agent(*REGISTRARS),
        query=Wanted,
        gives=f"text/csv, {XLSX}",
        audit="families_exported",
    ),
]
