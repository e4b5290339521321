"""The attendance list of a day, and the marks staff put in it."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.reservations.domain.attendance import (
    Counts,
    Occasion,
    Sighting,
    counted,
    mark,
    newest,
    outdated_by,
    refuse_days_to_come,
)
from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.closing import may_be_closing
from services.reservations.domain.households_of_child import sheet_keys, states_on, to_mark
from services.reservations.domain.programmes import Activity
from services.reservations.domain.refusals import MonthIsClosed
from services.reservations.domain.sheet import Change, Entry, Sheet, SheetKey, SheetState, month_of, shown_month
from services.reservations.domain.town import Town
from shared.clock import Clock
from shared.errors import Conflict, NotFound, Refused

TRIES = 8


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Children(Protocol):
    async def children_on(
        self, municipality_id: str, programme_id: str, site_id: str, day: date
    ) -> list[RosterChild]: ...
    async def children_in(self, municipality_id: str, child_ids: Iterable[str]) -> dict[str, RosterChild]: ...


class Sheets(Protocol):
    async def open(self, key: SheetKey) -> None: ...
    async def of_programme(
        self, municipality_id: str, programme_id: str, month: str, *, keys: Iterable[SheetKey] | None = None
    ) -> list[Sheet]: ...
    async def write_all(self, changes: Sequence[tuple[Sheet, Change]], *, now: datetime) -> bool: ...


class Heads(Protocol):
    async def of_children(
        self, municipality_id: str, programme_ids: Collection[str], day: date, children: Sequence[RosterChild]
    ) -> list[Sheet]: ...


class Closings(Protocol):
    async def exists(self, municipality_id: str, programme_id: str, month: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Door:
    """What staff at the door work with."""

    catalogue: Towns
    roster: Children
    sheets: Sheets
    heads: Heads
    closings: Closings
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class AttendanceList:
    """Children enrolled at the site that day, with the state of their day; None when nothing was booked."""

    activity: Activity
    children: tuple[RosterChild, ...]
    states: Mapping[str, SheetState | None]
    groups: Mapping[str, str]
    final: bool
    markable: bool

    @property
    def counts(self) -> Counts:
        return counted(self.states)


@dataclass(frozen=True, kw_only=True)
class Outdated:
    """A sighting that changes nothing, for the child was seen later, as `outcome` says."""

    child_id: str
    outcome: str
    at: datetime
    device: str


@dataclass(frozen=True, kw_only=True)
class Marked:
    """`refused` by child; marking again what is marked changes nothing. `children`: those the town knows."""

    children: tuple[RosterChild, ...]
    marked: int
    unchanged: int
    outdated: tuple[Outdated, ...]
    refused: Mapping[str, Refused]


async def list_attendance(
    municipality_id: str, activity_id: str, site_id: str, day: date, door: Door
) -> AttendanceList:
    """Raises `NotFound` for an activity or a site that is not the town's."""
    town = await door.catalogue.town(municipality_id)
    activity = town.activity(activity_id)
    if site_id not in town.sites:
        raise NotFound()
    month = month_of(day)
    children, closing = await asyncio.gather(
        door.roster.children_on(municipality_id, activity.programme_id, site_id, day),
        door.closings.exists(municipality_id, activity.programme_id, month),
    )
    sheets = await door.heads.of_children(municipality_id, [activity.programme_id], day, children)
    states = states_on((activity_id, day), [child.child_id for child in children], sheets)
    enrolments = {child.child_id: child.enrolment_on(activity.programme_id, day) for child in children}
    return AttendanceList(
        activity=activity,
        children=tuple(children),
        states=states,
        groups={child_id: found.group for child_id, found in enrolments.items() if found},
        final=closing,
        markable=not closing and day <= town.calendar.today(door.clock()),
    )


async def mark_attendance(
    municipality_id: str, activity_id: str, day: date, marks: Sequence[tuple[str, Sighting]], door: Door
) -> Marked:
    """By child, each a fact of its own; of several of one child the newest counts. A child the town does not know is
    refused by itself.

    Raises `NotFound`, `NotYetThere`, `MonthIsClosed`, and `Conflict` when others keep marking the same children.
    """
    town = await door.catalogue.town(municipality_id)
    activity, now = town.activity(activity_id), door.clock()
    refuse_days_to_come(day, town.calendar.today(now))
    if await door.closings.exists(municipality_id, activity.programme_id, month_of(day)):
        raise MonthIsClosed(month=shown_month(month_of(day)))
    latest, older = newest((child_id, sighting.by_the_clock(now)) for child_id, sighting in marks)
    programme = town.programme(activity.programme_id)
    occasion = Occasion(activity=activity, programme=programme, day=day, calendar=town.calendar)
    known = await door.roster.children_in(municipality_id, latest)
    marking = _Marking(town=town, occasion=occasion, door=door, marks=latest, children=known)
    return await marking.run(tuple(_outdated(child_id, latest[child_id]) for child_id, _ in older))


def _outdated(child_id: str, by: Sighting) -> Outdated:
    return Outdated(child_id=child_id, outcome=by.outcome, at=by.at, device=by.device)


@dataclass(frozen=True, kw_only=True)
class _Decided:
    """What one reading of the sheets comes to."""

    changes: list[tuple[Sheet, Change]]
    refused: dict[str, Refused]
    outdated: tuple[Outdated, ...]

    @property
    def telling(self) -> set[str]:
        return {sheet.key.child_id for sheet, change in self.changes if change.events}


@dataclass(frozen=True, kw_only=True)
class _Marking:
    town: Town
    occasion: Occasion
    door: Door
    marks: Mapping[str, Sighting]
    children: Mapping[str, RosterChild]

    async def run(self, older: tuple[Outdated, ...]) -> Marked:
        strangers: dict[str, Refused] = {one: NotFound() for one in self.marks if one not in self.children}
        changed: set[str] = set()
        for _ in range(TRIES):
            decided = self._decide(await self._sheets())
            changed |= decided.telling
            if not decided.changes or await self.door.sheets.write_all(decided.changes, now=self.door.clock()):
                refused = {**strangers, **decided.refused}
                outdated = tuple(one for one in decided.outdated if one.child_id not in changed)
                return Marked(
                    children=tuple(self.children.values()),
                    marked=len(changed),
                    unchanged=len(self.marks) - len(refused) - len(outdated) - len(changed),
                    outdated=(*older, *outdated),
                    refused=refused,
                )
        raise Conflict()

    async def _sheets(self) -> list[Sheet]:
        """Of every child to mark. A new one of a month that is over is made visible to a closing first."""
        sheets = await self._read()
        over = may_be_closing(month_of(self.occasion.day), self.town.calendar, self.door.clock())
        new = [sheet for sheet in sheets if sheet.is_new]
        if not (over and new):
            return sheets
        for sheet in new:
            await self.door.sheets.open(sheet.key)
        await self._refuse_closing()
        return await self._read()

    async def _read(self) -> list[Sheet]:
        programme_id, month = self.occasion.programme.id, month_of(self.occasion.day)
        keys = {child_id: sheet_keys(child, programme_id, month) for child_id, child in self.children.items()}
        every = [key for found in keys.values() for key in found]
        sheets = await self.door.sheets.of_programme(self.town.municipality_id, programme_id, month, keys=every)
        known = {sheet.key: sheet for sheet in sheets}
        return [
            to_mark([known.get(key) or Sheet(key=key) for key in found], self.children[child_id], self.occasion.slot)
            for child_id, found in keys.items()
        ]

    def _decide(self, sheets: Collection[Sheet]) -> _Decided:
        changes: list[tuple[Sheet, Change]] = []
        refused: dict[str, Refused] = {}
        for sheet in sheets:
            child_id = sheet.key.child_id
            try:
                change = mark(sheet, self.occasion, self.marks[child_id])
            except Refused as refusal:
                refused[child_id] = refusal
                continue
            if change:
                changes.append((sheet, change))
        later = {sheet.key.child_id: self._later(sheet) for sheet in sheets if sheet.key.child_id not in refused}
        outdated = tuple(_by_entry(child_id, entry) for child_id, entry in later.items() if entry)
        return _Decided(changes=changes, refused=refused, outdated=outdated)

    def _later(self, sheet: Sheet) -> Entry | None:
        return outdated_by(sheet.days.get(self.occasion.slot), self.marks[sheet.key.child_id])

    async def _refuse_closing(self) -> None:
        programme_id, month = self.occasion.programme.id, month_of(self.occasion.day)
        if await self.door.closings.exists(self.town.municipality_id, programme_id, month):
            raise MonthIsClosed(month=shown_month(month))


def _by_entry(child_id: str, entry: Entry) -> Outdated:
    if entry.seen_at is None:
        raise ValueError("a day nobody marked outdates no mark")
    outcome = "unmarked" if entry.state in ("booked", "cancelled") else entry.state
    return Outdated(child_id=child_id, outcome=outcome, at=entry.seen_at, device=entry.device)
