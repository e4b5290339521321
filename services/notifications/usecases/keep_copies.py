"""Copies of what other services own, as far as messages show it; the newest fact wins in any order of arrival."""

from typing import Protocol

from services.notifications.domain.branding import Logo, logo_of
from services.notifications.domain.copies import Guardian, Household, Programme, Town
from shared.contracts import Told
from shared.contracts.identity import HouseholdProfiled, MunicipalitySet
from shared.contracts.reservations import ProgrammePublished
from shared.contracts.towns import LetterheadSet


class Towns(Protocol):
    async def keep_town(self, town: Town, sequence: int) -> None: ...


class Letterheads(Protocol):
    async def keep_logo(self, municipality_id: str, logo: Logo | None, sequence: int) -> None: ...


class Households(Protocol):
    async def keep_household(self, household: Household, sequence: int) -> None: ...


class Programmes(Protocol):
    async def keep_programme(self, programme: Programme, sequence: int) -> None: ...


async def keep_town(told: Told[MunicipalitySet], *, copies: Towns) -> None:
    event = told.event
    town = Town(
        id=event.municipality_id,
        name=event.name,
        time_zone=event.time_zone,
        contact_email=event.contact_email,
        contact_phone=event.contact_phone,
        contact_address=event.contact_address,
        services=event.services,
        primary_colour=event.primary_colour,
        accent_colour=event.accent_colour,
    )
    await copies.keep_town(town, told.sequence)


async def keep_letterhead(told: Told[LetterheadSet], *, stationeries: Letterheads) -> None:
    """Raises `ValueError` for what is no small PNG: such an event is parked for someone to look at."""
    event = told.event
    logo = logo_of(event.png_base64, event.width, event.height) if event.png_base64 else None
    await stationeries.keep_logo(event.municipality_id, logo, told.sequence)


async def keep_household(told: Told[HouseholdProfiled], *, copies: Households) -> None:
    event = told.event
    guardians = tuple(
        Guardian(
            id=one.guardian_id,
            first_name=one.first_name,
            last_name=one.last_name,
            email=one.email or "",
            secondary_email=one.secondary_email or "",
            language=one.language or "",
            channels=one.channels or (),
            phone=one.phone or "",
        )
        for one in event.guardians
    )
    household = Household(
        id=event.household_id,
        municipality_ids=event.municipality_ids,
        language=event.language,
        guardians=guardians,
        children={child.child_id: child.first_name for child in event.children},
    )
    await copies.keep_household(household, told.sequence)


async def keep_programme(told: Told[ProgrammePublished], *, copies: Programmes) -> None:
    event = told.event
    programme = Programme(
        id=event.programme_id,
        municipality_id=event.municipality_id,
        name=event.name,
        activities={activity.activity_id: activity.name for activity in event.activities},
    )
    await copies.keep_programme(programme, told.sequence)
