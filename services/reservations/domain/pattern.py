"""Weekdays wanted of activities, in every week or every other: what a period, a usual week and its reminder repeat."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.sheet import Slot, in_order

Weeks: TypeAlias = Literal["every", "odd", "even"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An activity on ISO weekdays (Monday 1). Odd and even are the numbers of ISO weeks: 53 and 1 are both odd."""

    activity_id: str
    weekdays: frozenset[int]
    weeks: Weeks = "every"

    def on(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and self._in_week(day.isocalendar().week)

    def _in_week(self, week: int) -> bool:
        return self.weeks == "every" or (self.weeks == "odd") == bool(week % 2)


Pattern: TypeAlias = tuple[Wanted, ...]


def days_between(start: date, until: date) -> list[date]:
    """Both ends included."""
    return [start + timedelta(days=after) for after in range((until - start).days + 1)]


def slots_of(pattern: Pattern, start: date, until: date) -> tuple[Slot, ...]:
    """Every day of the pattern, open or not, each once, by date."""
    days = days_between(start, until)
    return in_order({(wanted.activity_id, day) for wanted in pattern for day in days if wanted.on(day)})


def pattern_of(slots: Iterable[Slot]) -> Pattern:
    """What the days of one week would be in every week."""
    weekdays: dict[str, set[int]] = {}
    for activity_id, day in slots:
        weekdays.setdefault(activity_id, set()).add(day.isoweekday())
    return tuple(Wanted(activity_id=one, weekdays=frozenset(days)) for one, days in sorted(weekdays.items()))


def monday_of(day: date) -> date:
    return day - timedelta(days=day.isoweekday() - 1)
