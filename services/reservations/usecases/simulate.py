"""Try a draft on a past period: asked by an agent, worked through in the background, child by child.

A page of children at a time: what it gave is kept, then how far the work is. A process that dies is followed by
another one where it stopped, and what it did twice is found once.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.editions import Author, Edition, tried
from services.reservations.domain.programmes import Programme
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.replay_past import Case, Past, RefusedAct
from services.reservations.domain.sheet import Sheet
from services.reservations.domain.simulations import (
    END,
    MOST_AT_ONCE,
    Findings,
    Simulation,
    TooManySimulations,
    refuse_period,
)
from services.reservations.domain.town import Town
from shared.clock import Clock
from shared.errors import NotFound
from shared.ids import new_id


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...
    async def town_of_programme(self, programme_id: str) -> Town: ...


class Editions(Protocol):
    async def get(self, edition_id: str, towns: Collection[str]) -> Edition: ...


class Pasts(Protocol):
    async def children(
        self, municipality_id: str, programme_id: str, after: str, limit: int
    ) -> tuple[list[RosterChild], str]: ...
    async def sheets(
        self, programme_id: str, months: Sequence[str], children: Iterable[RosterChild]
    ) -> dict[tuple[str, str], list[Sheet]]: ...
    async def refused(
        self, programme_id: str, households: Iterable[str]
    ) -> dict[tuple[str, str], list[RefusedAct]]: ...


class Simulations(Protocol):
    async def add(self, simulation: Simulation) -> None: ...
    async def get(self, simulation_id: str, towns: Collection[str]) -> Simulation: ...
    async def of_programme(self, municipality_id: str, programme_id: str) -> list[Simulation]: ...
    async def unfinished(self, municipality_id: str) -> int: ...
    async def drop(self, simulation: Simulation) -> None: ...
    async def take(self) -> Simulation | None: ...
    async def put_down(self, simulation: Simulation) -> None: ...
    async def step(self, before: Simulation, after: Simulation, found: Sequence[Findings]) -> bool: ...
    async def finish(self, simulation: Simulation, now: datetime) -> Simulation: ...


@dataclass(frozen=True, kw_only=True)
class Laboratory:
    """What simulating reads and writes. `page`: how many children of the town's roster are looked at in one step."""

    catalogue: Towns
    regulations: Editions
    pasts: Pasts
    simulations: Simulations
    clock: Clock
    page: int = 25


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`draft_id` names what is tried, or `regulation` is it."""

    programme_id: str
    first: date
    last: date
    draft_id: str = ""
    regulation: Regulation | None = None


async def ask_simulation(asked: Asked, author: Author, laboratory: Laboratory) -> Simulation:
    """The simulation, waiting to be worked on. Raises `PeriodNotReplayable`, `TooManySimulations`, `UnusableChange`,
    `NotFound`, `Forbidden`.
    """
    author.may(asked.programme_id)
    refuse_period(asked.first, asked.last)
    town = await laboratory.catalogue.town_of_programme(asked.programme_id)
    programme = town.programme(asked.programme_id)
    draft = tried(programme, await _draft(asked, author, laboratory))
    if await laboratory.simulations.unfinished(town.municipality_id) >= MOST_AT_ONCE:
        raise TooManySimulations(most=MOST_AT_ONCE)
    simulation = Simulation(
        id=new_id("sim"),
        municipality_id=town.municipality_id,
        programme_id=programme.id,
        draft_id=asked.draft_id,
        draft=draft,
        in_force=programme.regulation,
        first=asked.first,
        last=asked.last,
        by=author.account_id,
        asked_at=laboratory.clock(),
    )
    await laboratory.simulations.add(simulation)
    return simulation


async def _draft(asked: Asked, author: Author, laboratory: Laboratory) -> Regulation:
    if asked.regulation is not None:
        return asked.regulation
    edition = await laboratory.regulations.get(asked.draft_id, author.towns)
    if edition.programme_id != asked.programme_id:
        raise NotFound()
    return edition.regulation


async def show_simulation(simulation_id: str, author: Author, laboratory: Laboratory) -> Simulation:
    """Raises `NotFound`, `Forbidden`."""
    simulation = await laboratory.simulations.get(simulation_id, author.towns)
    author.may(simulation.programme_id)
    return simulation


async def list_simulations(programme_id: str, author: Author, laboratory: Laboratory) -> list[Simulation]:
    author.may(programme_id)
    town = await laboratory.catalogue.town_of_programme(programme_id)
    return await laboratory.simulations.of_programme(town.municipality_id, programme_id)


async def drop_simulation(simulation_id: str, author: Author, laboratory: Laboratory) -> None:
    """Whether it is done or not."""
    await laboratory.simulations.drop(await show_simulation(simulation_id, author, laboratory))


async def run_simulations(laboratory: Laboratory) -> int:
    """Work on what waits until nothing does; how many were finished."""
    finished = 0
    while simulation := await laboratory.simulations.take():
        try:
            finished += await _run(simulation, laboratory)
        except asyncio.CancelledError:
            await laboratory.simulations.put_down(simulation)
            raise
    return finished


async def _run(simulation: Simulation, laboratory: Laboratory) -> bool:
    try:
        town = await laboratory.catalogue.town(simulation.municipality_id)
        case = _case(simulation, town, town.programme(simulation.programme_id))
    except NotFound:
        await laboratory.simulations.drop(simulation)
        return False
    while simulation.after != END:
        after, found = await _page(simulation, case, laboratory)
        if not await laboratory.simulations.step(simulation, after, found):
            return False
        simulation = after
    await laboratory.simulations.finish(simulation, laboratory.clock())
    return True


def _case(simulation: Simulation, town: Town, programme: Programme) -> Case:
    return Case(
        programme=programme,
        calendar=town.calendar,
        first=simulation.first,
        last=simulation.last,
        in_force=simulation.in_force,
        draft=simulation.draft,
    )


async def _page(simulation: Simulation, case: Case, laboratory: Laboratory) -> tuple[Simulation, list[Findings]]:
    """The simulation after the next children, and what they gave."""
    programme_id, pasts = simulation.programme_id, laboratory.pasts
    children, after = await pasts.children(simulation.municipality_id, programme_id, simulation.after, laboratory.page)
    sheets, refused = await asyncio.gather(
        pasts.sheets(programme_id, simulation.months, children),
        pasts.refused(programme_id, {child.household_id for child in children}),
    )
    tallies, found = Counter(simulation.tallies), list[Findings]()
    for child in children:
        who = (child.household_id, child.child_id)
        days = {slot: entry for sheet in sheets.get(who, ()) for slot, entry in sheet.days.items()}
        replayed = case.replay(Past(child=child, days=days, refused=refused.get(who, ())))
        tallies.update(replayed.tallies)
        if replayed.differences:
            found.append(Findings(household_id=who[0], child_id=who[1], differences=replayed.differences))
        # A year of a child takes milliseconds, and families wait for none of them.
        await asyncio.sleep(0)
    moved = replace(simulation, after=after or END, children=simulation.children + len(children), tallies=tallies)
    return moved, found
