"""Work that waits for a time or a hint: one step after the other, for as long as the application runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import structlog
from aiohttp import web

from shared.errors import Conflict

log = structlog.get_logger()
Step: TypeAlias = Callable[[], Awaitable[Any]]
STOP_SECONDS = 20.0


def until_none_is_left(step: Callable[[], Awaitable[bool]]) -> Step:
    """Repeats a step until it finds nothing to do."""

    async def steps() -> None:
        while await step():
            pass

    return steps


class Loop:
    """Takes `step` when woken, and by itself every `seconds`; a step that fails is taken again then."""

    def __init__(self, name: str, step: Step, seconds: float) -> None:
        self._name, self._step, self._seconds = name, step, seconds
        self._hint = asyncio.Event()
        self._leaving = False

    def wake(self) -> None:
        """There is something to do now; a hint that is lost only delays it."""
        self._hint.set()

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run())
        yield
        self._leaving = True
        self.wake()
        # A step that does not end in time is cut off: every step can be taken again.
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, STOP_SECONDS)

    async def _run(self) -> None:
        while not self._leaving:
            self._hint.clear()
            await self.take()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._hint.wait()

    async def take(self) -> None:
        """The step, now; what it fails with is logged."""
        try:
            await self._step()
        except Conflict:
            # Another process did the same work at the same moment.
            log.info("step_taken_elsewhere", loop=self._name)
        except Exception:
            log.exception("step_failed", loop=self._name)


LOOPS = web.AppKey("loops", list[Loop])
