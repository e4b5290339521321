"""What a programme's kitchen is told to prepare for a day: once, when it must know, and every change after that."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.deadlines import Asked
from services.reservations.domain.headcounts import Table
from services.reservations.domain.programmes import Activity, Programme
from shared.contracts.reservations_at_the_door import MealChange, MealCount, MealOrderAmended, MealOrderFrozen


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """`changes`: by what is served where, how many before and after."""

    number: int
    at: datetime
    changes: Mapping[Table, tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class MealOrder:
    """`due_at`: when its kitchen had to know; `ordered`: what it was told then."""

    municipality_id: str
    programme_id: str
    date: date
    due_at: datetime
    frozen_at: datetime
    ordered: Mapping[Table, int]
    amendments: tuple[Amendment, ...] = ()

    @property
    def id(self) -> str:
        return order_id(self.programme_id, self.date)

    @property
    def version(self) -> int:
        """Of the facts told: the order is the first."""
        return 1 + len(self.amendments)

    @property
    def current(self) -> Mapping[Table, int]:
        """As amended; what is no longer wanted has gone."""
        counts = dict(self.ordered)
        for amendment in self.amendments:
            counts |= {table: after for table, (_, after) in amendment.changes.items()}
        return {table: count for table, count in counts.items() if count}

    def amended(self, counts: Mapping[Table, int], at: datetime) -> "MealOrder | None":
        """After a count of heads that came out otherwise; None when it came out the same."""
        known = self.current
        changes = {
            table: (known.get(table, 0), counts.get(table, 0))
            for table in sorted(known.keys() | counts.keys())
            if known.get(table, 0) != counts.get(table, 0)
        }
        if not changes:
            return None
        newest = Amendment(number=len(self.amendments) + 1, at=at, changes=changes)
        return replace(self, amendments=(*self.amendments, newest))

    def told(self) -> MealOrderFrozen | MealOrderAmended:
        """The newest fact of it."""
        return self._amendment_told() if self.amendments else self._order_told()

    def _order_told(self) -> MealOrderFrozen:
        return MealOrderFrozen(
            municipality_id=self.municipality_id,
            programme_id=self.programme_id,
            date=self.date,
            due_at=self.due_at,
            counts=tuple(
                MealCount(activity_id=table.activity_id, site_id=table.site_id, diet=table.diet, count=count)
                for table, count in sorted(self.ordered.items())
            ),
        )

    def _amendment_told(self) -> MealOrderAmended:
        newest = self.amendments[-1]
        return MealOrderAmended(
            municipality_id=self.municipality_id,
            programme_id=self.programme_id,
            date=self.date,
            number=newest.number,
            changes=tuple(
                MealChange(
                    activity_id=table.activity_id, site_id=table.site_id, diet=table.diet, before=before, after=after
                )
                for table, (before, after) in newest.changes.items()
            ),
        )


def covered(programme: Programme) -> tuple[Activity, ...]:
    """What the kitchen prepares for: the activities the freeze names, else all of the programme."""
    named = programme.headcount_freeze.activities if programme.headcount_freeze else frozenset()
    return tuple(one for one in programme.activities if not named or one.code in named)


def due_at(programme: Programme, day: date, calendar: TownCalendar) -> datetime | None:
    """When the kitchen must know how many come that day; None when it need not, or nothing runs."""
    rule = programme.headcount_freeze
    if rule is None:
        return None
    found = (
        rule.limit(asked)
        for activity in covered(programme)
        if any(activity.runs(calendar.kind_of(day, site_id)) for site_id in programme.site_ids)
        if rule.speaks_of(asked := Asked.about(day, calendar, activity=activity.code, starts=activity.starts))
    )
    return min((limit for limit in found if limit), key=datetime.timestamp, default=None)


def order_id(programme_id: str, day: date) -> str:
    return f"mor_{programme_id}_{day.isoformat()}"
