"""What the town looks at before who asked first: residence, brothers and sisters, years before."""

from collections.abc import Sequence
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.programmes import Programme
from services.reservations.domain.retention import school_year_of
from services.reservations.domain.sheet import EXPECTED, Sheet, SheetKey, Slot, month_of
from services.reservations.domain.waiting import standing


class Siblings(Protocol):
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


class SheetsOfHousehold(Protocol):
    async def get_many(self, household_id: str, keys: Sequence[SheetKey]) -> dict[SheetKey, Sheet]: ...


async def standing_of(
    child: RosterChild, slot: Slot, programme: Programme, *, roster: Siblings, sheets: SheetsOfHousehold
) -> str:
    """Costs nothing where who asked first comes first."""
    policy = programme.regulation_on(slot[1]).waiting
    sibling = "sibling" in policy.order and await _with_sibling(child, slot, programme, roster, sheets)
    prior = child.enrolled_before(school_year_of(slot[1]))
    return standing(policy, resident=child.resident, sibling=sibling, prior=prior)


async def _with_sibling(
    child: RosterChild, slot: Slot, programme: Programme, roster: Siblings, sheets: SheetsOfHousehold
) -> bool:
    """Whether another child of the household has the same day."""
    keys = [
        SheetKey(
            household_id=one.household_id,
            municipality_id=one.municipality_id,
            child_id=one.child_id,
            programme_id=programme.id,
            month=month_of(slot[1]),
        )
        for one in await roster.children_of(child.household_id)
        if one.municipality_id == child.municipality_id and one.child_id != child.child_id
    ]
    found = await sheets.get_many(child.household_id, keys)
    return any(sheet.state(slot) in EXPECTED for sheet in found.values())
