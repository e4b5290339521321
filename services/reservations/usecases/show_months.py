"""Several months at once: of several children and programmes, or the months some weeks lie in. Each document is read
once: calls that meet are answered together (decision 0006).
"""

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.days import days_of, monday_of
from services.reservations.domain.sheet import month_of
from services.reservations.domain.town import Town
from services.reservations.usecases.show_month import Desk, ShownMonth, show_of
from shared.errors import NotFound

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class ShownWeeks:
    """One child in one programme: the months the weeks lie in, and the weeks as their Mondays."""

    mondays: tuple[date, ...]
    months: tuple[ShownMonth, ...]

    def weekdays(self, activity_id: str) -> list[int]:
        """On which the activity runs in one of the weeks, or the child has something all the same."""
        return sorted({day.isoweekday() for month in self.months for day in self._live(activity_id, month)})

    def _live(self, activity_id: str, month: ShownMonth) -> Iterator[date]:
        activity, ground = month.ground.activities[activity_id], month.ground
        within = (day for day in ground.days if self.mondays[0] <= day < self.mondays[-1] + WEEK)
        yield from (day for day in within if activity.runs(ground.day(day)) or (activity_id, day) in month.known.sheet)


async def show_months(
    household_id: str, child_ids: Collection[str], programme_ids: Collection[str], month: str, desk: Desk
) -> list[ShownMonth]:
    """Of the children and programmes asked for; of all who are enrolled in that month where none are named.

    Raises `NotFound` for a child, programme or month that is not theirs or is none.
    """
    days = days_of(month)
    chosen = await _chosen(household_id, child_ids, programme_ids, days[0], days[-1], desk)
    return await asyncio.gather(*(show_of(child, town, one, month, desk) for child, town, one in chosen))


async def show_agenda(
    household_id: str,
    child_ids: Collection[str],
    programme_ids: Collection[str],
    first: date,
    weeks: int,
    desk: Desk,
) -> list[ShownWeeks]:
    """So many weeks from the Monday of `first` on."""
    mondays = tuple(monday_of(first) + timedelta(weeks=number) for number in range(weeks))
    last = mondays[-1] + timedelta(days=6)
    chosen = await _chosen(household_id, child_ids, programme_ids, mondays[0], last, desk)
    months = sorted({month_of(monday + timedelta(days=day)) for monday in mondays for day in (0, 6)})
    shown = await asyncio.gather(
        *(show_of(child, town, one, month, desk) for child, town, one in chosen for month in months)
    )
    return [
        ShownWeeks(mondays=mondays, months=tuple(shown[at : at + len(months)]))
        for at in range(0, len(shown), len(months))
    ]


async def _chosen(
    household_id: str, child_ids: Collection[str], programme_ids: Collection[str], first: date, last: date, desk: Desk
) -> list[tuple[RosterChild, Town, str]]:
    """Each child with each of its programmes. Raises `NotFound` for one that was named and is not there."""
    children = await desk.roster.children_of(household_id)
    towns = {one: await desk.catalogue.town(one) for one in sorted({child.municipality_id for child in children})}
    wanted = [child for child in children if not child_ids or child.child_id in child_ids]
    _insist(child_ids, {child.child_id for child in wanted})
    chosen = [
        (child, towns[child.municipality_id], programme_id)
        for child in wanted
        for programme_id in towns[child.municipality_id].programmes
        if (programme_id in programme_ids if programme_ids else _is_enrolled(child, programme_id, first, last))
    ]
    _insist(programme_ids, {programme_id for _, _, programme_id in chosen})
    return chosen


def _insist(asked: Collection[str], found: Collection[str]) -> None:
    if not set(asked) <= set(found):
        raise NotFound()


def _is_enrolled(child: RosterChild, programme_id: str, first: date, last: date) -> bool:
    return any(
        one.programme_id == programme_id and one.starts <= last and one.ends >= first for one in child.enrolments
    )
