"""The calendar of the yearly reading: towns whose month has come ask their families, one process a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from aiohttp import web
from pymongo.errors import DuplicateKeyError

from shared.background import in_background
from shared.clock import Clock
from shared.mongo import Database

log = structlog.get_logger()
LOOK_SECONDS = 900.0
# Once an hour somebody looks: towns lie in many time zones, and each begins at eight on its own clock.
EVERY = timedelta(hours=1)


class Campaigns:
    """`begin` asks who is to be asked at this moment, and nobody twice."""

    def __init__(self, db: Database, begin: Callable[[], Awaitable[int]], clock: Clock) -> None:
        self._leases = db["leases"]
        self._begin = begin
        self._clock = clock

    async def look(self) -> int | None:
        """How many households were asked; None when some process looked within the hour."""
        now = self._clock()
        try:
            before = {"_id": "campaigns", "at": {"$lte": now - EVERY}}
            await self._leases.update_one(before, {"$set": {"at": now}}, upsert=True)
        except DuplicateKeyError:
            return None
        asked = await self._begin()
        if asked:
            log.info("reconfirmation_campaigns_begun", asked=asked)
        return asked

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        async with in_background(self._run()):
            yield

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("reconfirmation_campaigns_failed")
            await asyncio.sleep(LOOK_SECONDS)
