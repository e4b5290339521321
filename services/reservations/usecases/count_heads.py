"""How many children come on a day, for kitchens and rotas."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.headcounts import Headcount, headcounts
from services.reservations.domain.households_of_child import entries_on
from services.reservations.domain.programmes import Activity
from services.reservations.domain.sheet import Sheet, Slot

AT_ONCE = 1_000


class Heads(Protocol):
    def booked_on(
        self, municipality_id: str, programme_ids: Collection[str], day: date
    ) -> AsyncIterator[list[Sheet]]: ...
    async def known(self, municipality_id: str, child_ids: Collection[str]) -> dict[str, RosterChild]: ...


async def count_heads(
    municipality_id: str, day: date, activities: Sequence[Activity], heads: Heads, *, site_id: str = ""
) -> list[Headcount]:
    """Of the activities that day, at one site or at all; a child of two households once."""
    programme_of = {activity.id: activity.programme_id for activity in activities}
    slots: list[Slot] = [(activity.id, day) for activity in activities]
    sheets: list[Sheet] = []
    async for some in heads.booked_on(municipality_id, frozenset(programme_of.values()), day):
        sheets += some
    days = {child_id: entries for child_id, entries in entries_on(slots, sheets).items() if entries}
    children: dict[str, RosterChild] = {}
    names = sorted(days)
    for start in range(0, len(names), AT_ONCE):
        children |= await heads.known(municipality_id, frozenset(names[start : start + AT_ONCE]))
    found = headcounts(days, children, programme_of, day)
    return [one for one in found if not site_id or one.table.site_id == site_id]
