"""What was booked in a period, child by child, as it is read: never more than some sheets at a time in memory."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from services.reservations.domain.bookable import Enrolment, RosterChild
from services.reservations.domain.period import MOST_DAYS
from services.reservations.domain.refusals import BeyondTheHorizon, PeriodBackwards
from services.reservations.domain.sheet import Entry, Sheet, month_of


class Heads(Protocol):
    def of_month(self, municipality_id: str, programme_id: str, month: str) -> AsyncIterator[list[Sheet]]: ...
    async def known(self, municipality_id: str, child_ids: Collection[str]) -> dict[str, RosterChild]: ...


class Names(Protocol):
    async def named(self, children: Sequence[RosterChild]) -> list[RosterChild]: ...


@dataclass(frozen=True, kw_only=True)
class BookedDay:
    """`child` is None for one the town no longer knows; `enrolment` for one enrolled nowhere that day."""

    date: date
    activity_id: str
    household_id: str
    child_id: str
    child: RosterChild | None
    enrolment: Enrolment | None
    entry: Entry


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days `start` to `until`, both included, of some programmes; at one site, or at all when it is empty."""

    municipality_id: str
    programme_ids: tuple[str, ...]
    start: date
    until: date
    site_id: str = ""

    def refuse_unreadable(self) -> None:
        """Raises `PeriodBackwards`, `BeyondTheHorizon`."""
        if self.until < self.start:
            raise PeriodBackwards(start=self.start, until=self.until)
        if self.until - self.start >= timedelta(days=MOST_DAYS):
            raise BeyondTheHorizon(days=MOST_DAYS)

    def months(self) -> list[str]:
        length = (self.until - self.start).days + 1
        return sorted({month_of(self.start + timedelta(days=after)) for after in range(length)})


async def booked_days(period: Period, *, heads: Heads, roster: Names) -> AsyncIterator[list[BookedDay]]:
    """By programme, month and child; within a batch by date, activity and name."""
    for programme_id in period.programme_ids:
        for month in period.months():
            async for sheets in heads.of_month(period.municipality_id, programme_id, month):
                known = await heads.known(period.municipality_id, frozenset(one.key.child_id for one in sheets))
                named = {child.child_id: child for child in await roster.named(list(known.values()))}
                found = [day for sheet in sheets for day in _days(sheet, period, named.get(sheet.key.child_id))]
                yield sorted(found, key=_order)


def _days(sheet: Sheet, period: Period, child: RosterChild | None) -> list[BookedDay]:
    days = [
        BookedDay(
            date=day,
            activity_id=activity_id,
            household_id=sheet.key.household_id,
            child_id=sheet.key.child_id,
            child=child,
            enrolment=child.enrolment_on(sheet.key.programme_id, day) if child else None,
            entry=entry,
        )
        for (activity_id, day), entry in sheet.days.items()
        if period.start <= day <= period.until
    ]
    return [one for one in days if not period.site_id or (one.enrolment and one.enrolment.site_id == period.site_id)]


def _order(one: BookedDay) -> tuple[date, str, str, str]:
    name = f"{one.child.last_name} {one.child.first_name}" if one.child else ""
    return one.date, one.activity_id, name, one.child_id
