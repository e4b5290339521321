"""Move a town's children into a new school year, or say what that would do."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.enrolments import Enrolled
from services.reservations.domain.programmes import Programme
from services.reservations.domain.school_year import Move, OneChild, SchoolYear, Unplaced, advance, checked
from services.reservations.domain.school_year import last_day_of_class as last_day
from services.reservations.domain.town import Town
from services.reservations.usecases.enrol import Roster, save
from shared.clock import Clock
from shared.errors import Conflict

LISTED = 500


class Current(Protocol):
    @property
    def catalogue(self) -> Catalogue: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...
    async def versioned(self, municipality_id: str) -> Current: ...


class Enrolments(Protocol):
    def in_batches(
        self, municipality_id: str, programme_ids: Collection[str]
    ) -> AsyncIterator[Mapping[str, Enrolled]]: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`enrolled_on`: None for the last day of class before the new year; no programme for every one of the town."""

    municipality_id: str
    starts: date
    ends: date
    enrolled_on: date | None
    programme_ids: frozenset[str]
    moves: Sequence[Move]
    exceptions: Sequence[OneChild]
    dry_run: bool


@dataclass
class Report:
    """Counts of children's programmes; `references` of the children changed. `missed`: children somebody else changed
    at that moment, who are as they were: asking again completes them. `unplaced` lists the first ones only.
    """

    enrolled_on: date
    outcomes: Counter[str] = field(default_factory=Counter)
    unplaced: list[Unplaced] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    missed: int = 0


async def change_school_year(
    asked: Asked, *, catalogue: Towns, enrolments: Enrolments, roster: Roster, clock: Clock
) -> Report:
    """Raises `NotFound`, `UnusableYear`. The same again finds every child moved."""
    town = await catalogue.town(asked.municipality_id)
    current = await catalogue.versioned(asked.municipality_id)
    programmes = current.catalogue.programmes
    year = checked(
        SchoolYear(
            starts=asked.starts,
            ends=asked.ends,
            enrolled_on=asked.enrolled_on or last_day(town.calendar, asked.starts),
            programme_ids=asked.programme_ids or frozenset(programmes),
            moves=asked.moves,
            exceptions={one.reference: one for one in asked.exceptions},
        ),
        current.catalogue,
    )
    report = Report(enrolled_on=year.enrolled_on)
    async for batch in enrolments.in_batches(asked.municipality_id, year.programme_ids):
        changed = _advance_all(batch, year, programmes, report)
        if not asked.dry_run:
            await _save(asked.municipality_id, changed, report, roster, clock)
        report.references += changed
    return report


def _advance_all(
    batch: Mapping[str, Enrolled], year: SchoolYear, programmes: Mapping[str, Programme], report: Report
) -> dict[str, tuple[Enrolled, Enrolled]]:
    changed = {}
    for reference, known in batch.items():
        advanced = advance(reference, known, year, programmes)
        report.outcomes += advanced.outcomes
        report.unplaced += advanced.unplaced[: LISTED - len(report.unplaced)]
        if advanced.enrolled is not known:
            changed[reference] = (known, advanced.enrolled)
    return changed


async def _save(
    municipality_id: str,
    changed: Mapping[str, tuple[Enrolled, Enrolled]],
    report: Report,
    roster: Roster,
    clock: Clock,
) -> None:
    try:
        await save(municipality_id, changed, roster=roster, clock=clock)
    except Conflict:
        now = await roster.enrolled(municipality_id, changed)
        report.missed += sum(now[reference].enrolments != after.enrolments for reference, (_, after) in changed.items())
