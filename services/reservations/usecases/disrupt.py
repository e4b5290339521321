"""A town cancels what is booked in one act: said first, so that nothing more is booked, then carried out in steps.

Each step leaves where it stopped; whatever is cut off goes on there, and doing a step again changes nothing.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.disruption import (
    GOING,
    UNDOABLE,
    Counts,
    Disruption,
    Scope,
    Touched,
    plan_of,
    slots_in,
)
from services.reservations.domain.refusals_of_decisions import DisruptionRunning
from services.reservations.domain.sheet import Sheet
from services.reservations.domain.suspension import Suspension
from services.reservations.domain.town import Town
from services.reservations.usecases.books import Books
from services.reservations.usecases.offer_places import Bench
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.reservations_by_town import DisruptionNoticed
from shared.errors import KeyReused

PAGE = 200


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Children(Protocol):
    async def enrolled_children(
        self, municipality_id: str, child_ids: Collection[str]
    ) -> dict[str, list[RosterChild]]: ...
    async def named(self, children: Sequence[RosterChild]) -> list[RosterChild]: ...


class Pages(Protocol):
    async def page(
        self, municipality_id: str, programme_id: str, month: str, *, after: str, limit: int
    ) -> list[Sheet]: ...
    async def named(self, household_id: str, municipality_id: str, sheet_ids: Collection[str]) -> list[Sheet]: ...


class Disruptions(Protocol):
    async def declare(self, disruption: Disruption) -> Disruption: ...
    async def by_key(self, municipality_id: str, key: str) -> Disruption | None: ...
    async def save(self, before: Disruption, after: Disruption, *events: Event, now: datetime) -> None: ...
    async def touch(self, disruption: Disruption, sheets: Iterable[tuple[str, str]]) -> None: ...
    async def to_tell(self, disruption: Disruption, limit: int = 100) -> Sequence[Touched]: ...
    async def tell(
        self, disruption: Disruption, household: Touched, notice: DisruptionNoticed | None, *, now: datetime
    ) -> None: ...
    async def ask_again(self, disruption: Disruption) -> None: ...
    async def counted(self, disruption: Disruption) -> Counts: ...


class Suspensions(Protocol):
    async def suspend(self, municipality_id: str, suspension: Suspension) -> None: ...
    async def lift(self, municipality_id: str, suspension_id: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Crisis:
    """What cancelling for a town takes; `page`: how many sheets a step looks at."""

    catalogue: Towns
    roster: Children
    pages: Pages
    disruptions: Disruptions
    suspensions: Suspensions
    books: Books
    bench: Bench
    clock: Clock
    page: int = PAGE


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a cancellation would reach. `prepaid`: how many of the days were paid beforehand and are given back."""

    households: int
    children: int
    days: int
    held: int
    prepaid: int


async def declare(disruption: Disruption, crisis: Crisis) -> Disruption:
    """From here on nothing is booked in its scope; the rest is done in the background. The same key answers the same.

    Raises `KeyReused`.
    """
    known = await crisis.disruptions.by_key(disruption.municipality_id, disruption.key)
    declared = known or await crisis.disruptions.declare(disruption)
    if declared.fingerprint != disruption.fingerprint:
        raise KeyReused()
    if declared.state == "cancelling":
        await crisis.suspensions.suspend(declared.municipality_id, declared.suspension)
    return declared


async def undo(disruption: Disruption, key: str, crisis: Crisis) -> Disruption:
    """Take it back; the same key answers the same. Raises `DisruptionRunning`, and `Conflict` when others do too."""
    if disruption.undo_key:
        return disruption
    if disruption.state not in UNDOABLE:
        raise DisruptionRunning()
    undoing = disruption.undoing(key)
    await crisis.disruptions.save(disruption, undoing, now=crisis.clock())
    return undoing


async def survey(scope: Scope, town: Town, crisis: Crisis) -> Survey:
    """What declaring it now would cancel. Changes nothing."""
    plain = scope.suspension("", town, "", town.calendar.today(crisis.clock()))
    households: set[str] = set()
    children: set[str] = set()
    days = held = prepaid = 0
    for programme_id, month in plan_of(plain, town):
        async for sheet, child in _sheets(town, programme_id, month, crisis):
            going, waiting = slots_in(sheet, plain, child, GOING), slots_in(sheet, plain, child, ("held",))
            days, held = days + len(going), held + len(waiting)
            prepaid += sum(sheet.days[slot].order_id is not None for slot in going)
            if going or waiting:
                households.add(sheet.key.household_id)
                children.add(sheet.key.child_id)
    return Survey(households=len(households), children=len(children), days=days, held=held, prepaid=prepaid)


async def _sheets(
    town: Town, programme_id: str, month: str, crisis: Crisis
) -> AsyncIterator[tuple[Sheet, RosterChild | None]]:
    after = ""
    while found := await crisis.pages.page(town.municipality_id, programme_id, month, after=after, limit=crisis.page):
        for one in await with_children(found, crisis):
            yield one
        after = found[-1].id


async def with_children(sheets: Sequence[Sheet], crisis: Crisis) -> list[tuple[Sheet, RosterChild | None]]:
    """Each sheet with its child as its household has it; of a household that was merged, as the other has it."""
    if not sheets:
        return []
    town = sheets[0].key.municipality_id
    known = await crisis.roster.enrolled_children(town, {sheet.key.child_id for sheet in sheets})
    return [(sheet, _child_of(sheet, known.get(sheet.key.child_id, []))) for sheet in sheets]


def _child_of(sheet: Sheet, known: Sequence[RosterChild]) -> RosterChild | None:
    """With the enrolments of every reference the town has of it."""
    mine = [child for child in known if child.household_id == sheet.key.household_id] or list(known)
    if not mine:
        return None
    return replace(mine[0], enrolments=tuple(one for child in mine for one in child.enrolments))
