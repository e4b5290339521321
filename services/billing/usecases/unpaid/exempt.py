"""Leave a family in peace, or press it again."""

from dataclasses import replace
from typing import Protocol

from services.billing.domain.families import Family
from services.billing.domain.unpaid.policy import Exemption
from shared.errors import NotFound


class Families(Protocol):
    async def of_household(self, household_id: str, municipality_id: str) -> Family | None: ...


class Exemptions(Protocol):
    async def of(self, municipality_id: str, household_id: str) -> Exemption | None: ...
    async def save(self, exemption: Exemption) -> Exemption: ...


async def exempt(wanted: Exemption, *, families: Families, exemptions: Exemptions) -> Exemption:
    """From now on; one there is already is replaced. Raises `NotFound` for a household of another town, `Conflict`."""
    if await families.of_household(wanted.household_id, wanted.municipality_id) is None:
        raise NotFound()
    known = await exemptions.of(wanted.municipality_id, wanted.household_id)
    return await exemptions.save(replace(wanted, version=known.version if known else 0))
