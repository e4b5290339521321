"""Change the town's own calendar, tell it, and count the booked days that fall on days it closes.

What is booked stays booked: calling it off is an act of its own, which tells the families.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeAlias

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.calendar import Period
from services.reservations.domain.calendar_changes import Periods, newly_closed, told
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Slot
from services.reservations.domain.town import Town
from shared.clock import Clock
from shared.contracts.school import CalendarChanged
from shared.errors import NotFound
from shared.ids import new_id
from shared.versions import check_version

CHILDREN_AT_ONCE = 500
Booked: TypeAlias = tuple[str, Slot]
"""A child and what it has booked."""


class Current(Protocol):
    @property
    def version(self) -> int: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def periods(self) -> Periods: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...
    async def versioned(self, municipality_id: str) -> Current: ...
    async def replace_periods(
        self, municipality_id: str, version: int, periods: Sequence[Period], told: tuple[CalendarChanged, datetime]
    ) -> None: ...


class BookedDays(Protocol):
    def on(self, municipality_id: str, programme_id: str, slots: Iterable[Slot]) -> AsyncIterator[Booked]: ...


class Roster(Protocol):
    async def enrolled_children(
        self, municipality_id: str, child_ids: Collection[str]
    ) -> Mapping[str, Sequence[RosterChild]]: ...


@dataclass(frozen=True, kw_only=True)
class Almanac:
    """What changing a calendar takes."""

    catalogue: Towns
    booked: BookedDays
    roster: Roster
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Edited:
    """The calendar before and after; `affected` counts booked days, from today on, on days it newly closed."""

    version: int
    before: Periods
    periods: Periods
    affected: int = 0


async def edit_calendar(
    municipality_id: str, edit: Callable[[Periods, Catalogue], Periods], almanac: Almanac, *, if_match: str | None
) -> Edited:
    """`edit` says what the periods are afterwards. `if_match`: None when nothing needs to have been read before.

    Raises `VersionMissing`, `VersionPassed`, `Conflict`, and what `edit` raises.
    """
    current = await almanac.catalogue.versioned(municipality_id)
    if if_match is not None:
        check_version(if_match, current.version)
    after = _named(edit(current.periods, current.catalogue))
    event = told(municipality_id, current.periods, after)
    if event is None:
        return Edited(version=current.version, before=current.periods, periods=current.periods)
    await almanac.catalogue.replace_periods(municipality_id, current.version, after, (event, almanac.clock()))
    affected = await _affected(municipality_id, current, after, almanac)
    return Edited(version=current.version + 1, before=current.periods, periods=after, affected=affected)


def _named(periods: Periods) -> Periods:
    return tuple(replace(period, id=period.id or new_id("cal")) for period in periods)


async def _affected(municipality_id: str, current: Current, after: Periods, almanac: Almanac) -> int:
    try:
        town = await almanac.catalogue.town(municipality_id)
    except NotFound:
        # Its files may come before its settings; nothing is booked then.
        return 0
    before = replace(town.calendar, periods=current.periods)
    since = before.today(almanac.clock())
    count = 0
    for programme in current.catalogue.programmes.values():
        if closed := newly_closed(programme, before, replace(before, periods=after), since):
            count += await _count(programme, closed, almanac)
    return count


async def _count(programme: Programme, closed: Mapping[Slot, frozenset[str]], almanac: Almanac) -> int:
    """Where a day closed at some sites only, those of the children there."""
    everywhere = {slot for slot, sites in closed.items() if sites >= set(programme.site_ids)}
    count, doubtful = 0, list[Booked]()
    async for child_id, slot in almanac.booked.on(programme.municipality_id, programme.id, closed):
        if slot in everywhere:
            count += 1
            continue
        doubtful.append((child_id, slot))
        if len(doubtful) == CHILDREN_AT_ONCE:
            count += await _there(programme, closed, doubtful, almanac)
            doubtful = []
    return count + await _there(programme, closed, doubtful, almanac)


async def _there(
    programme: Programme, closed: Mapping[Slot, frozenset[str]], booked: Sequence[Booked], almanac: Almanac
) -> int:
    found = await almanac.roster.enrolled_children(programme.municipality_id, {child_id for child_id, _ in booked})
    return sum(
        any(_site(child, programme.id, slot) in closed[slot] for child in found.get(child_id, ()))
        for child_id, slot in booked
    )


def _site(child: RosterChild, programme_id: str, slot: Slot) -> str:
    enrolment = child.enrolment_on(programme_id, slot[1])
    return enrolment.site_id if enrolment else ""
