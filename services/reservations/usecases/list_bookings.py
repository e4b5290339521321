"""What a household has booked between two days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from services.reservations.domain.period import MOST_DAYS
from services.reservations.domain.refusals import BeyondTheHorizon, PeriodBackwards
from services.reservations.domain.sheet import Sheet, SheetState, month_of


class WithFormers(Protocol):
    """A household with those merged into it, and what their children are called now."""

    @property
    def household_ids(self) -> Sequence[str]: ...
    @property
    def child_ids(self) -> Mapping[str, str]: ...


class Sheets(Protocol):
    async def of_household(self, household_id: str, first_month: str, last_month: str) -> list[Sheet]: ...


@dataclass(frozen=True, kw_only=True)
class BookedDay:
    """One activity on one date, whatever became of it."""

    date: date
    child_id: str
    activity_id: str
    municipality_id: str
    programme_id: str
    state: SheetState
    order_id: str | None

    @property
    def cursor(self) -> str:
        return f"{self.date.isoformat()}|{self.child_id}|{self.activity_id}"


async def list_bookings(
    household: WithFormers, start: date, until: date, *, after: str, limit: int, sheets: Sheets
) -> tuple[Sequence[BookedDay], str | None]:
    """A page of days, both ends included, and the cursor of the next page."""
    if until < start:
        raise PeriodBackwards(start=start, until=until)
    if until - start >= timedelta(days=MOST_DAYS):
        raise BeyondTheHorizon(days=MOST_DAYS)
    months = month_of(start), month_of(until)
    found = [sheet for one in household.household_ids for sheet in await sheets.of_household(one, *months)]
    days = sorted(
        (day for sheet in found for day in _days(sheet, household.child_ids) if start <= day.date <= until),
        key=lambda day: day.cursor,
    )
    rest = [day for day in days if day.cursor > after]
    page = rest[:limit]
    return page, page[-1].cursor if len(rest) > limit else None


def _days(sheet: Sheet, child_ids: Mapping[str, str]) -> list[BookedDay]:
    """`child_ids`: of children who have another id since households were merged."""
    return [
        BookedDay(
            date=day,
            child_id=child_ids.get(sheet.key.child_id, sheet.key.child_id),
            activity_id=activity_id,
            municipality_id=sheet.key.municipality_id,
            programme_id=sheet.key.programme_id,
            state=entry.state,
            order_id=entry.order_id,
        )
        for (activity_id, day), entry in sheet.days.items()
    ]
