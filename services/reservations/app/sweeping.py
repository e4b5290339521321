"""The sweeper's loop: one round a second, in one process at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from aiohttp import web
from prometheus_client import Counter

from services.reservations.store.leases import LeaseStore
from services.reservations.usecases.sweep import JOB, Broom, sweep

log = structlog.get_logger()
SETTLED = Counter("preau_reservations_settled_total", "Orders, holds and interrupted work the sweeper looked at")


class Sweeping:
    def __init__(self, broom: Broom, leases: LeaseStore, every: float) -> None:
        self._broom = broom
        self._leases = leases
        self._every = every

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """For as long as the application runs; leaving gives the lease back."""
        task = asyncio.create_task(self._run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        with suppress(Exception):
            await self._leases.give_back(JOB)

    async def _run(self) -> None:
        while True:
            try:
                SETTLED.inc(await sweep(self._broom))
            except Exception:
                log.exception("sweep_failed")
            await asyncio.sleep(self._every)
