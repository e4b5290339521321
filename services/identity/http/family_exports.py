"""The town's families as a table, for its agents."""

from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from services.identity.domain.family_export import HEADER, rows_of
from services.identity.http.family_files import REGISTRARS, Town
from services.identity.http.parts import PARTS
from services.identity.store import FamilyFileStore
from shared import audit
from shared.auth import Caller
from shared.exports import GIVES, Format, send_table
from shared.web import Route, agent

log = structlog.get_logger()
AT_ONCE = 500


class Wanted(Town):
    format: Format = "csv"


async def export_families(request: web.Request, caller: Caller, query: Wanted) -> web.StreamResponse:
    """Every family file of the town in the columns of the import: sent back, it changes nothing."""
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    audit.about(request, municipality_id)
    rows = _rows(request.app[PARTS].files, municipality_id)
    # Not made inert: the file is read back as it is.
    answer = await send_table(request, f"familles-{municipality_id}", query.format, HEADER, rows, inert=False)
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
        gives=GIVES,
        audit="families_exported",
    ),
]
