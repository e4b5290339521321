"""Asking a town to change its file, and taking the request back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from services.identity.domain.changes import (
    MOST_WAITING,
    ChangeRequest,
    NothingChanges,
    TooManyChanges,
    Values,
    child_of,
    first_town,
    names_of_child,
    names_of_guardian,
    town_of_child,
    whole_child,
)
from services.identity.domain.custody import Custody, check_plan
from services.identity.domain.households import Adhesion, Household
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.households import ChangeKind, CustodyException, CustodyPlan
from shared.errors import NotFound
from shared.ids import new_id


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


class Changes(Protocol):
    async def add(self, change: ChangeRequest, events: Sequence[Event]) -> None:
        """Raises `ChangeWaits`."""

    async def save(self, change: ChangeRequest, events: Sequence[Event], at: datetime) -> None: ...
    async def own(self, change_id: str, household_id: str) -> ChangeRequest: ...
    async def count_waiting(self, household_id: str) -> int: ...


class Custodies(Protocol):
    async def of(self, municipality_id: str, child_id: str) -> Custody: ...
    async def households_of(self, municipality_id: str, child_id: str) -> list[str]: ...


@dataclass(frozen=True, kw_only=True)
class WishedException:
    starts: date
    ends: date
    ours: bool


@dataclass(frozen=True, kw_only=True)
class WishedWeeks:
    """As a guardian says it: what is not ours is the other household's."""

    even_weeks_ours: bool
    changeover: int
    exceptions: tuple[WishedException, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wish:
    """`municipality_id`: for a new child, the town that shall know it; empty for the first joined."""

    kind: ChangeKind
    about: str = ""
    new: Values
    weeks: WishedWeeks | None = None
    justification: str = ""
    municipality_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Counter:
    """Where families ask."""

    households: Households
    changes: Changes
    custodies: Custodies
    clock: Clock

    async def request(self, household_id: str, account_id: str, wish: Wish) -> ChangeRequest:
        """Raises `NotFound`, `NoTown`, `NothingChanges`, `ChangeWaits`, `TooManyChanges`, the refusals of weeks."""
        household = await self.households.get(household_id)
        town = _town(household, wish)
        old, new = await self._values(household, town.municipality_id, wish)
        if old == new:
            raise NothingChanges()
        if await self.changes.count_waiting(household_id) >= MOST_WAITING:
            raise TooManyChanges(most=MOST_WAITING)
        change = ChangeRequest(
            id=new_id("chg"),
            household_id=household_id,
            municipality_id=town.municipality_id,
            account_id=account_id,
            kind=wish.kind,
            about=wish.about,
            old=old,
            new=new,
            justification=wish.justification,
            requested_at=self.clock(),
        )
        await self.changes.add(change, [change.requested_told()])
        return change

    async def withdraw(self, change_id: str, household_id: str) -> None:
        """Raises `NotFound`, `ChangeSettled`, `Conflict`."""
        change = await self.changes.own(change_id, household_id)
        now = self.clock()
        ended, events = change.withdrawn(now)
        await self.changes.save(ended, events, now)

    async def _values(self, household: Household, town: str, wish: Wish) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is written now, and what shall be."""
        if wish.kind == "guardian_name":
            return names_of_guardian(household, wish.about), dict(wish.new)
        if wish.kind == "child_name":
            return names_of_child(child_of(household, wish.about)), dict(wish.new)
        if wish.kind == "child_removed":
            return whole_child(child_of(household, wish.about)), {}
        if wish.kind == "child_added":
            return {}, dict(wish.new)
        return await self._weeks(household.id, town, wish)

    async def _weeks(self, household_id: str, town: str, wish: Wish) -> tuple[dict[str, Any], dict[str, Any]]:
        current = await self.custodies.of(town, wish.about)
        homes = await self.custodies.households_of(town, wish.about)
        if wish.weeks is None:
            raise NotFound()
        others = [one for one in homes if one != household_id]
        plan = check_plan(_plan(wish.weeks, household_id, others[0] if others else ""), homes)
        return values_of(current.plan), values_of(plan)


def values_of(plan: CustodyPlan | None) -> dict[str, Any]:
    """A plan as a request keeps it; nothing when there is none."""
    return plan.model_dump(mode="json") if plan else {}


def _plan(weeks: WishedWeeks, ours: str, theirs: str) -> CustodyPlan:
    exceptions = tuple(
        CustodyException(starts=one.starts, ends=one.ends, household_id=ours if one.ours else theirs)
        for one in weeks.exceptions
    )
    even, odd = (ours, theirs) if weeks.even_weeks_ours else (theirs, ours)
    return CustodyPlan(even_weeks=even, odd_weeks=odd, changeover=weeks.changeover, exceptions=exceptions)


def _town(household: Household, wish: Wish) -> Adhesion:
    """Which town answers: the one whose file has the child; for guardians the first joined."""
    if wish.about and wish.kind != "guardian_name":
        return town_of_child(household, wish.about)
    if wish.municipality_id:
        chosen = household.adhesion(wish.municipality_id)
        if chosen is None:
            raise NotFound()
        return chosen
    return first_town(household)
