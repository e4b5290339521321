"""When changing a day opens: some days, weeks or months before it, or at one instant; earlier for some than for others.

Shapes and examples come from published regulations of towns.
"""

import calendar as months
from abc import abstractmethod
from datetime import date, datetime, timedelta
from datetime import time as wall_time
from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, Tag

from services.reservations.domain.audience import Audience
from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.deadlines.asked import Asked
from services.reservations.domain.written import WHOLE, Clock, LocalInstant, Weekday, Written

MIDNIGHT = wall_time(0)
# The schema says its default as towns write times.
FromMidnight: TypeAlias = Annotated[Clock, Field(json_schema_extra={"default": "00:00"})]


class _Opening(Written):
    @abstractmethod
    def at(self, day: date, calendar: TownCalendar) -> datetime: ...


class DaysAhead(_Opening):
    """“From 60 days before”, “from a year before” (365)."""

    days_before: Annotated[int, Field(ge=1, le=730), WHOLE]
    time: FromMidnight = MIDNIGHT

    def at(self, day: date, calendar: TownCalendar) -> datetime:
        return calendar.at(day - timedelta(days=self.days_before), self.time)


class WeeksAhead(_Opening):
    """“From Monday two weeks before”, for a whole ISO week at once."""

    weeks_before: Annotated[int, Field(ge=1, le=104), WHOLE]
    weekday: Weekday = 1
    time: FromMidnight = MIDNIGHT

    def at(self, day: date, calendar: TownCalendar) -> datetime:
        return calendar.at(in_week_before(day, self.weeks_before, self.weekday), self.time)


class MonthsAhead(_Opening):
    """“From the 15th of the month before”, for a whole month at once."""

    months_before: Annotated[int, Field(ge=1, le=24), WHOLE]
    day: Annotated[int, Field(ge=1, le=31), WHOLE] = 1
    time: FromMidnight = MIDNIGHT

    def at(self, day: date, calendar: TownCalendar) -> datetime:
        return calendar.at(in_month_before(day, self.months_before, self.day), self.time)


class AtOnce(_Opening):
    """“From 21 August, 7:00”, for every day of the rule."""

    opens_at: LocalInstant = Field(alias="at")

    def at(self, day: date, calendar: TownCalendar) -> datetime:  # noqa: ARG002  # one instant for all days
        return calendar.at(self.opens_at.date(), self.opens_at.time())


def _which(value: Any) -> str:
    known = value.model_dump(by_alias=True) if isinstance(value, Written) else value
    if not isinstance(known, dict):
        return "at"
    return next((name for name in ("days_before", "weeks_before", "months_before") if name in known), "at")


Opening: TypeAlias = Annotated[
    Annotated[DaysAhead, Tag("days_before")]
    | Annotated[WeeksAhead, Tag("weeks_before")]
    | Annotated[MonthsAhead, Tag("months_before")]
    | Annotated[AtOnce, Tag("at")],
    Discriminator(_which),
]


class Earlier(Written):
    """A part of the families for whom it opens at another time than for all."""

    audience: Audience
    opens: Opening


def first_opening(general: datetime, others: list[datetime]) -> datetime:
    """Of all openings that are for a child the first counts."""
    return min([general, *others], key=lambda opens: opens.timestamp())


def opens_for(asked: Asked, general: Opening | None, earlier: tuple[Earlier, ...]) -> datetime | None:
    if general is None:
        return None
    own = [one.opens for one in earlier if one.audience.fits(asked.who, asked.day)]
    instants = [opening.at(asked.day, asked.calendar) for opening in own]
    return first_opening(general.at(asked.day, asked.calendar), instants)


def in_week_before(day: date, weeks: int, weekday: int) -> date:
    """That weekday of the ISO week `weeks` before the one of `day`."""
    monday = day - timedelta(days=day.isoweekday() - 1)
    return monday - timedelta(weeks=weeks) + timedelta(days=weekday - 1)


def in_month_before(day: date, count: int, number: int) -> date:
    """That day of the month `count` before the one of `day`; the last of a month that has fewer."""
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(year, month + 1, min(number, months.monthrange(year, month + 1)[1]))
