"""A whole day at a site: every activity and every child of it in one list, for the tablet at the door."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.reservations.domain.attendance import Counts, counted
from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.households_of_child import entries_on
from services.reservations.domain.programmes import Activity
from services.reservations.domain.sheet import Entry, Sheet, Slot, month_of
from services.reservations.domain.town import Town
from shared.clock import Clock
from shared.errors import NotFound


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Heads(Protocol):
    async def enrolled(
        self, municipality_id: str, programme_ids: Collection[str], site_id: str, day: date
    ) -> list[RosterChild]: ...
    async def of_children(
        self, municipality_id: str, programme_ids: Collection[str], day: date, children: Sequence[RosterChild]
    ) -> list[Sheet]: ...


class Names(Protocol):
    async def named(self, children: Sequence[RosterChild]) -> list[RosterChild]: ...


class Closings(Protocol):
    async def exists(self, municipality_id: str, programme_id: str, month: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Porch:
    """What a day at a site is read from."""

    catalogue: Towns
    heads: Heads
    roster: Names
    closings: Closings
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class DayAsked:
    """`activity_ids`: all that run or have somebody, when empty; `programme_ids`: those the caller may see, or None;
    `group`: of one class only.
    """

    municipality_id: str
    site_id: str
    date: date
    activity_ids: frozenset[str] = frozenset()
    programme_ids: frozenset[str] | None = None
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class DayOfChild:
    """`groups` by activity, of those it is enrolled in; `entries` of those it has something in."""

    child: RosterChild
    groups: Mapping[str, str]
    entries: Mapping[str, Entry]


@dataclass(frozen=True, kw_only=True)
class DayList:
    """`final`: activities whose month is closed; `markable`: those that can be marked now."""

    activities: tuple[Activity, ...]
    children: tuple[DayOfChild, ...]
    final: frozenset[str]
    markable: frozenset[str]

    def counts(self, activity_id: str) -> Counts:
        days = {one.child.child_id: one.entries.get(activity_id) for one in self.children}
        return counted({child_id: entry.state if entry else None for child_id, entry in days.items()})


async def list_day(asked: DayAsked, porch: Porch) -> DayList:
    """Raises `NotFound` for a site or an activity that is not the town's, or not the caller's."""
    town = await porch.catalogue.town(asked.municipality_id)
    if asked.site_id not in town.sites:
        raise NotFound()
    offered = _offered(asked, town)
    programme_ids = sorted({activity.programme_id for activity in offered})
    children = await porch.heads.enrolled(asked.municipality_id, programme_ids, asked.site_id, asked.date)
    named, sheets, closed = await asyncio.gather(
        porch.roster.named(children),
        porch.heads.of_children(asked.municipality_id, programme_ids, asked.date, children),
        _closed(asked, programme_ids, porch),
    )
    days = _days(asked, named, sheets, offered)
    shown = tuple(one for one in offered if _is_on(one, asked, town, days))
    final = frozenset(activity.id for activity in shown if activity.programme_id in closed)
    has_come = asked.date <= town.calendar.today(porch.clock())
    return DayList(
        activities=shown,
        children=days,
        final=final,
        markable=frozenset(activity.id for activity in shown if has_come) - final,
    )


def _offered(asked: DayAsked, town: Town) -> tuple[Activity, ...]:
    """Those asked for, else all of the site's programmes; of the caller's programmes only."""
    for activity_id in asked.activity_ids:
        town.activity(activity_id)
    found = tuple(
        activity
        for programme in town.programmes.values()
        if asked.programme_ids is None or programme.id in asked.programme_ids
        for activity in programme.activities
        if activity.id in asked.activity_ids or (not asked.activity_ids and asked.site_id in programme.site_ids)
    )
    if asked.activity_ids - {activity.id for activity in found}:
        raise NotFound()
    return found


async def _closed(asked: DayAsked, programme_ids: Iterable[str], porch: Porch) -> frozenset[str]:
    month, wanted = month_of(asked.date), list(programme_ids)
    closed = await asyncio.gather(*(porch.closings.exists(asked.municipality_id, one, month) for one in wanted))
    return frozenset(one for one, is_closed in zip(wanted, closed, strict=True) if is_closed)


def _days(
    asked: DayAsked, children: Sequence[RosterChild], sheets: Sequence[Sheet], offered: Sequence[Activity]
) -> tuple[DayOfChild, ...]:
    slots: list[Slot] = [(activity.id, asked.date) for activity in offered]
    entries = entries_on(slots, sheets)
    found = (
        DayOfChild(child=child, groups=_groups(child, asked, offered), entries=entries.get(child.child_id, {}))
        for child in sorted(children, key=lambda one: (one.last_name, one.first_name, one.child_id))
    )
    return tuple(one for one in found if one.groups and (not asked.group or asked.group in one.groups.values()))


def _groups(child: RosterChild, asked: DayAsked, offered: Sequence[Activity]) -> dict[str, str]:
    programmes = {activity.programme_id for activity in offered}
    enrolments = {one: child.enrolment_on(one, asked.date) for one in programmes}
    there = {one: found.group for one, found in enrolments.items() if found and found.site_id == asked.site_id}
    return {activity.id: there[activity.programme_id] for activity in offered if activity.programme_id in there}


def _is_on(activity: Activity, asked: DayAsked, town: Town, days: Sequence[DayOfChild]) -> bool:
    if activity.id in asked.activity_ids or activity.runs(town.calendar.kind_of(asked.date, asked.site_id)):
        return True
    return any(activity.id in one.entries for one in days)
