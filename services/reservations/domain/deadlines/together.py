"""Deadlines that many days share: those of a week, of a group of weekdays, of a month."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.reservations.domain.deadlines.asked import Asked
from services.reservations.domain.deadlines.openings import in_month_before, in_week_before
from services.reservations.domain.deadlines.scope import Limited
from services.reservations.domain.written import WHOLE, Clock, Weekday, Weekdays, Written
from shared.errors import N_


class WeekBefore(Limited):
    """“Thursday of the week before, midnight”: one limit for a whole ISO week."""

    shape: Literal["week_before"]
    weeks: Annotated[int, Field(ge=1, le=52), WHOLE]
    weekday: Weekday
    time: Clock

    def limit(self, asked: Asked) -> datetime:
        return asked.calendar.at(in_week_before(asked.day, self.weeks, self.weekday), self.time)


class WeekdayGroup(Written):
    """Days of `weekdays` can be changed until the last `limit_weekday` before them, or `weeks` weeks before that."""

    weekdays: Weekdays
    limit_weekday: Weekday
    time: Clock
    weeks: Annotated[int, Field(ge=0, le=8), WHOLE] = 0

    def limit(self, asked: Asked) -> datetime:
        back = (asked.day.isoweekday() - self.limit_weekday - 1) % 7 + 1 + 7 * self.weeks
        return asked.calendar.at(asked.day - timedelta(days=back), self.time)


class WeekdayGroups(Limited):
    """“Friday 9:00 for Monday and Tuesday, Tuesday 9:00 for Thursday and Friday”.

    `holiday_weeks`: groups of the weeks whose Monday is a public holiday; weekdays they leave out keep the ordinary
    ones. A limit may itself fall on a closed day and stays there.
    """

    shape: Literal["weekday_groups"]
    groups: Annotated[tuple[WeekdayGroup, ...], Field(min_length=1)]
    holiday_weeks: tuple[WeekdayGroup, ...] = ()

    @model_validator(mode="after")
    def _once_each(self) -> "WeekdayGroups":
        for groups in (self.groups, self.holiday_weeks):
            named = [weekday for group in groups for weekday in group.weekdays]
            if len(named) > len(set(named)):
                raise ValueError(N_("A day of the week is in two groups."))
        return self

    def limit(self, asked: Asked) -> datetime | None:
        groups = (*(self.holiday_weeks if _begins_closed(asked) else ()), *self.groups)
        weekday = asked.day.isoweekday()
        for group in groups:
            if weekday in group.weekdays:
                return group.limit(asked)
        # A school day moved to another weekday: of the groups of the weekdays it stands for, the first to close.
        standing = [group.limit(asked) for group in groups if group.weekdays & asked.what.weekdays]
        return min(standing, key=lambda limit: limit.timestamp(), default=None)


def _begins_closed(asked: Asked) -> bool:
    monday: date = asked.day - timedelta(days=asked.day.isoweekday() - 1)
    return bool(asked.calendar.public_holiday(monday))


class MonthBefore(Limited):
    """“The 20th of the month before, 12:00”: one limit for a whole month; the 31st is the last of any month."""

    shape: Literal["month_before"]
    months: Annotated[int, Field(ge=1, le=12), WHOLE] = 1
    day: Annotated[int, Field(ge=1, le=31), WHOLE]
    time: Clock

    def limit(self, asked: Asked) -> datetime:
        return asked.calendar.at(in_month_before(asked.day, self.months, self.day), self.time)
