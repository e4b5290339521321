"""Who of the town's agents read or changed what about whom, for its managers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints

from services.identity.domain.trail import WORDS, Entry, Place
from services.identity.http.parts import PARTS
from services.identity.usecases.search_trail import Asked, FoundEntries, search_trail
from shared import audit
from shared.auth import Caller, Role
from shared.errors import N_, BadInput
from shared.local_dates import LocalDate
from shared.problems import CATALOGUES, language_of
from shared.web import Answer, Body, Route, agent

MOST_NAMED = 20
Id = Annotated[str, StringConstraints(max_length=80)]


class TrailQuery(Body):
    """`household_id`: also acts that named its children or its file only; `about_id`: one child or family file.

    `from` and `until`: days in the town's time zone, both included. `cursor`: the `next_cursor` of the page before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    municipality_id: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    household_id: Id = ""
    about_id: Id = ""
    account_id: Id = ""
    action: Annotated[str, StringConstraints(max_length=60, pattern="^[a-z_]*$")] = ""
    since: Annotated[LocalDate | None, Field(alias="from")] = None
    until: LocalDate | None = None
    cursor: Annotated[str, StringConstraints(max_length=100)] = ""
    limit: int = Field(50, ge=1, le=100)


class NamedAnswer(Answer):
    """`name`: null once whoever it is left the town or was erased."""

    id: str
    name: str | None


class PeopleAnswer(Answer):
    """`count` of them, the `first` 20, those asked for before others."""

    count: int
    first: list[NamedAnswer]


class EntryAnswer(Answer):
    """`action`: the same word for every reader; `words`: what it is called in theirs."""

    entry_id: str
    at: datetime
    service: str
    action: str
    words: str
    agent: NamedAnswer
    households: PeopleAnswer
    family_files: PeopleAnswer
    children: PeopleAnswer
    object_ids: list[str]
    request_id: str


class TrailAnswer(Answer):
    items: list[EntryAnswer]
    next_cursor: str | None


async def search_audit_trail(request: web.Request, caller: Caller, query: TrailQuery) -> TrailAnswer:
    """What agents did about the town's families, latest first; looking at it is noted too."""
    parts = request.app[PARTS]
    asked = Asked(
        municipality_id=caller.agent_of(query.municipality_id, Role.MANAGER),
        household_id=query.household_id,
        about_id=query.about_id,
        account_id=query.account_id,
        action=query.action,
        since=query.since,
        until=query.until,
        after=_place(query.cursor),
        limit=query.limit,
    )
    found = await search_trail(asked, trail=parts.trail, towns=parts.towns)
    audit.about(
        request, asked.municipality_id, households=[asked.household_id], others=[asked.about_id, asked.account_id]
    )
    return TrailAnswer(
        items=[_shown(entry, found, request) for entry in found.entries],
        next_cursor=f"{round(found.next.at.timestamp() * 1000)}.{found.next.entry_id}" if found.next else None,
    )


def _shown(entry: Entry, found: FoundEntries, request: web.Request) -> EntryAnswer:
    people, accounts = found.names.people, found.names.accounts
    return EntryAnswer(
        entry_id=entry.id,
        at=entry.at,
        service=entry.service,
        action=entry.action,
        words=request.app[CATALOGUES].translate(language_of(request), WORDS.get(entry.action, entry.action)),
        agent=NamedAnswer(id=entry.account_id, name=accounts.get(entry.account_id)),
        households=_people(entry.household_ids, found.about, people),
        family_files=_people(entry.family_file_ids, found.about, people),
        children=_people(entry.child_ids, found.about, people),
        object_ids=list(entry.object_ids),
        request_id=entry.request_id,
    )


def _people(ids: Sequence[str], about: frozenset[str], names: Mapping[str, str]) -> PeopleAnswer:
    first = sorted(ids, key=lambda one: one not in about)[:MOST_NAMED]
    return PeopleAnswer(count=len(ids), first=[NamedAnswer(id=one, name=names.get(one)) for one in first])


def _place(cursor: str) -> Place | None:
    if not cursor:
        return None
    milliseconds, _, entry_id = cursor.partition(".")
    try:
        return Place(at=datetime.fromtimestamp(int(milliseconds) / 1000, UTC), entry_id=entry_id)
    except (ValueError, OverflowError, OSError):
        fault = {"in": "query", "field": "cursor", "message": N_("This is no place in this list."), "facts": {}}
        raise BadInput([fault]) from None


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/audit-trail",
        handler=search_audit_trail,
        who=agent(Role.MANAGER),
        query=TrailQuery,
        answer=TrailAnswer,
        audit="audit_trail_searched",
    ),
]
