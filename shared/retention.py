"""The daily job of a service: what was kept long enough goes, by the periods of its settings (docs/retention.md)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeAlias

import structlog
from aiohttp import web
from prometheus_client import Counter, Gauge
from pymongo.errors import DuplicateKeyError

from shared.background import in_background
from shared.clock import Clock
from shared.mongo import Database

log = structlog.get_logger()
GONE = Counter("preau_retention_total", "What the retention job deleted or made anonymous", ["service", "what"])
LAST = Gauge("preau_retention_last_seconds", "When the retention job last went through everything", ["service"])
FAILED = Counter("preau_retention_failed_total", "Parts of the retention job that could not be done", ["service"])
LOOK_SECONDS = 600.0

Task: TypeAlias = Callable[[datetime], Awaitable[int]]
"""Deletes what was due at that instant, and says how much; harmless when repeated."""


class Janitor:
    """`tasks`: by the name of what goes, as docs/retention.md calls it."""

    def __init__(self, service: str, db: Database, tasks: Mapping[str, Task], clock: Clock) -> None:
        self._service = service
        self._leases = db["leases"]
        self._tasks = dict(tasks)
        self._clock = clock

    @property
    def tasks(self) -> frozenset[str]:
        return frozenset(self._tasks)

    async def clean_once_a_day(self) -> Mapping[str, int] | None:
        """What went; None when some process of the service did it today, by the clock, or is at it."""
        now = self._clock()
        day = now.date().isoformat()
        try:
            earlier = {"_id": "retention", "day": {"$lt": day}}
            await self._leases.update_one(earlier, {"$set": {"day": day}}, upsert=True)
        except DuplicateKeyError:
            return None
        return await self.clean(now)

    async def clean(self, now: datetime) -> Mapping[str, int]:
        """Everything due at that instant; a part that fails keeps no other from being done, and is tried tomorrow."""
        gone: dict[str, int] = {}
        for what, task in self._tasks.items():
            try:
                gone[what] = await task(now)
            except Exception:
                FAILED.labels(self._service).inc()
                log.exception("retention_failed", service=self._service, what=what)
            else:
                GONE.labels(self._service, what).inc(gone[what])
        LAST.labels(self._service).set(now.timestamp())
        log.info("retention_done", service=self._service, **gone)
        return gone

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Looks every ten minutes whether a new day has begun."""
        async with in_background(self._run()):
            yield

    async def _run(self) -> None:
        while True:
            try:
                await self.clean_once_a_day()
            except Exception:
                log.exception("retention_not_begun", service=self._service)
            await asyncio.sleep(LOOK_SECONDS)


JANITOR = web.AppKey("janitor", Janitor)
