"""Addresses that mail does not reach: who sees them, and who has them tried again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.notifications.domain.bounces import TroubledAddress
from services.notifications.domain.copies import Household
from shared.contracts.notifications_mail import UnreachableReason
from shared.errors import NotFound


class Addresses(Protocol):
    async def unreachable_in(self, municipality_id: str, *, after: str, limit: int) -> list[TroubledAddress]: ...
    async def unreachable_of(self, household_id: str) -> list[TroubledAddress]: ...
    async def find(self, key: str) -> TroubledAddress | None: ...
    async def forget(self, key: str, household_id: str) -> None: ...


class Households(Protocol):
    async def household(self, household_id: str) -> Household | None: ...
    async def households(self, household_ids: Sequence[str]) -> Sequence[Household]: ...


@dataclass(frozen=True, kw_only=True)
class ShownAddress:
    """`address` and `name` as the household's file has them now; both empty for an invitation."""

    trouble: TroubledAddress
    since: datetime
    reason: UnreachableReason
    address: str = ""
    name: str = ""


async def of_town(
    municipality_id: str,
    *,
    after: str,
    limit: int,
    addresses: Addresses,
    copies: Households,
    key_of: Callable[[str], str],
) -> tuple[list[ShownAddress], str | None]:
    """Those of households of the town that are still in their file, and of the town's invitations; where to go on."""
    found = await addresses.unreachable_in(municipality_id, after=after, limit=limit)
    known = await copies.households(sorted({one.whose.household_id for one in found}))
    households = {one.id: one for one in known}
    shown = [
        one
        for trouble in found
        if (one := _shown(trouble, households, key_of)) and _in_town(trouble, households, municipality_id)
    ]
    return shown, found[-1].key if len(found) == limit else None


async def of_household(
    household_id: str, *, addresses: Addresses, copies: Households, key_of: Callable[[str], str]
) -> list[ShownAddress]:
    household = await copies.household(household_id)
    households = {household_id: household} if household else {}
    found = await addresses.unreachable_of(household_id)
    return [one for trouble in found if (one := _shown(trouble, households, key_of))]


async def try_again(
    key: str, *, household_id: str = "", municipality_id: str = "", addresses: Addresses, copies: Households
) -> TroubledAddress:
    """For the household itself, or for an agent of a town it joined. Raises `NotFound`."""
    found = await addresses.find(key)
    if found is None or found.since is None:
        raise NotFound()
    if household_id:
        allowed = found.whose.household_id == household_id
    else:
        household = await copies.household(found.whose.household_id)
        towns = household.municipality_ids if household else (found.whose.municipality_id,)
        allowed = municipality_id in towns
    if not allowed:
        raise NotFound()
    await addresses.forget(key, found.whose.household_id)
    return found


def _in_town(trouble: TroubledAddress, households: Mapping[str, Household], municipality_id: str) -> bool:
    """A household that left the town is none of its business any more."""
    household = households.get(trouble.whose.household_id)
    return household is None or municipality_id in household.municipality_ids


def _shown(
    trouble: TroubledAddress, households: Mapping[str, Household], key_of: Callable[[str], str]
) -> ShownAddress | None:
    """None for an address that was changed since."""
    if trouble.since is None or trouble.reason is None:
        return None
    shown = ShownAddress(trouble=trouble, since=trouble.since, reason=trouble.reason)
    if not trouble.whose.household_id:
        return shown
    household = households.get(trouble.whose.household_id)
    for guardian in household.guardians if household else ():
        for address in (guardian.email, guardian.secondary_email):
            if address and key_of(address) == trouble.key:
                name = f"{guardian.first_name} {guardian.last_name}".strip()
                return replace(shown, address=address, name=name)
    return None
