"""Whose weeks a child's are, set by the town's agents."""

from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from services.identity.domain.custody import Custody, check_plan, check_span
from services.identity.domain.households import Household
from shared.clock import Clock
from shared.contracts.households import CustodyPlan
from shared.errors import NotFound


class Custodies(Protocol):
    async def of(self, municipality_id: str, child_id: str) -> Custody: ...
    async def set_in(self, municipality_ids: frozenset[str], child_id: str) -> list[Custody]: ...
    async def households_of(self, municipality_id: str, child_id: str) -> list[str]: ...

    async def save(self, custody: Custody, at: datetime) -> None:
        """Raises `Conflict`."""


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


async def set_custody(
    municipality_id: str, child_id: str, plan: CustodyPlan, *, custodies: Custodies, clock: Clock
) -> Custody:
    """The same again changes nothing. Raises `NotFound`, `ChildNotShared`, `CustodyUnfit`, `Conflict`."""
    homes = await custodies.households_of(municipality_id, child_id)
    if not homes:
        raise NotFound()
    known = await custodies.of(municipality_id, child_id)
    after = replace(known, plan=check_plan(plan, homes))
    if after != known:
        await custodies.save(after, clock())
    return after


async def end_custody(municipality_id: str, child_id: str, *, custodies: Custodies, clock: Clock) -> None:
    """From now on every day is open to both. Raises `NotFound` when there are no weeks."""
    known = await custodies.of(municipality_id, child_id)
    if known.plan is None:
        raise NotFound()
    await custodies.save(replace(known, plan=None), clock())


async def custody_of_own_child(
    household_id: str, child_id: str, start: date, until: date, *, households: Households, custodies: Custodies
) -> list[Custody]:
    """The weeks of each of the household's towns that keep some. Raises `NotFound`, `CustodyUnfit`."""
    check_span(start, until)
    household = await households.get(household_id)
    towns = frozenset(one.municipality_id for one in household.adhesions if child_id in one.child_ids.values())
    if not towns and child_id not in {child.id for child in household.children}:
        raise NotFound()
    return await custodies.set_in(towns, child_id)
