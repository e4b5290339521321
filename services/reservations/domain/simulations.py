"""A simulation: a draft regulation tried on a past period of its programme, before anybody is bound by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.regulation import Regulation
from services.reservations.domain.replay import Difference, Effect, Kind
from services.reservations.domain.sheet import month_of
from services.reservations.domain.weekly import week_of
from shared.errors import N_, BadInput, Refused

SimulationState: TypeAlias = Literal["waiting", "running", "done"]
LONGEST = timedelta(days=397)
MOST_AT_ONCE = 5
END = "~"
"""Where the work stands when no child is left."""


class PeriodNotReplayable(BadInput):
    code = "period-not-replayable"
    title = N_("This period cannot be replayed")
    sentence = N_("A simulation covers at most thirteen months, from its first day to its last.")
    remedy = N_("Choose a shorter period.")


class TooManySimulations(Refused):
    code = "too-many-simulations"
    title = N_("Too many simulations at once")
    sentence = N_("%(most)s simulations of this town are still at work.")
    remedy = N_("Wait until one of them is done, or drop one.")


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """`in_force`: the regulation it is compared with, as it was when it began. `after`: where the work stands.
    `tallies`: how much was judged, by `replay_past.Tally`; `changes`: what comes out, known when it is done.
    """

    id: str
    municipality_id: str
    programme_id: str
    draft_id: str
    draft: Regulation
    in_force: Regulation
    first: date
    last: date
    by: str
    asked_at: datetime
    state: SimulationState = "waiting"
    after: str = ""
    children: int = 0
    tallies: Mapping[str, int] = field(default_factory=dict)
    changes: tuple["ChangeCount", ...] = ()
    done_at: datetime | None = None

    @property
    def months(self) -> tuple[str, ...]:
        """Of the days it looks at: those of the period, and of the weeks and absences it cuts."""
        first, last = week_of(self.first)[0], week_of(self.last)[-1]
        found = [month_of(first)]
        while found[-1] < month_of(last):
            year, month = map(int, found[-1].split("-"))
            found.append(month_of(date(year + month // 12, month % 12 + 1, 1)))
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What changes for one child of one household."""

    household_id: str
    child_id: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeCount:
    """How many acts, weeks or absences one rule changes in the same way, of how many children and households."""

    kind: Kind
    before: Effect
    after: Effect
    rule: str
    acts: int
    children: int
    households: int


def refuse_period(first: date, last: date) -> None:
    if last < first or last - first > LONGEST:
        raise PeriodNotReplayable()
