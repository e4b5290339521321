"""What a town offers: sites, programmes, the activities booked in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from services.reservations.domain.calendar import Day, DayKind
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

    def runs(self, day: Day) -> bool:
        return any(rule.runs(day) for rule in self.runs_on)

    def weekdays_on(self, kinds: Iterable[DaysKind]) -> frozenset[int]:
        """The weekdays it runs on in days of these kinds."""
        wanted = set(kinds)
        return frozenset(weekday for rule in self.runs_on if rule.days in wanted for weekday in rule.weekdays)


@dataclass(frozen=True, kw_only=True)
class Programme:
    id: str
    municipality_id: str
    name: str
    billing_mode: BillingMode
    site_ids: tuple[str, ...]
    activities: tuple[Activity, ...]
    regulation: Regulation

    def activity(self, activity_id: str) -> Activity:
        """Raises `NotFound`."""
        for activity in self.activities:
            if activity.id == activity_id:
                return activity
        raise NotFound()
