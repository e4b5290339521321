"""The door to the school-year change: what it would do, and doing it."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field

from services.reservations.domain.school_year import Move, OneChild, Unplaced
from services.reservations.http.enrolments import Word
from services.reservations.http.parts import CATALOGUE, ENROLMENTS, ROSTER
from services.reservations.http.shapes import Id
from services.reservations.usecases.change_school_year import Asked, change_school_year
from shared import audit
from shared.auth import Caller, Role
from shared.local_dates import LocalDate
from shared.problems import CATALOGUES, language_of
from shared.web import CLOCK, Answer, Body, Route, agent

MOST = 2_000


class MoveBody(Body):
    """Where the children of a site and group go. `group` `*`: every group of the site that no other move names.

    Without `to_site_id` they stay at the site; without `to_group` the group keeps its name. `leaves`: they go
    elsewhere, and what they were enrolled in ends before the new year.
    """

    site_id: Id
    group: Word
    to_site_id: Word = ""
    to_group: Word | None = None
    leaves: bool = False

    def move(self) -> Move:
        return Move(**dict(self))


class ChildBody(Body):
    """What holds for one child, by the town's reference, whatever its group does."""

    reference: Id
    to_site_id: Word = ""
    to_group: Word | None = None
    leaves: bool = False

    def exception(self) -> OneChild:
        return OneChild(**dict(self))


class SchoolYearBody(Body):
    """New enrolments from `from` until `until` for the children enrolled on `enrolled_on`, the last day of class before
    when left out. `programme_ids`: none for every programme. `dry_run`: only say what would change.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    municipality_id: Id
    starts: Annotated[LocalDate, Field(alias="from")]
    ends: Annotated[LocalDate, Field(alias="until")]
    enrolled_on: LocalDate | None = None
    programme_ids: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    moves: Annotated[tuple[MoveBody, ...], Field(max_length=MOST)]
    exceptions: Annotated[tuple[ChildBody, ...], Field(max_length=MOST)] = ()
    dry_run: bool = False

    def asked(self) -> Asked:
        return Asked(
            municipality_id=self.municipality_id,
            starts=self.starts,
            ends=self.ends,
            enrolled_on=self.enrolled_on,
            programme_ids=frozenset(self.programme_ids),
            moves=[move.move() for move in self.moves],
            exceptions=[one.exception() for one in self.exceptions],
            dry_run=self.dry_run,
        )


class UnplacedChild(Answer):
    reference: str
    programme_id: str
    site_id: str
    group: str
    message: str


class SchoolYearReport(Answer):
    """Counts are of children's programmes. `unchanged`: those that have an enrolment of the new year already.

    `unplaced`: those that no move says anything of, the first 500 of them. `missed`: children that somebody changed at
    the same moment; the same call again completes them.
    """

    dry_run: bool
    enrolled_on: date
    children: int
    created: int
    unchanged: int
    left: int
    missed: int
    unplaced_count: int
    unplaced: list[UnplacedChild]


async def move_into_school_year(request: web.Request, body: SchoolYearBody, caller: Caller) -> SchoolYearReport:
    """Enrol the town's children for a new school year, each group where it moves on; the same again adds nothing."""
    municipality_id = caller.agent_of(body.municipality_id, Role.MANAGER)
    report = await change_school_year(
        body.asked(),
        catalogue=request.app[CATALOGUE],
        enrolments=request.app[ENROLMENTS],
        roster=request.app[ROSTER],
        clock=request.app[CLOCK],
    )
    links = await request.app[ROSTER].links_of(municipality_id, report.references)
    audit.about(request, municipality_id, households=links, children=set().union(*links.values()))
    return SchoolYearReport(
        dry_run=body.dry_run,
        enrolled_on=report.enrolled_on,
        children=len(report.references),
        created=report.outcomes["created"],
        unchanged=report.outcomes["unchanged"],
        left=report.outcomes["left"],
        missed=report.missed,
        unplaced_count=report.outcomes["unplaced"],
        unplaced=[_shown(request, one) for one in report.unplaced],
    )


def _shown(request: web.Request, one: Unplaced) -> UnplacedChild:
    message = request.app[CATALOGUES].sentence(language_of(request), one.reason, {})
    return UnplacedChild(
        reference=one.reference, programme_id=one.programme_id, site_id=one.site_id, group=one.group, message=message
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/school-year-changes",
        handler=move_into_school_year,
        who=agent(Role.MANAGER),
        body=SchoolYearBody,
        answer=SchoolYearReport,
        audit="school_year_changed",
    ),
]
