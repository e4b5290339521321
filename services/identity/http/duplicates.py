"""Files that may be one family's: finding them, merging them, undoing it; for the agents of the town."""

from datetime import datetime
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import Field, StringConstraints

from services.identity.domain.duplicates import Pair
from services.identity.domain.unmerging import MadeMerge
from services.identity.http.family_files import REGISTRARS, Town
from services.identity.http.known_files import KnownFile, known
from services.identity.http.parts import PARTS
from services.identity.usecases.find_duplicates import dismiss_duplicate, find_duplicates
from services.identity.usecases.merge_files import merge_files, undo_merge
from shared import audit
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import Answer, Body, Route, agent

log = structlog.get_logger()
LISTED = 100
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PairsPage(Town):
    """`cursor`: the `next_cursor` of the page before."""

    cursor: Annotated[str, StringConstraints(max_length=4, pattern="^[0-9]*$")] = ""
    limit: int = Field(20, ge=1, le=100)


class Dismissal(Body):
    municipality_id: Id
    first_file_id: Id
    second_file_id: Id


class SameChild(Body):
    """Two references the town has for one child, each in its own file."""

    kept_reference: Reference
    merged_reference: Reference


class MergeBody(Body):
    """`children`: those both files have; all others of the merged file are added to the kept one."""

    municipality_id: Id
    kept_file_id: Id
    merged_file_id: Id
    children: list[SameChild] = Field(default=[], max_length=30)


class PairedFile(KnownFile):
    """One of the two."""


class PairedChild(Answer):
    first_reference: str
    second_reference: str


class PairAnswer(Answer):
    """`reasons`: what they share, of `child`, `email`, `phone`, `address`; `score`: how much that says, 1 to 100."""

    files: list[PairedFile]
    reasons: list[str]
    score: int
    children: list[PairedChild]


class PairsAnswer(Answer):
    items: list[PairAnswer]
    next_cursor: str | None


class MergedChildAnswer(Answer):
    kept_child_id: str
    merged_child_id: str


class MergeAnswer(Answer):
    """`household_id`: the household that goes with the kept file, if any; `children`: ids that became one."""

    merge_id: str
    municipality_id: str
    kept_file_id: str
    merged_file_id: str
    household_id: str | None
    merged_household_id: str | None
    children: list[MergedChildAnswer]
    made_at: datetime
    undone_at: datetime | None


async def list_duplicates(request: web.Request, caller: Caller, query: PairsPage) -> PairsAnswer:
    """Pairs of files that may be one family's, the most alike first."""
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    pairs = await find_duplicates(municipality_id, duplicates=request.app[PARTS].town_files.duplicates)
    start = int(query.cursor or 0)
    shown = pairs[start : start + query.limit]
    audit.about(request, municipality_id, files=[file.id for pair in shown for file in (pair.first, pair.second)])
    more = str(start + query.limit) if start + query.limit < len(pairs) else None
    return PairsAnswer(items=[_shown_pair(pair) for pair in shown], next_cursor=more)


async def dismiss_pair(request: web.Request, caller: Caller, body: Dismissal) -> None:
    """These are two families: not to be proposed again."""
    parts = request.app[PARTS]
    municipality_id = caller.agent_of(body.municipality_id, *REGISTRARS)
    await dismiss_duplicate(
        body.first_file_id,
        body.second_file_id,
        municipality_id=municipality_id,
        account_id=caller.account_id,
        duplicates=parts.town_files.duplicates,
        clock=parts.clock,
    )
    audit.about(request, municipality_id, files=[body.first_file_id, body.second_file_id])


async def merge_family_files(request: web.Request, caller: Caller, body: MergeBody) -> MergeAnswer:
    """Make one of two files of a family, and of their households where both had joined."""
    parts = request.app[PARTS]
    made = await merge_files(
        body.kept_file_id,
        body.merged_file_id,
        [(one.kept_reference, one.merged_reference) for one in body.children],
        municipality_id=caller.agent_of(body.municipality_id, *REGISTRARS),
        account_id=caller.account_id,
        merges=parts.town_files.merges,
        references=parts.town_files.references,
        custodies=parts.town_files.custodies,
        clock=parts.clock,
    )
    _note(request, made)
    log.info("files_merged", merge_id=made.id)
    return _shown(made)


async def list_merges(request: web.Request, caller: Caller, query: Town) -> list[MergeAnswer]:
    """The town's merges, the newest first."""
    municipality_id = caller.agent_of(query.municipality_id, *REGISTRARS)
    made = await request.app[PARTS].town_files.merges.newest(municipality_id, LISTED)
    audit.about(request, municipality_id, files=[file.id for one in made for file in (one.kept_file, one.merged_file)])
    return [_shown(one) for one in made]


async def undo_merge_of_files(request: web.Request, caller: Caller) -> None:
    """Put both files and households back as they were, unless something of them changed since."""
    parts = request.app[PARTS]
    towns = frozenset(town for town, names in caller.roles.items() if names & set(REGISTRARS))
    if not towns:
        raise NotFound()
    made = await undo_merge(
        request.match_info["merge_id"],
        municipality_ids=towns,
        account_id=caller.account_id,
        merges=parts.town_files.merges,
        clock=parts.clock,
    )
    _note(request, made)
    log.info("merge_undone", merge_id=made.id)


def _note(request: web.Request, made: MadeMerge) -> None:
    households = [one.id for one in (made.kept_household, made.merged_household) if one]
    files = [made.kept_file.id, made.merged_file.id]
    audit.about(request, made.municipality_id, files=files, households=households, others=[made.id])


def _shown_pair(pair: Pair) -> PairAnswer:
    return PairAnswer(
        files=[PairedFile(**known(pair.first)), PairedFile(**known(pair.second))],
        reasons=list(pair.reasons),
        score=pair.score,
        children=[PairedChild(first_reference=one, second_reference=other) for one, other in pair.children],
    )


def _shown(made: MadeMerge) -> MergeAnswer:
    return MergeAnswer(
        merge_id=made.id,
        municipality_id=made.municipality_id,
        kept_file_id=made.kept_file.id,
        merged_file_id=made.merged_file.id,
        household_id=made.kept_household.id if made.kept_household else None,
        merged_household_id=made.merged_household.id if made.merged_household else None,
        children=[
            MergedChildAnswer(kept_child_id=new, merged_child_id=old)
            for old, new in made.child_ids.items()
            if old != new
        ],
        made_at=made.made_at,
        undone_at=made.undone_at,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/duplicates",
        handler=list_duplicates,
        who=agent(*REGISTRARS),
        query=PairsPage,
        answer=PairsAnswer,
        audit="duplicates_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/duplicates/dismissals",
        handler=dismiss_pair,
        who=agent(*REGISTRARS),
        body=Dismissal,
        audit="duplicate_dismissed",
    ),
    Route(
        method="GET",
        path="/api/v1/merges",
        handler=list_merges,
        who=agent(*REGISTRARS),
        query=Town,
        answer=list[MergeAnswer],
        audit="merges_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/merges",
        handler=merge_family_files,
        who=agent(*REGISTRARS),
        body=MergeBody,
        answer=MergeAnswer,
        status=201,
        audit="family_files_merged",
    ),
    Route(
        method="DELETE",
        path="/api/v1/merges/{merge_id}",
        handler=undo_merge_of_files,
        who=agent(*REGISTRARS),
        audit="merge_undone",
    ),
]
