"""Closing a month: what a programme's days of a month were becomes final."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.refusals import MonthNotOver
from services.reservations.domain.sheet import month_of, shown_month
from shared.contracts.reservations import MonthClosed

ClosingState: TypeAlias = Literal["closing", "closed"]
# A write decided in the last instant of a month must not land in a sheet the closing has passed.
LEEWAY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """A booked day nobody marked: it counts as booked."""

    child_id: str
    activity_id: str
    date: date


@dataclass(frozen=True, kw_only=True)
class Closing:
    """`sheets`: how many sheets told their days; known when the closing is done."""

    id: str
    municipality_id: str
    programme_id: str
    month: str
    key: str
    fingerprint: str
    state: ClosingState = "closing"
    sheets: int = 0
    anomalies: tuple[Anomaly, ...] = ()
    closed_at: datetime | None = None

    def told(self, sheets: int) -> MonthClosed:
        return MonthClosed(
            closing_id=self.id,
            municipality_id=self.municipality_id,
            programme_id=self.programme_id,
            month=self.month,
            sheets=sheets,
        )


def refuse_running_month(month: str, calendar: TownCalendar, now: datetime) -> None:
    """Only a month that is over in the town's time can be closed."""
    if month >= month_of(calendar.today(now)):
        year, number = int(month[:4]), int(month[5:])
        first = date(year + number // 12, number % 12 + 1, 1)
        raise MonthNotOver(month=shown_month(month), date=first)


def may_be_closing(month: str, calendar: TownCalendar, now: datetime) -> bool:
    """Whether a closing of this month could run now, so that a new sheet must make itself seen first."""
    return month < month_of(calendar.today(now + LEEWAY))
