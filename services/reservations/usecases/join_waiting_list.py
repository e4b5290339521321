"""Wait for a place in a day that is full."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Line
from services.reservations.domain.decision import decide
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.refusals import AlreadyWaiting, NoWaitingList, PlacesAreLeft
from services.reservations.domain.sheet import Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.domain.waiting import Entry
from services.reservations.usecases.beside import Elsewhere, beside
from shared.clock import Clock
from shared.errors import Conflict, KeyReused
from shared.ids import new_id


class Towns(Protocol):
    async def town_of_activity(self, activity_id: str) -> Town: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...


class Sheets(Elsewhere, Protocol):
    async def get(self, key: SheetKey) -> Sheet: ...


class PlacesLeft(Protocol):
    async def left(self, capacities: dict[Slot, int]) -> dict[Slot, int]: ...


class Waiting(Protocol):
    async def by_key(self, household_id: str, key: str) -> Entry | None: ...
    async def of_child(self, household_id: str, child_id: str, slots: Sequence[Slot]) -> dict[Slot, int]: ...
    async def add(self, entry: Entry, *, now: datetime) -> Entry: ...


@dataclass(frozen=True, kw_only=True)
class Hall:
    """What joining a waiting list looks at and writes."""

    catalogue: Towns
    roster: Children
    sheets: Sheets
    places: PlacesLeft
    waiting: Waiting
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Hope:
    household_id: str
    child_id: str
    activity_id: str
    date: date
    key: str
    fingerprint: str


async def join_waiting_list(hope: Hope, hall: Hall) -> Entry:
    """The entry with its rank; the same key answers the same. Raises what refuses it."""
    town = await hall.catalogue.town_of_activity(hope.activity_id)
    child, known = await asyncio.gather(
        hall.roster.child(hope.child_id, hope.household_id, town.municipality_id),
        hall.waiting.by_key(hope.household_id, hope.key),
    )
    if known is not None:
        return _same(known, hope.fingerprint)
    await _check(hope, town, child, hall)
    entry = Entry(
        id=new_id("wtl"),
        household_id=hope.household_id,
        municipality_id=town.municipality_id,
        child_id=hope.child_id,
        activity_id=hope.activity_id,
        date=hope.date,
        key=hope.key,
        fingerprint=hope.fingerprint,
    )
    return await _add(entry, town.activity(hope.activity_id), hall)


async def _check(hope: Hope, town: Town, child: RosterChild, hall: Hall) -> None:
    """Only a day that could be booked, were it not full, is worth waiting for."""
    programme = town.programme_of(hope.activity_id)
    activity = programme.activity(hope.activity_id)
    line = _line(hope, town, programme, hall.clock())
    slot = line.slot
    sheet, left = await asyncio.gather(
        hall.sheets.get(line.sheet_key(hope.household_id)),
        hall.places.left({slot: activity.places} if activity.places is not None else {}),
    )
    sheet = await beside(sheet, child, hall.sheets)
    decision = decide((line,), sheet=sheet, town=town, child=child, now=hall.clock())
    if line.id in decision.refused:
        raise decision.refused[line.id]
    if left.get(slot) != 0:
        raise PlacesAreLeft(activity=activity.name, date=hope.date)
    if not programme.regulation.waiting_list:
        raise NoWaitingList(activity=activity.name)


async def _add(entry: Entry, activity: Activity, hall: Hall) -> Entry:
    """Or what the same key, or the same child, entered before or at the same moment."""
    slot = (entry.activity_id, entry.date)
    ranks = await hall.waiting.of_child(entry.household_id, entry.child_id, [slot])
    if slot not in ranks:
        try:
            return await hall.waiting.add(entry, now=hall.clock())
        except Conflict:
            ranks = await hall.waiting.of_child(entry.household_id, entry.child_id, [slot])
    if known := await hall.waiting.by_key(entry.household_id, entry.key):
        return _same(known, entry.fingerprint)
    raise AlreadyWaiting(activity=activity.name, date=entry.date, rank=ranks.get(slot, 1))


def _same(known: Entry, fingerprint: str) -> Entry:
    if known.fingerprint != fingerprint:
        raise KeyReused()
    return known


def _line(hope: Hope, town: Town, programme: Programme, now: datetime) -> Line:
    return Line(
        id="",
        child_id=hope.child_id,
        municipality_id=town.municipality_id,
        programme_id=programme.id,
        activity_id=hope.activity_id,
        date=hope.date,
        action="book",
        added_at=now,
    )
