"""What kind of day a date is in a town, and which instant a wall-clock time there means."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.public_holidays import public_holidays

WEEKEND = frozenset({6, 7})
# The weekdays a school day moved to a Wednesday, Saturday or Sunday stands in for.
ORDINARY_SCHOOL_WEEKDAYS = frozenset({1, 2, 4, 5})


class DayKind(StrEnum):
    SCHOOL_DAY = "school_day"
    """Monday to Friday of term time, Wednesday included: activities say which weekdays they run."""
    HOLIDAY = "holiday"
    """Monday to Friday of school holidays."""
    PUBLIC_HOLIDAY = "public_holiday"
    CLOSURE = "closure"
    WEEKEND = "weekend"


class PeriodKind(StrEnum):
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    SCHOOL_DAY = "school_day"
    """A school day where the week or the holidays would have none."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days the town's calendar names, both ends included; no site means every site.

    `id` names it for changes; two that differ by it alone say the same.
    """

    kind: PeriodKind
    starts: date
    ends: date
    label: str
    site_ids: frozenset[str] = frozenset()
    id: str = field(default="", compare=False)

    def days(self) -> Iterable[date]:
        return (self.starts + timedelta(days=after) for after in range((self.ends - self.starts).days + 1))


@dataclass(frozen=True, kw_only=True)
class Day:
    """`label` says why (the holiday's name); `weekdays` are the ISO weekdays the day counts as."""

    kind: DayKind
    weekdays: frozenset[int]
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class TownCalendar:
    """A town's days. `public_holidays` is a key of `public_holidays.SETS`."""

    zone: ZoneInfo
    public_holidays: str
    periods: tuple[Period, ...] = ()
    _by_day: Mapping[date, tuple[Period, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_day: defaultdict[date, list[Period]] = defaultdict(list)
        for period in self.periods:
            for day in period.days():
                by_day[day].append(period)
        object.__setattr__(self, "_by_day", {day: tuple(found) for day, found in by_day.items()})

    def kind_of(self, day: date, site_id: str | None = None) -> Day:
        """Public holiday, else closure, else moved school day, else weekend, else school holiday, else school day."""
        weekdays = frozenset({day.isoweekday()})
        if name := self.public_holiday(day):
            return Day(kind=DayKind.PUBLIC_HOLIDAY, weekdays=weekdays, label=name)
        if closure := self._period(PeriodKind.CLOSURE, day, site_id):
            return Day(kind=DayKind.CLOSURE, weekdays=weekdays, label=closure.label)
        if moved := self._period(PeriodKind.SCHOOL_DAY, day, site_id):
            return Day(kind=DayKind.SCHOOL_DAY, weekdays=_weekdays_stood_for(day), label=moved.label)
        if weekdays <= WEEKEND:
            return Day(kind=DayKind.WEEKEND, weekdays=weekdays)
        if holiday := self._period(PeriodKind.HOLIDAY, day, site_id):
            return Day(kind=DayKind.HOLIDAY, weekdays=weekdays, label=holiday.label)
        return Day(kind=DayKind.SCHOOL_DAY, weekdays=weekdays)

    def public_holiday(self, day: date) -> str:
        """Its name, empty on other days."""
        return public_holidays(self.public_holidays, day.year).get(day, "")

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday and no public holiday: the days towns count deadlines in."""
        return day.isoweekday() not in WEEKEND and not self.public_holiday(day)

    def at(self, day: date, wall_time: time) -> datetime:
        """The one instant the town's clocks mean, in the town's zone.

        A time that the spring change skips, or that the autumn change shows twice, is the later of its two
        readings: a family that trusts the clock on its wall is never too late.
        """
        wall = datetime.combine(day, wall_time)
        readings = [wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        return self.local(max(readings))

    def local(self, instant: datetime) -> datetime:
        """The same instant as the town's clocks show it."""
        return instant.astimezone(self.zone)

    def today(self, now: datetime) -> date:
        return self.local(now).date()

    def _period(self, kind: PeriodKind, day: date, site_id: str | None) -> Period | None:
        for period in self._by_day.get(day, ()):
            if period.kind is kind and (not period.site_ids or site_id in period.site_ids):
                return period
        return None


def _weekdays_stood_for(day: date) -> frozenset[int]:
    weekday = day.isoweekday()
    return frozenset({weekday}) if weekday in ORDINARY_SCHOOL_WEEKDAYS else ORDINARY_SCHOOL_WEEKDAYS
