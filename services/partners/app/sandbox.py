"""The sandbox town: invented events go into its log one after the other, as if they had happened."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from services.partners.app.arrivals import Arrivals
from services.partners.domain.recording import Entry, entries_of
from services.partners.domain.synthetic.story import happening
from services.partners.store import LogStore
from services.partners.store.deliveries.leases import SenderLeases
from services.partners.store.sandbox import StoryStore
from shared.background import in_background
from shared.clock import Clock
from shared.messaging.envelope import pack
from shared.mongo import Database

log = structlog.get_logger()
LEASE = "sandbox"
PAGE = 500


class Sandbox:
    """`town`: its id; nothing of it is told to any other service."""

    def __init__(self, db: Database, town: str, arrivals: Arrivals, clock: Clock) -> None:
        self._events = LogStore(db)
        self._story = StoryStore(db)
        self._leases = SenderLeases(db)
        self._town = town
        self._arrivals = arrivals
        self._clock = clock

    async def tell(self, many: int) -> None:
        """The next so many things happen in the town, now."""
        while many > 0:
            page = min(many, PAGE)
            first = await self._story.take(page)
            await self._events.append([self._entry(number) for number in range(first, first + page)])
            self._arrivals.tell([self._town])
            many -= page

    def _entry(self, number: int) -> Entry:
        now = self._clock()
        happened = happening(self._town, number, now.date())
        subject, sequence = happened.subject, happened.sequence
        [packed] = pack([happened.event], subject=subject, sequence=sequence, municipality_id=self._town, at=now)
        [entry] = entries_of(json.loads(packed["body"]))
        return entry

    @asynccontextmanager
    async def living(self, _: web.Application, every: float) -> AsyncIterator[None]:
        """Something happens every so many seconds, in one of the processes."""
        async with in_background(self._live(every)):
            yield
        await self._leases.release(LEASE)

    async def _live(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            try:
                if await self._leases.hold(LEASE):
                    await self.tell(1)
            except Exception:
                log.exception("sandbox_event_not_told")
