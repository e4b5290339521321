"""What a rule is asked about, and what it answers."""

from dataclasses import dataclass
from datetime import date, datetime, time

from services.reservations.domain.audience import ANYBODY, Who
from services.reservations.domain.calendar import Day, TownCalendar


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One activity (its code) on one day of a town, for one child; `what` is that day at the child's site.

    `starts`: when the activity begins, on the town's clock, if the town says so.
    """

    day: date
    what: Day
    calendar: TownCalendar
    who: Who = ANYBODY
    activity: str = ""
    starts: time | None = None
    site_id: str | None = None

    @classmethod
    def about(
        cls,
        day: date,
        calendar: TownCalendar,
        *,
        who: Who = ANYBODY,
        activity: str = "",
        starts: time | None = None,
        site_id: str | None = None,
    ) -> "Asked":
        what = calendar.kind_of(day, site_id)
        return cls(day=day, what=what, calendar=calendar, who=who, activity=activity, starts=starts, site_id=site_id)


@dataclass(frozen=True, kw_only=True)
class Span:
    """When a day can be changed under one rule; `opens` is None when nothing has to open first."""

    rule_id: str
    opens: datetime | None = None
    limit: datetime

    def has_come(self, now: datetime) -> bool:
        # Wall clocks of one zone compare without their offset: instants are compared as such.
        return self.opens is None or self.opens.timestamp() <= now.timestamp()

    def is_over(self, now: datetime) -> bool:
        return now.timestamp() > self.limit.timestamp()
