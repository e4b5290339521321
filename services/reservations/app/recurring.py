"""Work that comes back by itself, in one process at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from aiohttp import web

from services.reservations.store.leases import LeaseStore
from shared.background import in_background

log = structlog.get_logger()


class Recurring:
    """Does `work` every `every` seconds while this process holds the lease of `job`; a failure waits for the next
    time. The lease may end in the midst of long work: it must bear to be done twice.
    """

    def __init__(self, job: str, work: Callable[[], Awaitable[int]], leases: LeaseStore, every: float) -> None:
        self._job = job
        self._work = work
        self._leases = leases
        self._every = every

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """For as long as the application runs; leaving gives the lease back."""
        async with in_background(self._run()):
            yield
        with suppress(Exception):
            await self._leases.give_back(self._job)

    async def _run(self) -> None:
        while True:
            try:
                if await self._leases.take(self._job):
                    await self._work()
            except Exception:
                log.exception("recurring_work_failed", job=self._job)
            await asyncio.sleep(self._every)
