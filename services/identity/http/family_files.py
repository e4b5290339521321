"""Family files, for the agents of the town they belong to."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import Field, StringConstraints

from services.identity.domain.families import FamilyFile
from services.identity.domain.imports import ImportReport
from services.identity.http.parts import PARTS
from services.identity.usecases.import_families import import_families
from services.identity.usecases.import_staff import import_staff
from services.identity.usecases.invitations import invite_again
from shared import audit
from shared.auth import Caller, Role
from shared.problems import CATALOGUES, language_of
from shared.web import Answer, Body, Route, agent, read_limited

log = structlog.get_logger()
IMPORT_LIMIT = 10 * 1024 * 1024
REGISTRARS = (Role.MANAGER, Role.REGISTRAR)
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Town(Body):
    municipality_id: Id


class FamilyImport(Town):
    """`invite`: send a code to every family that waits without one."""

    invite: bool = False


class Page(Town):
    """`cursor`: the `next_cursor` of the page before."""

    cursor: Annotated[str, StringConstraints(max_length=60)] = ""
    limit: int = Field(50, ge=1, le=200)


class RefusedLine(Answer):
    """`line` counts from 1, the header; `field` is the column."""

    line: int
    field: str
    message: str


class ImportAnswer(Answer):
    created: int
    updated: int
    unchanged: int
    invited: int
    refused: list[RefusedLine]


class FileGuardianAnswer(Answer):
    civility: str
    first_name: str
    last_name: str


class FileChildAnswer(Answer):
    reference: str
    first_name: str
    last_name: str
    birth_date: date


class FamilyFileAnswer(Answer):
    """`state`: `not_invited`, `invited`, `expired` or `joined`."""

    family_file_id: str
    reference: str
    name: str
    email: str
    guardians: list[FileGuardianAnswer]
    children: list[FileChildAnswer]
    resident: bool
    state: str
    invited_at: datetime | None
    expires_at: datetime | None


class FamilyFilesAnswer(Answer):
    items: list[FamilyFileAnswer]
    next_cursor: str | None


class InvitedAnswer(Answer):
    family_file_id: str
    invited_at: datetime
    expires_at: datetime


async def import_family_files(request: web.Request, caller: Caller, query: FamilyImport) -> ImportAnswer:
    """Create and update the town's family files from a CSV table, one line per child."""
    parts = request.app[PARTS]
    report = await import_families(
        await read_limited(request, IMPORT_LIMIT),
        municipality_id=caller.agent_of(query.municipality_id, *REGISTRARS),
        invite=query.invite,
        files=parts.files,
        households=parts.households,
        codes=parts.codes,
        clock=parts.clock,
    )
    audit.about(request, query.municipality_id, files=report.file_ids)
    return _shown_report(request, report, "families_imported")


async def import_agents(request: web.Request, caller: Caller, query: Town) -> ImportAnswer:
    """Give agents their roles in the town from a CSV table; new ones are invited."""
    parts = request.app[PARTS]
    report = await import_staff(
        await read_limited(request, IMPORT_LIMIT),
        municipality_id=caller.agent_of(query.municipality_id, Role.MANAGER),
        sender_id=caller.account_id,
        accounts=parts.accounts,
        sessions=parts.sessions,
        codes=parts.codes,
        clock=parts.clock,
    )
    return _shown_report(request, report, "staff_imported")


async def list_family_files(request: web.Request, caller: Caller, query: Page) -> FamilyFilesAnswer:
    """The town's family files by name, page after page."""
    parts = request.app[PARTS]
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    found = await parts.files.page(municipality_id, query.cursor, query.limit + 1)
    shown, now = found[: query.limit], parts.clock()
    more = len(found) > query.limit
    _say_whom(request, municipality_id, shown)
    return FamilyFilesAnswer(
        items=[_shown_file(file, now) for file in shown], next_cursor=shown[-1].id if more else None
    )


def _say_whom(request: web.Request, municipality_id: str, files: Sequence[FamilyFile]) -> None:
    households = [file.household_id for file in files]
    audit.about(request, municipality_id, files=[file.id for file in files], households=households)


async def send_invitation(request: web.Request, caller: Caller) -> InvitedAnswer:
    """Send the family a fresh code; the former one is worth nothing any more."""
    parts = request.app[PARTS]
    towns = frozenset(town for town, names in caller.roles.items() if names & set(REGISTRARS))
    file_id = request.match_info["family_file_id"]
    file = await parts.files.get(file_id, towns)
    issued = await invite_again(file_id, municipality_ids=towns, files=parts.files, codes=parts.codes)
    _say_whom(request, file.municipality_id, [file])
    log.info("family_invited_again", family_file_id=file_id)
    return InvitedAnswer(family_file_id=file_id, invited_at=issued.at, expires_at=issued.expires_at)


def _shown_report(request: web.Request, report: ImportReport, event: str) -> ImportAnswer:
    counts = {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "invited": report.invited,
    }
    log.info(event, **counts, refused=len(report.faults))
    catalogues, language = request.app[CATALOGUES], language_of(request)
    refused = [
        RefusedLine(
            line=fault.line, field=fault.column, message=catalogues.sentence(language, fault.sentence, fault.facts)
        )
        for fault in report.faults
    ]
    return ImportAnswer(**counts, refused=refused)


def _shown_file(file: FamilyFile, now: datetime) -> FamilyFileAnswer:
    family, invitation = file.family, file.invitation
    return FamilyFileAnswer(
        family_file_id=file.id,
        reference=family.reference,
        name=family.name,
        email=family.email,
        guardians=[FileGuardianAnswer(**vars(one)) for one in family.guardians],
        children=[FileChildAnswer(**vars(one)) for one in family.children],
        resident=family.resident,
        state=file.state(now),
        invited_at=invitation.issued_at if invitation else None,
        expires_at=invitation.expires_at if invitation else None,
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/family-imports",
        handler=import_family_files,
        audit="families_imported",
        who=agent(*REGISTRARS),
        query=FamilyImport,
        takes="text/csv",
        answer=ImportAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/staff-imports",
        handler=import_agents,
        audit="agents_imported",
        who=agent(Role.MANAGER),
        query=Town,
        takes="text/csv",
        answer=ImportAnswer,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/family-files",
        handler=list_family_files,
        audit="family_files_listed",
        who=agent(*REGISTRARS),
        query=Page,
        answer=FamilyFilesAnswer,
    ),
    Route(
        method="POST",
        path="/api/v1/family-files/{family_file_id}/invitation",
        handler=send_invitation,
        audit="family_invited",
        who=agent(*REGISTRARS),
        answer=InvitedAnswer,
        status=201,
    ),
]
