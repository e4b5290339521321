"""Shapes of simulations: what is tried, what comes out, and for whom."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.replay import Difference, Effect, Judged, Kind
from services.reservations.domain.simulations import Findings, Simulation, SimulationState
from services.reservations.http.shapes import Id, PageSize
from services.reservations.http.shapes_of_regulations import DraftRegulation
from services.reservations.usecases.simulate import Asked
from shared.errors import N_
from shared.exports import Format
from shared.local_dates import LocalDate
from shared.web import Answer, Body


class NewSimulation(Body):
    """What is tried: a draft by its id, or a regulation as it is; on which days, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    programme_id: Id
    draft_id: Id | None = None
    regulation: DraftRegulation | None = None
    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate

    @model_validator(mode="after")
    def _one_of_both(self) -> "NewSimulation":
        if (self.draft_id is None) == (self.regulation is None):
            raise ValueError(N_("Give either “draft_id” or “regulation”."))
        return self

    @property
    def asked(self) -> Asked:
        return Asked(
            programme_id=self.programme_id,
            first=self.start,
            last=self.until,
            draft_id=self.draft_id or "",
            regulation=self.regulation.rules if self.regulation else None,
        )


class OfProgramme(Body):
    programme_id: Id


class WhichFindings(Body):
    """`rule`: that makes the difference; `household_id`, `child_id`: of one only."""

    rule: Id | None = None
    household_id: Id | None = None
    child_id: Id | None = None
    cursor: Annotated[str, StringConstraints(max_length=600)] = ""
    limit: PageSize = 100


class WhichTable(Body):
    rule: Id | None = None
    format: Format = "csv"


class ShownTallies(Answer):
    """How much was judged; and what could not be: done at an instant nobody kept, or by agents, whom no rule binds.

    `refused`: what deadlines refused families in the last thirty days.
    """

    bookings: int = 0
    cancellations: int = 0
    refused: int = 0
    weeks: int = 0
    absences: int = 0
    unknown: int = 0
    by_agents: int = 0


class ShownChange(Answer):
    """What `rule` changes in the same way: of how many bookings, cancellations, weeks or absent days (`acts`), of how
    many children and households. The rule is the draft's, or the one in force that the draft leaves out.
    """

    kind: Kind
    before: Effect
    after: Effect
    rule: str
    acts: int
    children: int
    households: int


class ShownSimulation(Answer):
    """`children`: how many were looked at so far; `changes` are counted when all were, the most frequent first."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    simulation_id: str
    programme_id: str
    draft_id: str | None
    compared_with: int
    start: Annotated[date, Field(serialization_alias="from")]
    until: date
    state: SimulationState
    children: int
    judged: ShownTallies
    changes: list[ShownChange]
    asked_by: str
    asked_at: datetime
    done_at: datetime | None


class ShownSimulations(Answer):
    items: list[ShownSimulation]


class ShownJudgement(Answer):
    """`why`: of what is refused, the deadline (`passed`, `not_yet`, `no_window`) or the week (`minimum`, `maximum`)."""

    effect: Effect
    rule: str
    surcharge_percent: int | None
    surcharge_cents: int | None
    why: str


class ShownDifference(Answer):
    """`date`: of a week its Monday; `at`: when the family did it, null for weeks and absences."""

    kind: Kind
    activity_id: str | None
    date: date
    at: datetime | None
    before: ShownJudgement
    after: ShownJudgement
    rule: str


class ShownFindings(Answer):
    """Names are empty for a child the town no longer knows."""

    household_id: str
    child_id: str
    reference: str
    first_name: str
    last_name: str
    differences: list[ShownDifference]


class PageOfFindings(Answer):
    items: list[ShownFindings]
    next_cursor: str | None


def simulation_of(found: Simulation) -> ShownSimulation:
    return ShownSimulation(
        simulation_id=found.id,
        programme_id=found.programme_id,
        draft_id=found.draft_id or None,
        compared_with=found.in_force.version,
        start=found.first,
        until=found.last,
        state=found.state,
        children=found.children,
        judged=ShownTallies(**found.tallies),
        changes=[ShownChange(**vars(change)) for change in found.changes],
        asked_by=found.by,
        asked_at=found.asked_at,
        done_at=found.done_at,
    )


def findings_of(found: Iterable[Findings], names: Mapping[str, RosterChild]) -> list[ShownFindings]:
    return [_of_child(one, names.get(one.child_id)) for one in found]


def _of_child(found: Findings, child: RosterChild | None) -> ShownFindings:
    return ShownFindings(
        household_id=found.household_id,
        child_id=found.child_id,
        reference=child.reference if child else "",
        first_name=child.first_name if child else "",
        last_name=child.last_name if child else "",
        differences=[_difference(one) for one in found.differences],
    )


def _difference(one: Difference) -> ShownDifference:
    return ShownDifference(
        kind=one.kind,
        activity_id=one.activity_id or None,
        date=one.day,
        at=one.at,
        before=_judgement(one.before),
        after=_judgement(one.after),
        rule=one.rule,
    )


def _judgement(one: Judged) -> ShownJudgement:
    return ShownJudgement(
        effect=one.effect,
        rule=one.rule_id,
        surcharge_percent=one.surcharge.percent if one.surcharge else None,
        surcharge_cents=one.surcharge.cents if one.surcharge else None,
        why=one.why,
    )
