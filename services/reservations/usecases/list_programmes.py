"""What a town offers, as families and agents may see it."""

from collections.abc import Collection
from typing import Protocol

from services.reservations.domain.town import Town
from shared.errors import NotFound


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


async def list_programmes(municipality_id: str, allowed: Collection[str], *, catalogue: Towns) -> Town:
    """The town when it is one of those `allowed` to the caller. Raises `NotFound`."""
    if municipality_id not in allowed:
        raise NotFound()
    return await catalogue.town(municipality_id)
