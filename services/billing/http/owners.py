"""Whose things a family may see and pay: its own, and those of households merged into it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from aiohttp import web

from services.billing.http.parts import FORMER
from shared.auth import Caller

Found = TypeVar("Found")


async def owners(request: web.Request, caller: Caller) -> Sequence[str]:
    """The caller's household first."""
    return (await request.app[FORMER].with_formers(caller.household())).household_ids


async def first_of(household_ids: Sequence[str], look: Callable[[str], Awaitable[Found | None]]) -> Found | None:
    """What the first household that has it has."""
    for household_id in household_ids:
        if found := await look(household_id):
            return found
    return None
