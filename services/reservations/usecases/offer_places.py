"""A place that came back is offered to whoever waits and is next in line, for a time.

The place is taken for the child before its entry says offered; what was cut off in between is settled by looking at the
entry (`usecases/end_offers.py`), never by the clock alone.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool
from services.reservations.domain.decision import decide
from services.reservations.domain.places import OfferedPlace
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.domain.waiting import (
    HAS_IT,
    Entry,
    EntryState,
    Offer,
    Trace,
    ends_of,
    in_turn,
    line_of,
    secret_hash,
    stands_for,
    with_pools,
)
from services.reservations.usecases.beside import Elsewhere, beside
from services.reservations.usecases.books import Towns
from services.reservations.usecases.standing import standing_of
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.reservations_of_waiting import WaitingOfferLetter
from shared.errors import NotFound
from shared.ids import new_id


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...
    async def children_of(self, household_id: str) -> list[RosterChild]: ...
    async def named(self, children: Sequence[RosterChild]) -> list[RosterChild]: ...


class Sheets(Elsewhere, Protocol):
    async def get(self, key: SheetKey) -> Sheet: ...
    async def get_many(self, household_id: str, keys: Sequence[SheetKey]) -> dict[SheetKey, Sheet]: ...


class Places(Protocol):
    async def lay_out(self, capacities: Mapping[Pool, int]) -> None: ...


class Kept(Protocol):
    async def want(self, pools: Iterable[Pool]) -> None: ...
    async def kept_pools(self) -> list[Pool]: ...
    async def look_at(self, pool: Pool) -> bool: ...
    async def is_kept(self, pool: Pool) -> bool: ...
    async def free_kept(self, pool: Pool) -> None: ...
    async def take_for(self, needed: Mapping[Pool, int], entry: Entry, offer_id: str) -> datetime | None: ...
    async def keep_until(self, offer_id: str, pools: Iterable[Pool], until: datetime) -> None: ...
    async def take_back(self, offer_id: str, pools: Iterable[Pool]) -> bool: ...
    async def is_claimed(self, entry: Entry) -> bool: ...
    async def left_over(self) -> list[OfferedPlace]: ...


class Lists(Protocol):
    async def by_id(self, entry_id: str) -> Entry | None: ...
    async def move(
        self, entry: Entry, to: EntryState, *events: Event, trace: Trace, offer: Offer | None = None
    ) -> bool: ...
    async def settled(self, entry: Entry, offer_id: str) -> None: ...
    async def requeue(self, entries: Sequence[tuple[Entry, str]]) -> None: ...
    async def leave(self, child_id: str, slots: Iterable[Slot]) -> None: ...
    async def waited_towns(self) -> list[str]: ...
    async def waiting_in(self, municipality_id: str) -> list[Entry]: ...
    async def in_pool(self, pool: Pool) -> list[Entry]: ...
    async def over(self) -> list[Entry]: ...
    async def too_late(self, municipality_id: str, now: datetime) -> list[Entry]: ...
    async def due(self) -> list[Entry]: ...
    async def ending(self) -> list[Entry]: ...
    async def remind(self, entry: Entry, event: Event, at: datetime) -> None: ...
    async def stands(self, entry: Entry) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where lists are tended. `seen`: the towns as they were, and when, as their lists were last gone through."""

    catalogue: Towns
    roster: Children
    sheets: Sheets
    places: Places
    kept: Kept
    waiting: Lists
    clock: Clock
    seen: dict[str, tuple[Town, datetime]] = field(default_factory=dict)


async def offer_kept(pool: Pool, bench: Bench) -> None:
    """The places that came back to a pool go to those who wait, in turn; to everybody when none of them can come."""
    if not await bench.kept.look_at(pool):
        return
    for entry in await _in_turn(await bench.waiting.in_pool(pool), bench):
        if await _offer(entry, pool, bench) and not await bench.kept.is_kept(pool):
            return
    await bench.kept.free_kept(pool)


async def _offer(entry: Entry, pool: Pool, bench: Bench) -> bool:
    """Whether the child is offered a place; not one who could not book the day now."""
    town = await town_or_none(entry.municipality_id, bench)
    if town is None:
        return False
    try:
        programme = town.programme_of(entry.activity_id)
        child = await bench.roster.child(entry.child_id, entry.household_id, entry.municipality_id)
    except NotFound:
        return False
    needed = needed_for(entry, child, programme)
    if pool not in needed or not await _could_book(entry, town, programme, child, bench):
        return False
    offer_id = new_id("wof")
    at = await bench.kept.take_for(needed, entry, offer_id)
    return at is not None and await _tell(with_pools(entry, needed), offer_id, at, town, child, bench)


async def _tell(entry: Entry, offer_id: str, at: datetime, town: Town, child: RosterChild, bench: Bench) -> bool:
    """The entry says offered and tells it, at once or not at all."""
    programme, now = town.programme_of(entry.activity_id), bench.clock()
    answer = town.answer(entry.activity_id, entry.date, action="book", child=child, now=now)
    ends = ends_of(entry.date, answer, town.calendar.zone)
    token = secrets.token_urlsafe(32)
    until = at + stands_for(programme.regulation_on(entry.date).waiting, now, ends)
    offer = Offer(id=offer_id, secret_hash=secret_hash(token), until=until, made_at=at)
    (named,) = await bench.roster.named([child])
    events = (entry.offered(programme.id, offer), _letter(entry, offer, programme, token, named.first_name))
    if not await bench.waiting.move(entry, "offered", *events, trace=Trace(at=now, step="offered"), offer=offer):
        await bench.kept.take_back(offer_id, entry.pools)
        return False
    await bench.kept.keep_until(offer_id, entry.pools, until)
    return True


def _letter(entry: Entry, offer: Offer, programme: Programme, token: str, first_name: str) -> WaitingOfferLetter:
    return WaitingOfferLetter(
        municipality_id=entry.municipality_id,
        household_id=entry.household_id,
        child_id=entry.child_id,
        child_first_name=first_name,
        programme_id=programme.id,
        activity_id=entry.activity_id,
        activity_name=programme.activity(entry.activity_id).name,
        date=entry.date,
        offer_id=offer.id,
        prepaid=programme.billing_mode == "prepaid",
        token=token,
        expires_at=offer.until,
    )


async def _could_book(entry: Entry, town: Town, programme: Programme, child: RosterChild, bench: Bench) -> bool:
    if not programme.regulation_on(entry.date).waiting_list:
        return False
    line = line_of(entry, programme.id, bench.clock())
    sheet = await beside(await bench.sheets.get(line.sheet_key(entry.household_id)), child, bench.sheets)
    if sheet.state(entry.slot) in HAS_IT:
        await bench.waiting.leave(entry.child_id, [entry.slot])
        return False
    return not decide((line,), sheet=sheet, town=town, child=child, now=bench.clock()).refused


def needed_for(entry: Entry, child: RosterChild, programme: Programme) -> Mapping[Pool, int]:
    return child.pools_of(programme, [entry.slot]).get(entry.slot, {})


async def town_or_none(municipality_id: str, bench: Bench) -> Town | None:
    try:
        return await bench.catalogue.town(municipality_id)
    except NotFound:
        return None


async def _in_turn(entries: Sequence[Entry], bench: Bench) -> list[Entry]:
    """Brothers and sisters come and go: where they count, standings are looked at again."""
    moved = []
    for entry in entries:
        town = await town_or_none(entry.municipality_id, bench)
        programme = town.programme_of(entry.activity_id) if town else None
        if programme and "sibling" in programme.regulation_on(entry.date).waiting.order:
            try:
                child = await bench.roster.child(entry.child_id, entry.household_id, entry.municipality_id)
            except NotFound:
                continue
            rank = await standing_of(child, entry.slot, programme, roster=bench.roster, sheets=bench.sheets)
            moved.append((entry, rank))
    if not moved:
        return in_turn(entries)
    await bench.waiting.requeue(moved)
    ids = {entry.id for entry in entries}
    found = [await bench.waiting.by_id(entry_id) for entry_id in sorted(ids)]
    return in_turn(entry for entry in found if entry and entry.state == "waiting")
