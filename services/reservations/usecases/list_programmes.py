"""What a town offers, as families and agents may see it."""

from collections.abc import Collection
from typing import Protocol

from services.reservations.domain.town import Town
from shared.errors import NotFound


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Activities(Protocol):
    async def town_of_activity(self, activity_id: str) -> Town: ...


async def list_programmes(municipality_id: str, allowed: Collection[str], *, catalogue: Towns) -> Town:
    """The town when it is one of those `allowed` to the caller. Raises `NotFound`."""
    if municipality_id not in allowed:
        raise NotFound()
    return await catalogue.town(municipality_id)


async def programme_of(activity_id: str, *, catalogue: Activities) -> str:
    """Its programme's id; empty when there is no such activity."""
    try:
        town = await catalogue.town_of_activity(activity_id)
    except NotFound:
        return ""
    return town.activity(activity_id).programme_id
