"""Keep what other services tell of towns, programmes and households; an older telling never replaces a newer one."""

from datetime import date
from typing import Protocol

from services.billing.domain.copies import Activity, Household, Person, Programme, Town
from services.billing.usecases.set_prices import Pricing
from shared.contracts import Told
from shared.contracts.identity import HouseholdProfiled, MunicipalitySet, ProfiledChild, ProfiledGuardian
from shared.contracts.reservations import ProgrammePublished


class Copies(Protocol):
    async def put_town(self, town: Town, sequence: int) -> None: ...
    async def put_programme(self, programme: Programme, sequence: int) -> None: ...
    async def put_household(self, household: Household, sequence: int) -> None: ...


class Families(Protocol):
    async def reprice_household(self, household_id: str, municipality_id: str, day: date) -> None: ...


async def learn_town(told: Told[MunicipalitySet], *, copies: Copies) -> None:
    event = told.event
    town = Town(
        id=event.municipality_id,
        name=event.name,
        time_zone=event.time_zone,
        contact_email=event.contact_email,
        contact_phone=event.contact_phone,
        contact_address=event.contact_address,
    )
    await copies.put_town(town, told.sequence)


async def learn_programme(told: Told[ProgrammePublished], *, copies: Copies) -> None:
    event = told.event
    programme = Programme(
        id=event.programme_id,
        municipality_id=event.municipality_id,
        name=event.name,
        billing_mode=event.billing_mode,
        activities=tuple(
            Activity(id=activity.activity_id, name=activity.name, minutes=activity.minutes)
            for activity in event.activities
        ),
    )
    await copies.put_programme(programme, told.sequence)


async def learn_household(
    told: Told[HouseholdProfiled], *, copies: Copies, families: Families, pricing: Pricing
) -> None:
    """Where prices ask for children's ages and ranks, the household's are looked at again."""
    event = told.event
    household = Household(
        id=event.household_id,
        name=event.name,
        address=event.address,
        guardians=tuple(_adult(guardian) for guardian in event.guardians),
        children=tuple(_child(child) for child in event.children),
    )
    await copies.put_household(household, told.sequence)
    for municipality_id in event.municipality_ids:
        tariff = await pricing.tariffs.of(municipality_id)
        if tariff.asks_children:
            today = await pricing.today(municipality_id)
            await families.reprice_household(household.id, municipality_id, today)
            pricing.nudge()


def _adult(told: ProfiledGuardian) -> Person:
    return Person(
        id=told.guardian_id,
        civility=told.civility,
        first_name=told.first_name,
        last_name=told.last_name,
        email=told.email or "",
    )


def _child(told: ProfiledChild) -> Person:
    return Person(id=told.child_id, first_name=told.first_name, last_name=told.last_name, birth_date=told.birth_date)
