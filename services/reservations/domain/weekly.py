"""How many days of a week a child comes at least, or at most."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from services.reservations.domain.deadlines import Asked, Scoped
from services.reservations.domain.written import WHOLE, Code
from shared.errors import N_

Broken: TypeAlias = Literal["minimum", "maximum"]
Days = Annotated[int, Field(ge=1, le=7), WHOLE]


class WeeklyRule(Scoped):
    """Days of an ISO week (of the kind, the weekdays, the activities and for the families named) with a booking.

    `minimum`: none of them, or at least so many; of a week with fewer days left to book, all of these.
    """

    id: Code
    minimum: Days | None = None
    maximum: Days | None = None

    @model_validator(mode="after")
    def _some(self) -> "WeeklyRule":
        if self.minimum is None and self.maximum is None:
            raise ValueError(N_("Give the least days of a week, the most, or both."))
        if self.minimum and self.maximum and self.maximum < self.minimum:
            raise ValueError(N_("The most days of a week are fewer than the least."))
        return self


def counted_days(rule: WeeklyRule, asked: Iterable[Asked]) -> frozenset[date]:
    """The days that count for the rule, of those a child is booked for, or could be."""
    return frozenset(one.day for one in asked if rule.speaks_of(one))


def broken(rule: WeeklyRule, counted: int, open_days: int) -> Broken | None:
    """`counted` days of a week are booked; `open_days` are all that are, or could be."""
    if rule.maximum and counted > rule.maximum:
        return "maximum"
    if rule.minimum and 0 < counted < min(rule.minimum, open_days):
        return "minimum"
    return None


def week_of(day: date) -> tuple[date, ...]:
    """Monday to Sunday of its ISO week, in one month or two."""
    monday = day - timedelta(days=day.isoweekday() - 1)
    return tuple(monday + timedelta(days=after) for after in range(7))
