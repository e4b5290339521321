"""Deadlines counted back from the day itself: working days, days, hours."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.reservations.domain.calendar import DayKind, TownCalendar
from services.reservations.domain.deadlines.asked import Asked
from services.reservations.domain.deadlines.openings import MIDNIGHT
from services.reservations.domain.deadlines.scope import Limited
from services.reservations.domain.written import WHOLE, Clock, LocalDay, Written
from shared.errors import N_

SATURDAY, SUNDAY, WEDNESDAY = 6, 7, 3
FURTHEST_BACK = 1100


class ClosedDays(Written):
    """Days that never count, both included: a kitchen that is closed, say."""

    first: LocalDay = Field(alias="from")
    last: LocalDay = Field(alias="until")

    @model_validator(mode="after")
    def _in_order(self) -> "ClosedDays":
        if self.last < self.first:
            raise ValueError(N_("The period ends before it starts."))
        return self


class WorkingDays(Written):
    """Which days count: Monday to Friday without public holidays, and what a town says otherwise.

    `town_closures`, `site_closures` and `school_holidays`: whether such days of the calendar count.
    """

    wednesdays: bool = True
    saturdays: bool = False
    school_holidays: bool = True
    town_closures: bool = True
    site_closures: bool = True
    closed: tuple[ClosedDays, ...] = ()

    def count(self, day: date, calendar: TownCalendar, site_id: str | None = None) -> bool:
        weekday = day.isoweekday()
        if weekday == SUNDAY or (weekday == SATURDAY and not self.saturdays):
            return False
        if (weekday == WEDNESDAY and not self.wednesdays) or calendar.public_holiday(day):
            return False
        return self._by_calendar(day, calendar, site_id)

    def _by_calendar(self, day: date, calendar: TownCalendar, site_id: str | None) -> bool:
        if any(days.first <= day <= days.last for days in self.closed):
            return False
        if not self.school_holidays and calendar.kind_of(day, site_id).kind is DayKind.HOLIDAY:
            return False
        if not self.town_closures and calendar.kind_of(day).kind is DayKind.CLOSURE:
            return False
        return self.site_closures or not site_id or not _closed_there(day, calendar, site_id)


ORDINARY = WorkingDays()


def _closed_there(day: date, calendar: TownCalendar, site_id: str) -> bool:
    """The site, and not the whole town."""
    here, town = calendar.kind_of(day, site_id), calendar.kind_of(day)
    return here.kind is DayKind.CLOSURE and town.kind is not DayKind.CLOSURE


class WorkingDaysBefore(Limited):
    """“Two working days before, 10:00”: days that count, stepped back one by one."""

    shape: Literal["working_days_before"]
    days: Annotated[int, Field(ge=1, le=60), WHOLE]
    time: Clock
    working_days: WorkingDays = ORDINARY

    def limit(self, asked: Asked) -> datetime | None:
        found = working_days_before(asked.day, self.days, asked.calendar, self.working_days, asked.site_id)
        return asked.calendar.at(found, self.time) if found else None


def working_days_before(
    day: date,
    count: int,
    calendar: TownCalendar,
    working_days: WorkingDays = ORDINARY,
    site_id: str | None = None,
) -> date | None:
    """`day` may be any day; the answer is always a working day, `count` of them back.

    None when there are not so many in three years: everything is closed.
    """
    for _ in range(FURTHEST_BACK):
        day -= timedelta(days=1)
        count -= working_days.count(day, calendar, site_id)
        if not count:
            return day
    return None


class CalendarDaysBefore(Limited):
    """“The day before, 18:00”: every day counts, 0 is the day itself."""

    shape: Literal["calendar_days_before"]
    days: Annotated[int, Field(ge=0, le=366), WHOLE]
    time: Clock

    def limit(self, asked: Asked) -> datetime:
        return asked.calendar.at(asked.day - timedelta(days=self.days), self.time)


class HoursBefore(Limited):
    """“48 hours before”: before the activity begins, or before midnight when the town does not say when it does.

    Hours on the clock of the wall, every day counting: 48 hours before 8:30 is 8:30 two days before, also in the night
    the clocks change.
    """

    shape: Literal["hours_before"]
    hours: Annotated[int, Field(ge=0, le=2_000), WHOLE]

    def limit(self, asked: Asked) -> datetime:
        wall = datetime.combine(asked.day, asked.starts or MIDNIGHT) - timedelta(hours=self.hours)
        return asked.calendar.at(wall.date(), wall.time())
