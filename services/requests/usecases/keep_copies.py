"""What other services tell and this one shows: where a town's clocks stand, which children a household has."""

from collections.abc import Collection, Mapping
from typing import Protocol

from services.requests.domain.catalogue.prefilling import Household, KnownChild, Person
from shared.contracts import Told
from shared.contracts.identity import AgentRolesSet, HouseholdProfiled, MunicipalitySet


class Towns(Protocol):
    async def keep(
        self, municipality_id: str, time_zone: str, sequence: int, *, name: str, public_holidays: str
    ) -> None: ...


class Agents(Protocol):
    async def keep(self, account_id: str, municipality_id: str, roles: Collection[str], sequence: int) -> None: ...


class Households(Protocol):
    async def keep(
        self, household_id: str, children: Mapping[str, str], sequence: int, *, profile: Household
    ) -> None: ...


async def keep_town(told: Told[MunicipalitySet], *, towns: Towns) -> None:
    town = told.event
    await towns.keep(
        town.municipality_id, town.time_zone, told.sequence, name=town.name, public_holidays=town.public_holidays
    )


async def keep_agent(told: Told[AgentRolesSet], *, agents: Agents) -> None:
    """Whole-town roles: requests are processed for a town, not for a programme."""
    await agents.keep(told.event.account_id, told.event.municipality_id, told.event.roles, told.sequence)


async def keep_household(told: Told[HouseholdProfiled], *, households: Households) -> None:
    """First names for lists, and what forms may be filled in with; preferences stay where they are."""
    children = {child.child_id: child.first_name for child in told.event.children}
    await households.keep(told.event.household_id, children, told.sequence, profile=_profile(told.event))


def _profile(event: HouseholdProfiled) -> Household:
    guardians = tuple(
        Person(
            guardian_id=one.guardian_id,
            civility=one.civility,
            first_name=one.first_name,
            last_name=one.last_name,
            email=one.email or "",
            phone=one.phone or "",
        )
        for one in event.guardians
    )
    children = {
        child.child_id: KnownChild(
            first_name=child.first_name, last_name=child.last_name, birth_date=child.birth_date.isoformat()
        )
        for child in event.children
    }
    return Household(name=event.name, address=event.address, guardians=guardians, children=children)
