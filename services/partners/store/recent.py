"""The end of each town's log, read once for all who follow it."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from services.partners.domain.facts import Fact, Outgoing
from services.partners.domain.minimising import outgoing
from services.partners.store.log import LogStore
from shared.together import Together

# Bounds of what is held: per town, and how many towns; what follows from farther behind is read page by page.
KEPT = 1_000
TOWNS = 64
MINIMISED = 20_000
PAGE = 500
PAGES_AT_ONCE = 8


class RecentLog:
    """`base`: the gateway as partners see it."""

    def __init__(self, log: LogStore, base: str) -> None:
        self._log = log
        self._base = base
        self._ends: OrderedDict[str, list[Fact]] = OrderedDict()
        self._look: Together[str, None] = Together(self._look_at)
        self._room = asyncio.Semaphore(PAGES_AT_ONCE)
        self._minimised: OrderedDict[tuple[str, int, str], Outgoing | None] = OrderedDict()

    async def after(self, town: str, position: int, limit: int) -> Sequence[Fact]:
        """The first events of the town after that position, in order."""
        if self._holds(town, position):
            found = self._slice(town, position, limit)
            if found:
                return found
            await self._look(town)
            if self._holds(town, position):
                return self._slice(town, position, limit)
        async with self._room:
            facts = await self._log.page(town, position, limit)
        if len(facts) < limit and facts:
            self._keep(town, facts)
        return facts

    def minimised(self, fact: Fact, profile: str) -> Outgoing | None:
        """The same for all who have that profile."""
        key = (fact.municipality_id, fact.position, profile)
        if key in self._minimised:
            return self._minimised[key]
        made = self._minimised[key] = outgoing(fact, profile, self._base)
        if len(self._minimised) > MINIMISED:
            self._minimised.popitem(last=False)
        return made

    def _holds(self, town: str, position: int) -> bool:
        end = self._ends.get(town)
        return end is not None and end[0].position - 1 <= position <= end[-1].position

    def _slice(self, town: str, position: int, limit: int) -> Sequence[Fact]:
        end = self._ends[town]
        start = position + 1 - end[0].position
        return end[start : start + limit]

    async def _look_at(self, towns: Sequence[str]) -> Sequence[None]:
        for town in set(towns):
            if end := self._ends.get(town):
                self._keep(town, await self._log.page(town, end[-1].position, PAGE))
        return [None] * len(towns)

    def _keep(self, town: str, facts: Sequence[Fact]) -> None:
        if not facts:
            return
        end = self._ends.get(town, [])
        if end and end[-1].position + 1 != facts[0].position:
            end = []
        self._ends[town] = [*end, *facts][-KEPT:]
        self._ends.move_to_end(town)
        if len(self._ends) > TOWNS:
            self._ends.popitem(last=False)
