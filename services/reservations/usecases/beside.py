"""A sheet with what the child's other household has in the same days, for whoever decides on it."""

from collections.abc import Collection
from dataclasses import replace
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.sheet import Sheet, SheetKey, Slot


class Elsewhere(Protocol):
    async def elsewhere(self, key: SheetKey, households: Collection[str]) -> frozenset[Slot]: ...


async def beside(sheet: Sheet, child: RosterChild, sheets: Elsewhere) -> Sheet:
    """Costs nothing for a child of one household, which nearly all are."""
    if not child.others:
        return sheet
    return replace(sheet, shared=True, elsewhere=await sheets.elsewhere(sheet.key, child.others))
