"""Before each cut-off: find the children whose usual week is not booked, and tell their households once."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.feeds import secret_hash
from services.reservations.domain.guard import ByMonth, Outlook, Reminder, Stretch, months_around, reminder_key
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Sheet, SheetKey
from services.reservations.domain.town import Town
from services.reservations.domain.usual_week import UsualWeek
from services.reservations.usecases.beside import Elsewhere, beside
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import NotFound
from shared.ids import new_id

JOB = "guard"
PAGE = 100


class Leases(Protocol):
    async def take(self, job: str) -> bool: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Rounds(Protocol):
    async def municipality_ids(self) -> list[str]: ...
    async def begin(self, programme_id: str, now: datetime) -> str | None: ...
    async def move(self, programme_id: str, after: str | None) -> None: ...


class Enrolled(Protocol):
    async def page(
        self, municipality_id: str, programme_id: str, after: str, limit: int
    ) -> tuple[list[RosterChild], str | None]: ...


class Names(Protocol):
    async def named(self, children: Sequence[RosterChild]) -> list[RosterChild]: ...


class Sheets(Elsewhere, Protocol):
    async def of_programme(
        self, municipality_id: str, programme_id: str, month: str, *, keys: Iterable[SheetKey] | None = None
    ) -> list[Sheet]: ...


class UsualWeeks(Protocol):
    async def of_many(self, week_ids: list[str], municipality_id: str) -> dict[str, UsualWeek]: ...


class Reminders(Protocol):
    async def told_of(self, keys: Collection[str]) -> frozenset[str]: ...
    async def quiet_among(self, household_ids: Collection[str]) -> frozenset[str]: ...
    async def tell(self, key: str, reminder: Reminder, events: Sequence[Event], *, now: datetime) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What the guard looks at and writes. `lead`: how long before a cut-off households are told."""

    leases: Leases
    rounds: Rounds
    catalogue: Towns
    enrolled: Enrolled
    names: Names
    sheets: Sheets
    weeks: UsualWeeks
    reminders: Reminders
    clock: Clock
    lead: timedelta


@dataclass(frozen=True, kw_only=True)
class _Due:
    """A child of whom a cut-off is near."""

    child: RosterChild
    stretch: Stretch
    key: str


async def guard_weeks(watch: Watch) -> int:
    """One round over every programme that is due; how many reminders were told. Nothing without the lease."""
    told = 0
    if not await watch.leases.take(JOB):
        return told
    for municipality_id in await watch.rounds.municipality_ids():
        try:
            town = await watch.catalogue.town(municipality_id)
        except NotFound:
            continue
        for programme in town.programmes.values():
            told += await _guard_programme(town, programme, watch)
    return told


async def _guard_programme(town: Town, programme: Programme, watch: Watch) -> int:
    """Page by page: where a process died, the next goes on."""
    told, now = 0, watch.clock()
    after = await watch.rounds.begin(programme.id, now)
    outlook = Outlook(town, programme, now)
    while after is not None:
        children, after = await watch.enrolled.page(town.municipality_id, programme.id, after, PAGE)
        told += await _guard_children(children, outlook, watch)
        await watch.rounds.move(programme.id, after)
        if after is not None and not await watch.leases.take(JOB):
            break
    return told


async def _guard_children(children: Sequence[RosterChild], outlook: Outlook, watch: Watch) -> int:
    due = await _due(children, outlook, watch)
    if not due:
        return 0
    weeks = await watch.weeks.of_many([_week_id(one.child, outlook) for one in due], outlook.town.municipality_id)
    sheets = await _sheets([one.child for one in due], outlook, watch)
    told = 0
    for one in due:
        mine = await _own(one.child, sheets, outlook, watch)
        usual = outlook.usual(one.child, weeks.get(_week_id(one.child, outlook)), mine, one.stretch)
        if slots := outlook.missing(one.child, usual, mine):
            told += await _tell(replace(one, stretch=replace(one.stretch, slots=slots)), outlook, watch)
    return told


async def _due(children: Sequence[RosterChild], outlook: Outlook, watch: Watch) -> list[_Due]:
    """Whom a cut-off is near and nobody told yet, except those who want to hear nothing."""
    near = [
        _Due(child=child, stretch=stretch, key=reminder_key(child, outlook.programme.id, stretch))
        for child in children
        if (stretch := outlook.next_stretch(child, watch.lead))
    ]
    if not near:
        return []
    told = await watch.reminders.told_of([one.key for one in near])
    quiet = await watch.reminders.quiet_among({one.child.household_id for one in near})
    return [one for one in near if one.key not in told and one.child.household_id not in quiet]


async def _sheets(children: Sequence[RosterChild], outlook: Outlook, watch: Watch) -> dict[SheetKey, Sheet]:
    town_id, programme_id = outlook.town.municipality_id, outlook.programme.id
    found: dict[SheetKey, Sheet] = {}
    for month in months_around(outlook.today):
        keys = [_key(child, programme_id, month) for child in children]
        for sheet in await watch.sheets.of_programme(town_id, programme_id, month, keys=keys):
            found[sheet.key] = sheet
    return found


async def _own(child: RosterChild, sheets: dict[SheetKey, Sheet], outlook: Outlook, watch: Watch) -> ByMonth:
    """The child's sheets by month, with what its other household has."""
    mine = {}
    for month in months_around(outlook.today):
        key = _key(child, outlook.programme.id, month)
        mine[month] = await beside(sheets.get(key) or Sheet(key=key), child, watch.sheets)
    return mine


async def _tell(due: _Due, outlook: Outlook, watch: Watch) -> int:
    (child,) = await watch.names.named([due.child])
    secret = secrets.token_urlsafe(32)
    reminder = Reminder(
        id=new_id("rem"),
        household_id=child.household_id,
        municipality_id=child.municipality_id,
        child_id=child.child_id,
        programme_id=outlook.programme.id,
        slots=due.stretch.slots,
        until=due.stretch.until,
        secret_hash=secret_hash(secret),
    )
    events = [reminder.missed(), reminder.letter(child, outlook.programme, secret)]
    return int(await watch.reminders.tell(due.key, reminder, events, now=watch.clock()))


def _week_id(child: RosterChild, outlook: Outlook) -> str:
    return f"{child.household_id}/{child.child_id}/{outlook.programme.id}"


def _key(child: RosterChild, programme_id: str, month: str) -> SheetKey:
    return SheetKey(
        household_id=child.household_id,
        municipality_id=child.municipality_id,
        child_id=child.child_id,
        programme_id=programme_id,
        month=month,
    )
