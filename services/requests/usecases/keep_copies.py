"""What other services tell and this one shows: where a town's clocks stand, which children a household has."""

from collections.abc import Mapping
from typing import Protocol

from shared.contracts import Told
from shared.contracts.identity import HouseholdProfiled, MunicipalitySet


class Towns(Protocol):
    async def keep(self, municipality_id: str, time_zone: str, sequence: int) -> None: ...


class Households(Protocol):
    async def keep(self, household_id: str, children: Mapping[str, str], sequence: int) -> None: ...


async def keep_town(told: Told[MunicipalitySet], *, towns: Towns) -> None:
    await towns.keep(told.event.municipality_id, told.event.time_zone, told.sequence)


async def keep_household(told: Told[HouseholdProfiled], *, households: Households) -> None:
    """Ids and first names only: the rest of the profile is nothing a request needs."""
    children = {child.child_id: child.first_name for child in told.event.children}
    await households.keep(told.event.household_id, children, told.sequence)
