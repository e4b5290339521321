"""A month as families read it: one row a week, Monday to the last weekday any activity runs on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.portal.api import code_of

Cell = dict[str, Any]
FRIDAY = 5
FEW = 2
WEEKDAYS = range(1, 8)
NEVER_THEN = "not-that-weekday"


@dataclass(frozen=True, kw_only=True)
class Week:
    """`number` is the ISO week; `rows` holds per activity its cells by date, None outside the month."""

    number: int
    first: date
    last: date
    days: tuple[date, ...]
    rows: tuple[tuple[dict[str, Any], tuple[Cell | None, ...]], ...]

    @property
    def cells(self) -> Iterator[Cell]:
        return (cell for _, cells in self.rows for cell in cells if cell)

    @property
    def live_days(self) -> set[date]:
        """Those on which something takes place."""
        return {date.fromisoformat(cell["date"]) for cell in self.cells if cell["state"] != "closed"}

    @property
    def is_sparse(self) -> bool:
        """On so few days that a phone need not show the others."""
        return len(self.live_days) <= FEW

    @property
    def is_closed(self) -> bool:
        """Nothing takes place, and nothing was ever booked."""
        return not self.live_days

    @property
    def reasons(self) -> list[str]:
        """Why it is closed, each sentence once."""
        return list(dict.fromkeys(cell["refusal"]["detail"] for cell in self.cells if cell["refusal"]))

    def is_over(self, today: date) -> bool:
        """Folded in the month people are in; somebody who looks at an earlier month wants to see it."""
        return self.last < today and (today.year, today.month) in {(day.year, day.month) for day in self.days}


def weeks_of(activities: list[dict[str, Any]]) -> list[Week]:
    """The weeks with days of the month these activities' days are of; weekends only when something runs then."""
    dates = sorted({date.fromisoformat(day["date"]) for activity in activities for day in activity["days"]})
    if not dates:
        return []
    last_weekday = max(FRIDAY, *(_last_live_weekday(activity) for activity in activities))
    monday = dates[0] - timedelta(days=dates[0].weekday())
    weeks = []
    while monday <= dates[-1]:
        days = tuple(monday + timedelta(days=offset) for offset in range(last_weekday))
        if set(days) & set(dates):
            weeks.append(_week(days, activities))
        monday += timedelta(weeks=1)
    return weeks


def _last_live_weekday(activity: dict[str, Any]) -> int:
    live = [day["date"] for day in activity["days"] if day["state"] != "closed"]
    return max((date.fromisoformat(day).isoweekday() for day in live), default=1)


def _week(days: tuple[date, ...], activities: list[dict[str, Any]]) -> Week:
    rows = tuple((activity, _cells(activity, days)) for activity in activities)
    return Week(number=days[0].isocalendar().week, first=days[0], last=days[-1], days=days, rows=rows)


def _cells(activity: dict[str, Any], days: tuple[date, ...]) -> tuple[Cell | None, ...]:
    by_date = {day["date"]: day for day in activity["days"]}
    return tuple(by_date.get(day.isoformat()) for day in days)


def weekdays_of(activity: dict[str, Any]) -> list[int]:
    """ISO weekdays a period may name: all but those the activity never takes place on, weekends only when live."""
    last = max(FRIDAY, _last_live_weekday(activity))
    possible = {
        date.fromisoformat(day["date"]).isoweekday()
        for day in activity["days"]
        if code_of(day["refusal"] or {}) != NEVER_THEN
    }
    return [weekday for weekday in WEEKDAYS if weekday in possible and weekday <= last]


def next_limit(activities: Iterable[dict[str, Any]]) -> dict[str, str] | None:
    """The first instant after which something of this month can no longer be changed, and the day it is about."""
    limits = [limit for activity in activities for cell in activity["days"] for limit in _limits(cell)]
    return min(limits, key=lambda one: (datetime.fromisoformat(one["until"]), one["date"]), default=None)


def _limits(cell: Cell) -> Iterator[dict[str, str]]:
    if cell["can_book"] and cell["book_until"]:
        yield {"until": cell["book_until"], "date": cell["date"], "action": "book"}
    if cell["can_cancel"] and cell["cancel_until"]:
        yield {"until": cell["cancel_until"], "date": cell["date"], "action": "cancel"}
