"""Closing a month: what a programme's days of a month were becomes final."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.refusals import MonthNotOver
from services.reservations.domain.sheet import Entry, Sheet, month_of, shown_month
from shared.contracts.reservations import MonthClosed
from shared.contracts.reservations_of_months import MonthReopened

ClosingState: TypeAlias = Literal["closing", "closed", "reopening", "reopened"]
FindingKind: TypeAlias = Literal["unmarked", "present_unbooked", "requested", "cancellation_asked", "held"]
# A write decided in the last instant of a month must not land in a sheet the closing has passed.
LEEWAY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """A booked day nobody marked: it counts as booked."""

    child_id: str
    activity_id: str
    date: date


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A day to look at before its month is closed.

    `unmarked` must be marked or accepted; `requested` and `cancellation_asked` decided first; `held` is waited for,
    until it is paid or free again; `present_unbooked` hinders nothing, and is charged.
    """

    kind: FindingKind
    household_id: str
    child_id: str
    activity_id: str
    date: date

    @property
    def cursor(self) -> str:
        return f"{self.date.isoformat()}|{self.activity_id}|{self.child_id}|{self.household_id}|{self.kind}"


@dataclass(frozen=True, kw_only=True)
class Reopening:
    """Why and by whom (account) a closed month is opened again; the key under which asking again is the same."""

    key: str
    fingerprint: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Closing:
    """`sheets`: how many sheets told their days; known when the closing is done.

    `round`: a month that was opened again is closed anew, by another closing. `reopening`: what took this one back.
    """

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
    round: int = 1
    reopening: Reopening | None = None

    def told(self, sheets: int) -> MonthClosed:
        return MonthClosed(
            closing_id=self.id,
            municipality_id=self.municipality_id,
            programme_id=self.programme_id,
            month=self.month,
            sheets=sheets,
        )

    def told_reopened(self) -> MonthReopened:
        return MonthReopened(
            closing_id=self.id,
            municipality_id=self.municipality_id,
            programme_id=self.programme_id,
            month=self.month,
        )


def closing_id(programme_id: str, month: str, round_: int) -> str:
    """Closings of a month after the first say which one they are."""
    first = f"cls_{programme_id}_{month}"
    return first if round_ == 1 else f"{first}_{round_}"


def findings(sheets: Iterable[Sheet]) -> list[Finding]:
    """Of a programme's month, by date, activity and child."""
    found = (
        Finding(
            kind=kind,
            household_id=sheet.key.household_id,
            child_id=sheet.key.child_id,
            activity_id=activity_id,
            date=day,
        )
        for sheet in sheets
        for (activity_id, day), entry in sheet.days.items()
        for kind in _kinds(entry)
    )
    return sorted(found, key=lambda one: one.cursor)


def _kinds(entry: Entry) -> Iterator[FindingKind]:
    if entry.state == "booked":
        yield "unmarked"
        if entry.asked:
            yield "cancellation_asked"
    elif entry.state in ("present_unbooked", "requested", "held"):
        yield entry.state


def refuse_running_month(month: str, calendar: TownCalendar, now: datetime) -> None:
    """Only a month that is over in the town's time can be closed."""
    if month >= month_of(calendar.today(now)):
        year, number = int(month[:4]), int(month[5:])
        first = date(year + number // 12, number % 12 + 1, 1)
        raise MonthNotOver(month=shown_month(month), date=first)


def may_be_closing(month: str, calendar: TownCalendar, now: datetime) -> bool:
    """Whether a closing of this month could run now, so that a new sheet must make itself seen first."""
    return month < month_of(calendar.today(now + LEEWAY))
