"""Importing a town's families step by step, for its agents."""

import csv
import io
from collections.abc import Iterable, Sequence

import structlog
from aiohttp import web

from services.identity.domain.formulas import neutral
from services.identity.domain.import_drafts import ImportDraft
from services.identity.domain.import_mapping import ColumnMapping
from services.identity.http.family_files import REGISTRARS, RefusedLine, Town
from services.identity.http.import_shapes import (
    CheckAnswer,
    DraftAnswer,
    ErrorsPage,
    FaultPage,
    MappingBody,
    RunBody,
    shown_draft,
)
from services.identity.http.parts import PARTS
from services.identity.usecases.import_drafts import begin_import, check_import, drop_import, map_columns, start_import
from shared import audit
from shared.auth import Caller
from shared.problems import CATALOGUES, language_of
from shared.tables import Fault
from shared.web import Route, agent, read_limited

log = structlog.get_logger()
LIMIT = 20 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLES = f"text/csv, {XLSX}, application/octet-stream"
LISTED = 50
FAULTS_AT_ONCE = 1_000


async def begin_family_import(request: web.Request, caller: Caller, query: Town) -> DraftAnswer:
    """Send a table of families, CSV or XLSX; nothing is imported before its columns are understood and it is run."""
    parts = request.app[PARTS]
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    draft = await begin_import(
        await read_limited(request, LIMIT),
        municipality_id=municipality_id,
        account_id=caller.account_id,
        read=parts.town_files.read,
        drafts=parts.town_files.drafts,
        clock=parts.clock,
    )
    audit.about(request, municipality_id, others=[draft.id])
    log.info("import_begun", draft_id=draft.id, format=draft.format, lines=draft.lines)
    return shown_draft(draft)


async def list_family_imports(request: web.Request, caller: Caller, query: Town) -> list[DraftAnswer]:
    """The town's imports of the last days, the newest first."""
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    found = await request.app[PARTS].town_files.drafts.newest(municipality_id, LISTED)
    return [shown_draft(draft) for draft in found]


async def show_family_import(request: web.Request, caller: Caller) -> DraftAnswer:
    """How far an import is."""
    draft = await _asked(request, caller)
    audit.about(request, draft.municipality_id, others=[draft.id])
    return shown_draft(draft)


async def map_family_import(request: web.Request, caller: Caller, body: MappingBody) -> DraftAnswer:
    """Say which column holds which field; the town's next file starts from it."""
    draft = await map_columns(
        request.match_info["draft_id"],
        ColumnMapping(body.columns, body.date_format),
        municipality_ids=_towns(caller),
        drafts=request.app[PARTS].town_files.drafts,
    )
    audit.about(request, draft.municipality_id, others=[draft.id])
    return shown_draft(draft)


async def check_family_import(request: web.Request, caller: Caller) -> CheckAnswer:
    """Look through the whole file without importing any of it."""
    parts = request.app[PARTS]
    draft = await _asked(request, caller)
    run = await check_import(
        draft.id,
        municipality_ids=_towns(caller),
        read=parts.town_files.read,
        drafts=parts.town_files.drafts,
        files=parts.files,
        clock=parts.clock,
    )
    audit.about(request, draft.municipality_id, others=[draft.id])
    counts = run.counts
    return CheckAnswer(
        lines=run.lines,
        families=run.families,
        created=counts.created,
        updated=counts.updated,
        unchanged=counts.unchanged,
        left_out=run.refused,
        refused=len(run.faults),
    )


async def list_import_errors(request: web.Request, caller: Caller, query: FaultPage) -> ErrorsPage:
    """What is wrong with which line, as the last look or the import found it."""
    drafts = request.app[PARTS].town_files.drafts
    draft = await _asked(request, caller)
    start = int(query.cursor or 0)
    found = await drafts.faults(draft, start, query.limit + 1)
    audit.about(request, draft.municipality_id, others=[draft.id])
    more = str(start + query.limit) if len(found) > query.limit else None
    return ErrorsPage(items=_sentences(request, found[: query.limit]), next_cursor=more)


async def send_import_errors(request: web.Request, caller: Caller) -> web.StreamResponse:
    """The same as a table to work through in a spreadsheet."""
    drafts = request.app[PARTS].town_files.drafts
    draft = await _asked(request, caller)
    audit.about(request, draft.municipality_id, others=[draft.id])
    headers = {"Content-Disposition": 'attachment; filename="erreurs.csv"', "Content-Type": "text/csv; charset=utf-8"}
    answer = web.StreamResponse(headers=headers)
    await answer.prepare(request)
    await answer.write(_csv([("ligne", "colonne", "message")]).encode("utf-8-sig"))
    start = 0
    while found := await drafts.faults(draft, start, FAULTS_AT_ONCE):
        lines = [(str(one.line), one.field, one.message) for one in _sentences(request, found)]
        await answer.write(_csv(lines).encode())
        start += FAULTS_AT_ONCE
    return answer


async def run_family_import(request: web.Request, caller: Caller, body: RunBody) -> DraftAnswer:
    """Have it done in the background; the import itself says how far it is."""
    parts = request.app[PARTS]
    draft = await start_import(
        request.match_info["draft_id"],
        invite=body.invite,
        municipality_ids=_towns(caller),
        drafts=parts.town_files.drafts,
        clock=parts.clock,
    )
    parts.town_files.importing.started.set()
    audit.about(request, draft.municipality_id, others=[draft.id])
    log.info("import_started", draft_id=draft.id)
    return shown_draft(draft)


async def drop_family_import(request: web.Request, caller: Caller) -> None:
    """Forget the file."""
    draft = await _asked(request, caller)
    drafts = request.app[PARTS].town_files.drafts
    audit.about(request, draft.municipality_id, others=[draft.id])
    await drop_import(draft.id, municipality_ids=_towns(caller), drafts=drafts)


def _towns(caller: Caller) -> frozenset[str]:
    return frozenset(town for town, names in caller.roles.items() if names & set(REGISTRARS))


async def _asked(request: web.Request, caller: Caller) -> ImportDraft:
    drafts = request.app[PARTS].town_files.drafts
    return await drafts.get(request.match_info["draft_id"], _towns(caller))


def _sentences(request: web.Request, faults: Sequence[Fault]) -> list[RefusedLine]:
    catalogues, language = request.app[CATALOGUES], language_of(request)
    return [
        RefusedLine(line=one.line, field=one.column, message=catalogues.sentence(language, one.sentence, one.facts))
        for one in faults
    ]


def _csv(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows([neutral(cell) for cell in row] for row in rows)
    return written.getvalue()


PATH = "/api/v1/family-import-drafts"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=begin_family_import,
        who=agent(*REGISTRARS),
        query=Town,
        takes=TABLES,
        answer=DraftAnswer,
        status=201,
        audit="family_import_begun",
    ),
    Route(
        method="GET",
        path=PATH,
        handler=list_family_imports,
        who=agent(*REGISTRARS),
        query=Town,
        answer=list[DraftAnswer],
        audit="family_imports_listed",
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{draft_id}}",
        handler=show_family_import,
        who=agent(*REGISTRARS),
        answer=DraftAnswer,
        audit="family_import_shown",
    ),
    Route(
        method="DELETE",
        path=f"{PATH}/{{draft_id}}",
        handler=drop_family_import,
        who=agent(*REGISTRARS),
        audit="family_import_dropped",
    ),
    Route(
        method="PUT",
        path=f"{PATH}/{{draft_id}}/mapping",
        handler=map_family_import,
        who=agent(*REGISTRARS),
        body=MappingBody,
        answer=DraftAnswer,
        audit="family_import_mapped",
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{draft_id}}/check",
        handler=check_family_import,
        who=agent(*REGISTRARS),
        answer=CheckAnswer,
        audit="family_import_checked",
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{draft_id}}/errors",
        handler=list_import_errors,
        who=agent(*REGISTRARS),
        query=FaultPage,
        answer=ErrorsPage,
        audit="family_import_errors_read",
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{draft_id}}/errors.csv",
        handler=send_import_errors,
        who=agent(*REGISTRARS),
        gives="text/csv",
        audit="family_import_errors_read",
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{draft_id}}/run",
        handler=run_family_import,
        who=agent(*REGISTRARS),
        body=RunBody,
        answer=DraftAnswer,
        status=202,
        audit="family_import_started",
    ),
]
