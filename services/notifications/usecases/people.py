"""Who asks: a guardian of a household as the copy of its profile knows them, or an agent by their account."""

from dataclasses import dataclass
from typing import Protocol

from services.notifications.domain.channel_refusals import HouseholdNotKnownYet
from services.notifications.domain.copies import Household


class Households(Protocol):
    async def household(self, household_id: str) -> Household | None: ...


@dataclass(frozen=True, kw_only=True)
class Person:
    """`id`: the guardian's, or an agent's account. `wishes`: the channels their account in identity names."""

    id: str
    household_id: str = ""
    wishes: tuple[str, ...] = ()
    second_address: str = ""
    phone: str = ""


async def guardian(household_id: str, guardian_id: str, *, copies: Households) -> Person:
    """The one the token names, the first of the household when it names none, as identity has it.

    Raises `HouseholdNotKnownYet`.
    """
    household = await copies.household(household_id)
    if household is None or not household.guardians:
        raise HouseholdNotKnownYet()
    found = next((one for one in household.guardians if one.id == guardian_id), None)
    if guardian_id and found is None:
        # Known to identity since a moment ago: what they choose is theirs when their profile arrives.
        return Person(id=guardian_id, household_id=household_id)
    one = found or household.guardians[0]
    return Person(
        id=one.id,
        household_id=household_id,
        wishes=one.channels,
        second_address=one.secondary_email,
        phone=one.phone,
    )


def agent(account_id: str) -> Person:
    return Person(id=account_id)
