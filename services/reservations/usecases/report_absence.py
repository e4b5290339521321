"""A family says that a child will be away, when it is too late to cancel: the days stay booked, staff see it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from services.reservations.domain.bookable import RosterChild, ask_about
from services.reservations.domain.excuses import QUOTA, Ruling, excused, period_of, quota_left, reported
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals import MonthIsClosed
from services.reservations.domain.refusals_of_decisions import NothingBookedThen, StillCancellable, TooLateToReport
from services.reservations.domain.sheet import (
    Change,
    Done,
    Outcome,
    Sheet,
    SheetKey,
    Slot,
    in_order,
    month_of,
    shown_month,
)
from services.reservations.domain.town import Town
from services.reservations.usecases.write_lines import TRIES
from shared.clock import Clock
from shared.errors import Conflict, KeyReused, NotFound, Refused


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Children(Protocol):
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


class Sheets(Protocol):
    async def of_household(self, household_id: str, first_month: str, last_month: str) -> list[Sheet]: ...
    async def get(self, key: SheetKey) -> Sheet: ...
    async def write(self, sheet: Sheet, change: Change, *, now: datetime, done: Done | None = None) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Hotline:
    """What taking a family's word takes."""

    catalogue: Towns
    roster: Children
    sheets: Sheets
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Absence:
    """Both days included; `activity_ids`: all that is booked, when empty."""

    household_id: str
    child_id: str
    starts: date
    ends: date
    activity_ids: frozenset[str]
    key: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class ReportedDay:
    """`free`: by the regulation's quota it will not be charged; None while that is not decided."""

    activity_id: str
    programme_id: str
    date: date
    free: bool | None = None
    refusal: Refused | None = None


async def report_absence(absence: Absence, desk: Hotline) -> tuple[ReportedDay, ...]:
    """Each booked day, reported or not and why. The same again changes nothing.

    Raises `NotFound` for a child that is not the household's, `NothingBookedThen`, `KeyReused`.
    """
    mine = {
        child.municipality_id: child
        for child in await desk.roster.children_of(absence.household_id)
        if child.child_id == absence.child_id
    }
    if not mine:
        raise NotFound()
    months = month_of(absence.starts), month_of(absence.ends)
    sheets = await desk.sheets.of_household(absence.household_id, *months)
    days: list[ReportedDay] = []
    for sheet in sheets:
        if sheet.key.child_id == absence.child_id and sheet.key.municipality_id in mine:
            days += await _Reporting(absence, mine[sheet.key.municipality_id], desk).of(sheet)
    if not days:
        raise NothingBookedThen(starts=absence.starts, ends=absence.ends)
    return tuple(sorted(days, key=lambda day: (day.date, day.activity_id)))


@dataclass(frozen=True)
class _Reporting:
    absence: Absence
    child: RosterChild
    desk: Hotline

    async def of(self, sheet: Sheet) -> list[ReportedDay]:
        town = await self.desk.catalogue.town(sheet.key.municipality_id)
        programme = town.programme(sheet.key.programme_id)
        for _ in range(TRIES):
            try:
                return await self._attempt(await self.desk.sheets.get(sheet.key), town, programme)
            except Conflict:
                continue
        raise Conflict()

    async def _attempt(self, sheet: Sheet, town: Town, programme: Programme) -> list[ReportedDay]:
        booked = self._booked(sheet)
        refused = {slot: no for slot in booked if (no := self._refusal(slot, sheet, town, programme))}
        now = self.desk.clock()
        new = [slot for slot in booked if slot not in refused and sheet.days[slot].reported_at is None]
        change = reported(sheet, new, programme, now)
        if change.cells:
            free = await self._free_by_quota(new, programme)
            after = replace(sheet, days={**sheet.days, **{s: e for s, e in change.cells.items() if e}})
            change = change.and_also(excused(after, free, programme, proof=QUOTA))
            await self.desk.sheets.write(sheet, change, now=now, done=self._done(sheet, new))
        elif any(done.fingerprint != self.absence.fingerprint for done in sheet.done_with(self._key(sheet))):
            raise KeyReused()
        entries = {**sheet.days, **change.cells}
        return [
            ReportedDay(
                activity_id=slot[0],
                programme_id=programme.id,
                date=slot[1],
                free=True if (entry := entries[slot]) and entry.excused == "free" else None,
                refusal=refused.get(slot),
            )
            for slot in booked
        ]

    def _booked(self, sheet: Sheet) -> list[Slot]:
        """What is booked and nobody marked; and what was reported before."""
        asked = self.absence
        return [
            slot
            for slot, entry in sheet.days.items()
            if asked.starts <= slot[1] <= asked.ends
            and (not asked.activity_ids or slot[0] in asked.activity_ids)
            and (entry.state == "booked" or (entry.reported_at is not None and entry.state != "cancelled"))
        ]

    def _refusal(self, slot: Slot, sheet: Sheet, town: Town, programme: Programme) -> Refused | None:
        if sheet.days[slot].reported_at is not None:
            return None
        if sheet.closed:
            return MonthIsClosed(month=shown_month(sheet.key.month))
        now, activity = self.desk.clock(), programme.activity(slot[0])
        cancel = town.answer(*slot, action="cancel", child=self.child, now=now)
        if cancel.allowed and cancel.tier is None:
            return StillCancellable(activity=activity.name, date=slot[1], limit=cancel.limit)
        limit = self._limit(slot, town, programme)
        if now.timestamp() > limit.timestamp():
            return TooLateToReport(activity=activity.name, date=slot[1], limit=limit)
        return None

    def _limit(self, slot: Slot, town: Town, programme: Programme) -> datetime:
        """As the regulation says, else until the day is over."""
        activity, day = programme.activity(slot[0]), slot[1]
        rule = programme.regulation_on(day).absences.report_until
        asked = ask_about(activity, day, child=self.child, calendar=town.calendar)
        if rule is not None and rule.speaks_of(asked) and (spans := rule.spans(asked)):
            return max(spans, key=lambda span: span.limit.timestamp()).limit
        midnight = datetime(day.year, day.month, day.day, tzinfo=town.calendar.zone) + timedelta(days=1)
        return midnight - timedelta(minutes=1)

    async def _free_by_quota(self, slots: Iterable[Slot], programme: Programme) -> dict[Slot, Ruling]:
        """The first days, as far as the regulation's quota reaches."""
        rulings: dict[Slot, Ruling] = {}
        granted: set[date] = set()
        for slot in in_order(slots):
            policy = programme.regulation_on(slot[1]).absences
            if policy.quota is None:
                continue
            used = await self._sheets_of_period(programme, *period_of(policy, slot[1]))
            if slot[1] in granted or quota_left(used, policy, slot[1]) > len(granted):
                granted.add(slot[1])
                rulings[slot] = "free"
        return rulings

    async def _sheets_of_period(self, programme: Programme, first: date, last: date) -> list[Sheet]:
        found = await self.desk.sheets.of_household(self.absence.household_id, month_of(first), month_of(last))
        key = self.absence.child_id, programme.id
        return [sheet for sheet in found if (sheet.key.child_id, sheet.key.programme_id) == key]

    def _key(self, sheet: Sheet) -> str:
        return f"{self.absence.household_id}/{self.absence.key}/{sheet.id}"

    def _done(self, sheet: Sheet, slots: Iterable[Slot]) -> Done:
        lines: tuple[tuple[Slot, Outcome], ...] = tuple((slot, "confirmed") for slot in slots)
        return Done(key=self._key(sheet), fingerprint=self.absence.fingerprint, lines=lines)
