"""Everything a run started: watched while it runs, stopped in order at the end."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from deploy.local.processes import Child, Failed

# Who asks stops before who answers.
STOP_ORDER = ("portal", "gateway", "services", "sandbox", "broker", "database")
Stop = Callable[[], Awaitable[None]]


class Fleet:
    """Leaving the block stops every part: one level after the other, the parts of a level together."""

    def __init__(self) -> None:
        self._stops: dict[str, list[Stop]] = {level: [] for level in STOP_ORDER}
        self._watchers: set[asyncio.Task[None]] = set()
        self._died: asyncio.Future[Child] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        return self

    def add(self, level: str, child: Child, stop: Stop) -> None:
        self._stops[level].append(stop)
        self._watchers.add(asyncio.create_task(self._watch(child)))

    async def _watch(self, child: Child) -> None:
        await child.process.wait()
        if not self._died.done():
            self._died.set_result(child)

    async def watch(self) -> None:
        """Never returns. Raises `Failed` as soon as a part ends by itself: nothing is started again silently."""
        child = await self._died
        raise Failed(child.obituary())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for watcher in self._watchers:
            watcher.cancel()
        for level in STOP_ORDER:
            await asyncio.gather(*(stop() for stop in self._stops[level]))


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """All at once; the first failure ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
