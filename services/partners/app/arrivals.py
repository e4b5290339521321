"""Who waits for events of a town is woken when some arrive."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress


class Arrivals:
    """A hint within this process: what another one writes is found by looking again after a while."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = defaultdict(int)
        self._bells: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def tell(self, towns: Iterable[str]) -> None:
        for town in towns:
            self._counts[town] += 1
            self._bells.pop(town, asyncio.Event()).set()

    def count(self, town: str) -> int:
        """To be asked before one reads, and given to `wait` when there was nothing to read."""
        return self._counts.get(town, 0)

    async def wait(self, town: str, count: int, seconds: float) -> None:
        """Return once something arrived since that count, or after so many seconds."""
        if self.count(town) != count:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bells[town].wait()
