"""Months and weeks as days of the calendar."""

import calendar as weeks
import re
from datetime import date, timedelta
from functools import lru_cache

from shared.errors import NotFound

MONTH = re.compile(r"2[01]\d\d-(0[1-9]|1[0-2])")


@lru_cache(maxsize=256)
def days_of(month: str) -> tuple[date, ...]:
    """Every day of a `YYYY-MM`. Raises `NotFound` for what is no month of 2000–2199."""
    if not MONTH.fullmatch(month):
        raise NotFound()
    year, number = int(month[:4]), int(month[5:])
    return tuple(date(year, number, day + 1) for day in range(weeks.monthrange(year, number)[1]))


def months_on(month: str, count: int) -> str:
    """`2026-12` and 1 → `2027-01`."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + count, 12)
    return f"{year:04}-{number + 1:02}"


def monday_of(day: date) -> date:
    """The first day of its ISO week."""
    return day - timedelta(days=day.isoweekday() - 1)


def week_name(day: date) -> str:
    """`2026-W48`, whatever year the day itself is in."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"
