"""Usual weeks: set, shown, forgotten, and put into the cart for all children of a household at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.pattern import Pattern
from services.reservations.domain.period import Period
from services.reservations.domain.refusals_of_cart import NoUsualWeek
from services.reservations.domain.town import Town
from services.reservations.domain.usual_week import UsualWeek
from services.reservations.usecases.fill_cart import Shelf
from services.reservations.usecases.fill_period import Granted, Wish, fill
from shared.errors import NotFound


class UsualWeeks(Protocol):
    async def put(self, week: UsualWeek) -> None: ...
    async def of_child(self, household_id: str, child_id: str) -> list[UsualWeek]: ...
    async def of_household(self, household_id: str) -> list[UsualWeek]: ...
    async def remove(self, household_id: str, child_id: str, programme_id: str) -> bool: ...


class Towns(Protocol):
    async def town_of_programme(self, programme_id: str) -> Town: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


@dataclass(frozen=True, kw_only=True)
class Desired:
    """A usual week as a family sends it."""

    household_id: str
    child_id: str
    programme_id: str
    pattern: Pattern
    starts: date
    ends: date


async def set_usual_week(asked: Desired, *, weeks: UsualWeeks, catalogue: Towns, roster: Children) -> UsualWeek:
    """In place of the one before. Raises `NotFound` for a child, programme or activity that is not theirs."""
    period = UsualWeek.span(asked.starts, asked.ends)
    town = await catalogue.town_of_programme(asked.programme_id)
    for wanted in asked.pattern:
        town.programme(asked.programme_id).activity(wanted.activity_id)
    child = await roster.child(asked.child_id, asked.household_id, town.municipality_id)
    week = UsualWeek(
        household_id=asked.household_id,
        municipality_id=town.municipality_id,
        child_id=child.child_id,
        programme_id=asked.programme_id,
        pattern=asked.pattern,
        starts=period.start,
        ends=period.until,
    )
    await weeks.put(week)
    return week


async def usual_weeks_of(household_id: str, child_id: str, *, weeks: UsualWeeks, roster: Children) -> list[UsualWeek]:
    """One per programme that has one. Raises `NotFound` for somebody else's child."""
    if child_id not in {child.child_id for child in await roster.children_of(household_id)}:
        raise NotFound()
    return await weeks.of_child(household_id, child_id)


async def usual_week(household_id: str, child_id: str, programme_id: str, *, weeks: UsualWeeks) -> UsualWeek:
    """Raises `NotFound`."""
    for week in await weeks.of_child(household_id, child_id):
        if week.programme_id == programme_id:
            return week
    raise NotFound()


async def forget_usual_week(household_id: str, child_id: str, programme_id: str, *, weeks: UsualWeeks) -> None:
    """Raises `NotFound`."""
    if not await weeks.remove(household_id, child_id, programme_id):
        raise NotFound()


async def add_usual_weeks(
    household_id: str, start: date, until: date, shelf: Shelf, *, weeks: UsualWeeks, preview: bool = False
) -> tuple[Granted, ...]:
    """Every child's usual week in every programme, between two dates. Raises `NoUsualWeek` when none is set."""
    period = Period.asked(start, until)
    wishes = [await _wish(week, period, shelf) for week in await weeks.of_household(household_id)]
    wanted: Sequence[Wish] = [wish for wish in wishes if wish is not None and wish.slots]
    if not wanted:
        raise NoUsualWeek()
    return await fill(household_id, wanted, shelf, preview=preview)


async def _wish(week: UsualWeek, period: Period, shelf: Shelf) -> Wish | None:
    """None for a child that left the town, or a programme that is gone."""
    try:
        town = await shelf.catalogue.town_of_programme(week.programme_id)
        child = await shelf.roster.child(week.child_id, week.household_id, week.municipality_id)
    except NotFound:
        return None
    programme = town.programme(week.programme_id)
    known = {activity.id for activity in programme.activities}
    slots = tuple(slot for slot in week.slots(period.start, period.until) if slot[0] in known)
    return Wish(child=child, town=town, programme=programme, period=period, slots=slots)
