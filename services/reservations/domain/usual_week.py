"""The usual week: what a child ordinarily has in a programme, as its family set it or as the last weeks show it."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from services.reservations.domain.pattern import Pattern, Wanted, slots_of
from services.reservations.domain.period import Period
from services.reservations.domain.sheet import Slot

WEEKS_LEARNED_FROM = 4
ENOUGH = 3


@dataclass(frozen=True, kw_only=True)
class UsualWeek:
    """Set by a household for a child in a programme, from `starts` to `ends`, both included."""

    household_id: str
    municipality_id: str
    child_id: str
    programme_id: str
    pattern: Pattern
    starts: date
    ends: date

    @property
    def id(self) -> str:
        return f"{self.household_id}/{self.child_id}/{self.programme_id}"

    def slots(self, start: date, until: date) -> tuple[Slot, ...]:
        """Its days between two dates, open or not."""
        first, last = max(start, self.starts), min(until, self.ends)
        return slots_of(self.pattern, first, last) if first <= last else ()

    @classmethod
    def span(cls, starts: date, ends: date) -> Period:
        """Raises `PeriodBackwards`; a school year is less than what one request covers."""
        return Period.asked(starts, ends)


def learned(had: Collection[Slot], open_days: Iterable[Slot]) -> Pattern:
    """What the child had in at least three of the last four days of a weekday on which the activity was open.

    `open_days`: of the past, newest first; of each activity and weekday the first four count.
    """
    seen: Counter[tuple[str, int]] = Counter()
    taken: Counter[tuple[str, int]] = Counter()
    for activity_id, day in open_days:
        place = activity_id, day.isoweekday()
        if seen[place] < WEEKS_LEARNED_FROM:
            seen[place] += 1
            taken[place] += (activity_id, day) in had
    weekdays: dict[str, set[int]] = {}
    for (activity_id, weekday), count in taken.items():
        if count >= ENOUGH:
            weekdays.setdefault(activity_id, set()).add(weekday)
    return tuple(Wanted(activity_id=one, weekdays=frozenset(days)) for one, days in sorted(weekdays.items()))
