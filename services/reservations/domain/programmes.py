"""What a town offers: sites, programmes, the activities booked in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Literal, TypeAlias

from services.reservations.domain.audience import Audience
from services.reservations.domain.calendar import Day, DayKind
from services.reservations.domain.capacity import Counter, Limit, Pool, Seat, pools
from services.reservations.domain.deadlines import Rule
from services.reservations.domain.regulation import Regulation
from shared.contracts.reservations import BillingMode
from shared.errors import NotFound

DaysKind: TypeAlias = Literal["school_day", "holiday", "any_day"]
RUNNING = {
    "school_day": frozenset({DayKind.SCHOOL_DAY}),
    "holiday": frozenset({DayKind.HOLIDAY}),
    "any_day": frozenset({DayKind.SCHOOL_DAY, DayKind.HOLIDAY, DayKind.WEEKEND}),
}


def municipality_of(dotted_id: str) -> str:
    """`sainte-aurore.repas` → `sainte-aurore`. Raises `NotFound` for an id of another form."""
    municipality_id, dot, code = dotted_id.partition(".")
    if not (municipality_id and dot and code):
        raise NotFound()
    return municipality_id


@dataclass(frozen=True, kw_only=True)
class RunsOn:
    """`weekdays` (ISO, Monday 1) of one kind of days; `any_day` is every day but public holidays and closures."""

    days: DaysKind
    weekdays: frozenset[int]

    def runs(self, day: Day) -> bool:
        return day.kind in RUNNING[self.days] and bool(day.weekdays & self.weekdays)


@dataclass(frozen=True, kw_only=True)
class Site:
    id: str
    name: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Activity:
    """`excludes` is symmetric; `requires` names what must be booked the same day; `places` per date, all sites.
    `starts` and `ends` are the town's clock, None when they are not told; `audience`: whom it is for, None for all.

    `health`: that a child is in it says something of its health (a PAI, say), which is kept for the school year only.
    """

    id: str
    programme_id: str
    name: str
    runs_on: tuple[RunsOn, ...]
    excludes: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    places: int | None = None
    health: bool = False
    starts: time | None = None
    ends: time | None = None
    audience: Audience | None = None

    @property
    def minutes(self) -> int | None:
        """How long it is planned to last, where the town says when it begins and ends."""
        if self.starts is None or self.ends is None:
            return None
        day = date(2000, 1, 1)
        return max(0, (datetime.combine(day, self.ends) - datetime.combine(day, self.starts)) // timedelta(minutes=1))

    @property
    def code(self) -> str:
        """Its id within the town, by which regulations name it."""
        return self.id.partition(".")[2]

    def runs(self, day: Day) -> bool:
        return any(rule.runs(day) for rule in self.runs_on)

    def weekdays_on(self, kinds: Iterable[DaysKind]) -> frozenset[int]:
        """The weekdays it runs on in days of these kinds."""
        wanted = set(kinds)
        return frozenset(weekday for rule in self.runs_on if rule.days in wanted for weekday in rule.weekdays)


@dataclass(frozen=True, kw_only=True)
class Programme:
    """`regulation` is the newest version, `former` those before it that still hold for earlier days, oldest first."""

    id: str
    municipality_id: str
    name: str
    billing_mode: BillingMode
    site_ids: tuple[str, ...]
    activities: tuple[Activity, ...]
    regulation: Regulation
    counters: tuple[Counter, ...] = ()
    former: tuple[Regulation, ...] = ()
    headcount_freeze: Rule | None = None
    """When the kitchen of its activities, or of those the rule names, must know how many come."""

    def regulation_on(self, day: date) -> Regulation:
        """The newest version that holds for the day; before the first one began, the first."""
        if not self.former:
            return self.regulation
        versions = (self.regulation, *reversed(self.former))
        return next((one for one in versions if one.holds_on(day)), versions[-1])

    def pools(self, activity_id: str, day: date, seat: Seat) -> Mapping[Pool, int]:
        """What a place must be taken from to book an activity on a day; empty where places are not limited."""
        return pools(self._all_counters, activity_id, day, seat)

    def covered_by(self, counter_id: str) -> frozenset[str]:
        """The activities whose places a counter counts."""
        return next((one.activity_ids for one in self._all_counters if one.id == counter_id), frozenset())

    @property
    def has_limits(self) -> bool:
        return bool(self._all_counters)

    @cached_property
    def _all_counters(self) -> tuple[Counter, ...]:
        """An activity's own number of places is a counter of its name."""
        own = (
            Counter(id=one.id, activity_ids=frozenset({one.id}), limits=(Limit(places=one.places),))
            for one in self.activities
            if one.places is not None
        )
        return (*own, *self.counters)

    def activity(self, activity_id: str) -> Activity:
        """Raises `NotFound`."""
        for activity in self.activities:
            if activity.id == activity_id:
                return activity
        raise NotFound()
