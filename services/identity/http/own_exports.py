"""Everything about one's household, from every service, in one archive."""

from datetime import datetime

import structlog
from aiohttp import web

from services.identity.domain.exports import Export
from services.identity.http.archive import send_archive
from services.identity.http.parts import PARTS
from services.identity.usecases.exports import ask_export
from shared.auth import Caller
from shared.web import GUARDIAN, Answer, Route

log = structlog.get_logger()


class ExportAnswer(Answer):
    """`state`: `gathering`, `ready` (until `expires_at`) or `over`. `archive_href`: where to fetch it once ready."""

    export_id: str
    state: str
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    archive_href: str | None


class ExportsAnswer(Answer):
    items: list[ExportAnswer]
    next_cursor: str | None = None


async def ask_own_export(request: web.Request, caller: Caller) -> ExportAnswer:
    """Have everything about the household gathered; an e-mail tells when it can be fetched."""
    parts, household_id = request.app[PARTS], caller.household()
    await parts.fresh.check(caller)
    export = await ask_export(
        caller.account_id,
        household_id,
        households=parts.households,
        exports=parts.privacy.exports,
        clock=parts.clock,
    )
    log.info("export_asked", export_id=export.id)
    return _shown(export, parts.clock())


async def list_own_exports(request: web.Request, caller: Caller) -> ExportsAnswer:
    """The archives this account asked for, newest first."""
    parts = request.app[PARTS]
    found = await parts.privacy.exports.of_account(caller.account_id, caller.household())
    now = parts.clock()
    return ExportsAnswer(items=[_shown(export, now) for export in found])


async def fetch_own_archive(request: web.Request, caller: Caller) -> web.StreamResponse:
    """The archive: a ZIP with JSON per service, invoices and documents as they are."""
    parts = request.app[PARTS]
    caller.household()
    export = await parts.privacy.exports.get(request.match_info["export_id"], caller.account_id)
    export.check_ready(parts.clock())
    log.info("export_fetched", export_id=export.id)
    return await send_archive(request, export, parts.privacy.exports)


def _shown(export: Export, now: datetime) -> ExportAnswer:
    state = export.state(now)
    return ExportAnswer(
        export_id=export.id,
        state=state,
        asked_at=export.asked_at,
        ready_at=export.ready_at,
        expires_at=export.expires_at,
        archive_href=f"{PATH}/{export.id}/archive" if state == "ready" else None,
    )


PATH = "/api/v1/me/exports"
ROUTES = [
    Route(method="POST", path=PATH, handler=ask_own_export, who=GUARDIAN, answer=ExportAnswer, status=202),
    Route(method="GET", path=PATH, handler=list_own_exports, who=GUARDIAN, answer=ExportsAnswer),
    Route(
        method="GET",
        path=f"{PATH}/{{export_id}}/archive",
        handler=fetch_own_archive,
        who=GUARDIAN,
        gives="application/zip",
    ),
]
