"""What families and agents see of waiting lists, and what agents may do to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Slot
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals import AlreadyWaiting
from services.reservations.domain.refusals_of_waiting import CannotReturn, WaitsNoMore
from services.reservations.domain.waiting import RETURNABLE, WAITS, Entry, Trace
from services.reservations.usecases.end_offers import end_entry
from services.reservations.usecases.join_waiting_list import Kept
from services.reservations.usecases.offer_places import Bench
from shared.errors import Conflict, NotFound


class Entries(Protocol):
    async def in_town(self, entry_id: str, municipality_id: str) -> Entry | None: ...
    async def of_household(self, household_id: str, since: date) -> list[Entry]: ...
    async def of_slot(self, municipality_id: str, slot: Slot) -> list[Entry]: ...


class Names(Protocol):
    async def children_in(self, municipality_id: str, child_ids: Collection[str]) -> dict[str, RosterChild]: ...


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Where waiting lists are read, and kept by agents."""

    entries: Entries
    names: Names
    kept: Kept
    bench: Bench


@dataclass(frozen=True, kw_only=True)
class ListOfDay:
    """A day's whole list in turn, those who wait no more included; `children` by id, as far as the town knows them."""

    programme: Programme
    entries: Sequence[Entry]
    children: Mapping[str, RosterChild]


async def own_entries(household_id: str, desk: Ledger) -> list[Entry]:
    """What the household waits for, and what became of the rest of the days to come."""
    return await desk.entries.of_household(household_id, desk.bench.clock().date())


async def list_of_day(municipality_id: str, slot: Slot, desk: Ledger) -> ListOfDay:
    """Raises `NotFound` for an activity that is not the town's."""
    programme = await _programme(municipality_id, slot[0], desk)
    entries = await desk.entries.of_slot(municipality_id, slot)
    children = await desk.names.children_in(municipality_id, {entry.child_id for entry in entries})
    return ListOfDay(programme=programme, entries=entries, children=children)


async def entry_in_town(entry_id: str, municipality_id: str, desk: Ledger) -> tuple[Entry, Programme]:
    """With the programme whose agents may change it. Raises `NotFound`."""
    entry = await desk.entries.in_town(entry_id, municipality_id)
    if entry is None:
        raise NotFound()
    return entry, await _programme(municipality_id, entry.activity_id, desk)


async def take_off_list(entry: Entry, programme: Programme, account_id: str, reason: str, desk: Ledger) -> None:
    """An agent takes a child off; an offer it has goes to the next in line. Raises `WaitsNoMore`, `Conflict`."""
    if entry.state not in WAITS:
        raise WaitsNoMore(**_about(entry, programme))
    if not await end_entry(entry, "removed", desk.bench, by=account_id, reason=reason):
        raise Conflict()


async def put_back_on_list(entry: Entry, programme: Programme, account_id: str, reason: str, desk: Ledger) -> None:
    """An agent lets a child wait again where it waited before: with its old number, and the next place is its own.

    Raises `CannotReturn`, `AlreadyWaiting`, `Conflict`.
    """
    now = desk.bench.clock()
    if entry.state not in RETURNABLE or _is_over(entry, now):
        raise CannotReturn(**_about(entry, programme))
    trace = Trace(at=now, step="returned", by=account_id, reason=reason)
    try:
        moved = await desk.bench.waiting.move(entry, "waiting", trace=trace)
    except Conflict:
        raise AlreadyWaiting(**_about(entry, programme), rank=1) from None
    if not moved:
        raise Conflict()
    await desk.kept.want(entry.pools)


def _is_over(entry: Entry, now: datetime) -> bool:
    return (entry.ends or now) < now


def _about(entry: Entry, programme: Programme) -> dict[str, object]:
    return {"activity": programme.activity(entry.activity_id).name, "date": entry.date}


async def _programme(municipality_id: str, activity_id: str, desk: Ledger) -> Programme:
    return (await desk.bench.catalogue.town(municipality_id)).programme_of(activity_id)
