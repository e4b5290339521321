"""The loop that carries out imports while the service runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

log = structlog.get_logger()
# A hint that was lost with its process delays an import, and loses none.
LOOK_SECONDS = 5.0


class Importing:
    """`started` is set by whoever started an import; leaving waits for the chunk in hand, no longer."""

    def __init__(self, step: Callable[[Callable[[], bool]], Awaitable[Any]]) -> None:
        self._step = step
        self._leaving = False
        self.started = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run())
        yield
        self._leaving = True
        self.started.set()
        await task

    async def _run(self) -> None:
        while not self._leaving:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.started.wait(), LOOK_SECONDS)
            self.started.clear()
            await self._work_off()

    async def _work_off(self) -> None:
        try:
            while not self._leaving and (reached := await self._step(lambda: not self._leaving)):
                log.info("import_went_on", draft_id=reached.id, state=reached.state, position=reached.position)
        except Exception:
            # Its lease lapses, and whoever looks then goes on.
            log.exception("import_stopped")
