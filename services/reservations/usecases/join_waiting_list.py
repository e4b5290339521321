"""Wait for a place in a day that is full."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool
from services.reservations.domain.decision import decide
from services.reservations.domain.refusals import AlreadyWaiting, NoWaitingList, PlacesAreLeft
from services.reservations.domain.refusals_of_waiting import WaitingListFull
from services.reservations.domain.sheet import Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.domain.waiting import Entry, ends_of, line_of, with_pools
from services.reservations.usecases.beside import Elsewhere, beside
from services.reservations.usecases.full_days import PlacesLeft, look
from services.reservations.usecases.standing import standing_of
from shared.clock import Clock
from shared.errors import Conflict, KeyReused
from shared.ids import new_id


class Towns(Protocol):
    async def town_of_activity(self, activity_id: str) -> Town: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


class Sheets(Elsewhere, Protocol):
    async def get(self, key: SheetKey) -> Sheet: ...
    async def get_many(self, household_id: str, keys: Sequence[SheetKey]) -> dict[SheetKey, Sheet]: ...


class Kept(Protocol):
    async def want(self, pools: Iterable[Pool]) -> None: ...


class Waiting(Protocol):
    async def by_key(self, household_id: str, key: str) -> Entry | None: ...
    async def of_child(self, household_id: str, child_id: str, slots: Sequence[Slot]) -> dict[Slot, int]: ...
    async def add(self, entry: Entry, *, now: datetime, standing: str = "") -> Entry: ...
    async def length(self, line: str) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Hall:
    """What joining a waiting list looks at and writes."""

    catalogue: Towns
    roster: Children
    sheets: Sheets
    places: PlacesLeft
    kept: Kept
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
    return await _add(await _checked(entry, town, child, hall), town, child, hall)


async def _checked(entry: Entry, town: Town, child: RosterChild, hall: Hall) -> Entry:
    """Only a day that could be booked, were it not full, is worth waiting for. The entry with what it waits for."""
    programme = town.programme_of(entry.activity_id)
    activity = programme.activity(entry.activity_id)
    line = line_of(entry, programme.id, hall.clock())
    sheet, fullness = await asyncio.gather(
        hall.sheets.get(line.sheet_key(entry.household_id)), look([entry.slot], child, programme, hall.places)
    )
    sheet = await beside(sheet, child, hall.sheets)
    decision = decide((line,), sheet=sheet, town=town, child=child, now=hall.clock())
    if line.id in decision.refused:
        raise decision.refused[line.id]
    if entry.slot not in fullness.days(sheet):
        raise PlacesAreLeft(activity=activity.name, date=entry.date)
    policy = programme.regulation_on(entry.date).waiting
    if not policy.enabled:
        raise NoWaitingList(activity=activity.name)
    found = with_pools(entry, fullness.needed[entry.slot])
    if policy.most is not None and await hall.waiting.length(found.line) >= policy.most:
        raise WaitingListFull(activity=activity.name, date=entry.date, most=policy.most)
    answer = town.answer(*entry.slot, action="book", child=child, now=hall.clock())
    return replace(found, ends=ends_of(entry.date, answer, town.calendar.zone))


async def _add(entry: Entry, town: Town, child: RosterChild, hall: Hall) -> Entry:
    """Or what the same key, or the same child, entered before or at the same moment."""
    programme = town.programme_of(entry.activity_id)
    ranks = await hall.waiting.of_child(entry.household_id, entry.child_id, [entry.slot])
    if entry.slot not in ranks:
        rank = await standing_of(child, entry.slot, programme, roster=hall.roster, sheets=hall.sheets)
        try:
            added = await hall.waiting.add(entry, now=hall.clock(), standing=rank)
        except Conflict:
            ranks = await hall.waiting.of_child(entry.household_id, entry.child_id, [entry.slot])
        else:
            await hall.kept.want(entry.pools)
            return added
    if known := await hall.waiting.by_key(entry.household_id, entry.key):
        return _same(known, entry.fingerprint)
    raise AlreadyWaiting(
        activity=programme.activity(entry.activity_id).name, date=entry.date, rank=ranks.get(entry.slot, 1)
    )


def _same(known: Entry, fingerprint: str) -> Entry:
    if known.fingerprint != fingerprint:
        raise KeyReused()
    return known
