"""The shapes deadlines have in town regulations, as data: each says until when (and from when) a day can be changed.

The limit is inclusive and on the town's clock. Shapes and examples come from published regulations of towns.
"""

import re
from abc import abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as wall_time
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from services.reservations.domain.calendar import DayKind, TownCalendar

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
LOCAL_DAY = r"^2[01]\d{2}-\d{2}-\d{2}$"
LOCAL_INSTANT = r"^2[01]\d{2}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$"


def _written(pattern: str) -> BeforeValidator:
    """Pydantic also reads days and times from numbers and with offsets, which nobody means in a regulation."""

    def check(value: Any) -> Any:
        if isinstance(value, int | float) or (isinstance(value, str) and not re.fullmatch(pattern, value)):
            raise ValueError(f"expected as {pattern}")
        return value

    return BeforeValidator(check)


def _whole(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("a whole number is expected")
    return value


def _clock_text(value: wall_time) -> str:
    return f"{value:%H:%M}"


def _instant_text(value: datetime) -> str:
    return f"{value:%Y-%m-%dT%H:%M}"


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
WHOLE = BeforeValidator(_whole)
Clock = Annotated[wall_time, _written(CLOCK), _text(CLOCK), PlainSerializer(_clock_text, when_used="json")]
LocalDay = Annotated[date, _written(LOCAL_DAY), _text(LOCAL_DAY)]
LocalInstant = Annotated[
    datetime,
    _written(LOCAL_INSTANT),
    _text(LOCAL_INSTANT),
    PlainSerializer(_instant_text, when_used="json"),
]
Weekday = Annotated[int, Field(ge=1, le=7), WHOLE]
Weekdays = Annotated[frozenset[Weekday], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Span:
    """When a day can be changed under one rule; `opens` is None when nothing has to open first."""

    rule_id: str
    opens: datetime | None = None
    limit: datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a rule is asked about: changing `day`, now, for a child of a resident family or not."""

    day: date
    now: datetime
    calendar: TownCalendar
    resident: bool


class _Rule(BaseModel):
    """`on` narrows a rule to days of one kind, so that Wednesdays and holidays can have different ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Code
    on: Literal["any_day", "school_day", "holiday"] = "any_day"

    def applies_to(self, kind: DayKind) -> bool:
        return self.on in ("any_day", kind)

    @abstractmethod
    def span(self, asked: Asked) -> Span | None:
        """None: the rule has no window for this day."""


class WorkingDaysBefore(_Rule):
    """“Two working days before, 10:00”: Monday to Friday without public holidays, counted back one by one."""

    shape: Literal["working_days_before"]
    days: Annotated[int, Field(ge=1, le=60), WHOLE]
    time: Clock

    def span(self, asked: Asked) -> Span:
        day = working_days_before(asked.day, self.days, asked.calendar)
        return Span(rule_id=self.id, limit=asked.calendar.at(day, self.time))


class CalendarDaysBefore(_Rule):
    """“The day before, 18:00”, “48 hours before”: every day counts, 0 is the day itself."""

    shape: Literal["calendar_days_before"]
    days: Annotated[int, Field(ge=0, le=366), WHOLE]
    time: Clock

    def span(self, asked: Asked) -> Span:
        return Span(rule_id=self.id, limit=asked.calendar.at(asked.day - timedelta(days=self.days), self.time))


class WeekBefore(_Rule):
    """“Thursday of the week before, midnight”: one limit for a whole ISO week."""

    shape: Literal["week_before"]
    weeks: Annotated[int, Field(ge=1, le=52), WHOLE]
    weekday: Weekday
    time: Clock

    def span(self, asked: Asked) -> Span:
        monday = asked.day - timedelta(days=asked.day.isoweekday() - 1)
        day = monday - timedelta(weeks=self.weeks) + timedelta(days=self.weekday - 1)
        return Span(rule_id=self.id, limit=asked.calendar.at(day, self.time))


class WeekdayGroup(BaseModel):
    """Days of `weekdays` can be changed until the last `limit_weekday` before them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weekdays: Weekdays
    limit_weekday: Weekday
    time: Clock


class WeekdayGroups(_Rule):
    """“Friday 9:00 for Monday and Tuesday, Tuesday 9:00 for Thursday and Friday”."""

    shape: Literal["weekday_groups"]
    groups: Annotated[tuple[WeekdayGroup, ...], Field(min_length=1)]

    def span(self, asked: Asked) -> Span | None:
        weekday = asked.day.isoweekday()
        for group in self.groups:
            if weekday in group.weekdays:
                back = (weekday - group.limit_weekday - 1) % 7 + 1
                return Span(rule_id=self.id, limit=asked.calendar.at(asked.day - timedelta(days=back), group.time))
        return None


class Window(BaseModel):
    """Days `first` to `last` can be changed from `opens` (earlier for residents) to `closes`, on the town's clock."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    first: LocalDay = Field(alias="from")
    last: LocalDay = Field(alias="until")
    opens: LocalInstant
    closes: LocalInstant
    opens_for_residents: LocalInstant | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Window":
        if self.last < self.first:
            raise ValueError("the period ends before it starts")
        if not (self.opens_for_residents or self.opens) <= self.opens < self.closes:
            raise ValueError("the window must open for residents, then for all, then close")
        if self.closes.date() > self.first:
            raise ValueError("the window must close before its first day has passed")
        return self

    def span(self, rule_id: str, asked: Asked) -> Span:
        opens = self.opens_for_residents if asked.resident and self.opens_for_residents else self.opens
        at = asked.calendar.at
        return Span(
            rule_id=rule_id, opens=at(opens.date(), opens.time()), limit=at(self.closes.date(), self.closes.time())
        )


class AbsoluteWindow(_Rule):
    """“Booking for the autumn holidays: 3 September 20:00 to 24 September”; days outside every window are shut."""

    shape: Literal["absolute_window"]
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]

    def span(self, asked: Asked) -> Span | None:
        """Of several windows for a day: the one open now, else the next to open, else the last to have closed."""
        spans = [window.span(self.id, asked) for window in self.windows if window.first <= asked.day <= window.last]
        ahead = [span for span in spans if asked.now.timestamp() <= span.limit.timestamp()]
        if ahead:
            return min(ahead, key=_opening)
        return max(spans, key=lambda span: span.limit.timestamp(), default=None)


def _opening(span: Span) -> float:
    # Wall clocks of one zone compare without their offset: instants are compared as such.
    return (span.opens or span.limit).timestamp()


Rule: TypeAlias = Annotated[
    WorkingDaysBefore | CalendarDaysBefore | WeekBefore | WeekdayGroups | AbsoluteWindow,
    Field(discriminator="shape"),
]


def working_days_before(day: date, count: int, calendar: TownCalendar) -> date:
    """`day` may be any day; the answer is always a working day, `count` of them back."""
    while count:
        day -= timedelta(days=1)
        count -= calendar.is_working_day(day)
    return day
