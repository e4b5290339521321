"""A sheet with what is next to it: the child's other household, and the weeks it shares with the month before or after.

Whoever decides on a sheet looks here first.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Line
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import EXPECTED, Sheet, SheetKey, Slot, month_of
from services.reservations.domain.weekly import week_of
from services.reservations.domain.weeks import has_weekly


class Elsewhere(Protocol):
    async def elsewhere(self, key: SheetKey, households: Collection[str]) -> frozenset[Slot]: ...


class Neighbours(Protocol):
    async def get(self, key: SheetKey) -> Sheet: ...


async def beside(sheet: Sheet, child: RosterChild, sheets: Elsewhere) -> Sheet:
    """Costs nothing for a child of one household, which nearly all are."""
    if not child.others:
        return sheet
    return replace(sheet, shared=True, elsewhere=await sheets.elsewhere(sheet.key, child.others))


async def around(
    sheet: Sheet, lines: Iterable[Line], programme: Programme | None, sheets: Neighbours, beyond: Collection[Line] = ()
) -> Sheet:
    """What is booked in the days that the weeks of the lines have in another month; `beyond`: lines that are asked of
    those other months at the same time. Costs nothing where no rule counts the days of a week.
    """
    days = {line.date for line in lines}
    if programme is None or not has_weekly(programme, days):
        return sheet
    outside = {day for one in days for day in week_of(one) if month_of(day) != sheet.key.month}
    found: set[Slot] = set()
    for month in sorted({month_of(day) for day in outside}):
        found |= _expected(await sheets.get(replace(sheet.key, month=month)), outside)
    mine = [line for line in beyond if line.date in outside]
    found -= {line.slot for line in mine if line.action == "cancel"}
    found |= {line.slot for line in mine if line.action == "book"}
    return replace(sheet, around=frozenset(found))


def _expected(sheet: Sheet, days: Collection[date]) -> set[Slot]:
    return {slot for slot, entry in sheet.days.items() if slot[1] in days and entry.state in EXPECTED}
