"""What time brings to requests, looked at now and then for as long as the application runs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from aiohttp import web

from services.requests.http import parts
from services.requests.usecases.processing.escalate import escalate
from shared.background import in_background
from shared.clock import Clock

log = structlog.get_logger()


@asynccontextmanager
async def escalating(
    app: web.Application, seconds: float, remind_after_days: Sequence[int], clock: Clock
) -> AsyncIterator[None]:
    """`seconds`: pause between two looks."""
    async with in_background(_repeat(app, seconds, [timedelta(days=days) for days in remind_after_days], clock)):
        yield


async def _repeat(app: web.Application, seconds: float, remind_after: Sequence[timedelta], clock: Clock) -> None:
    while True:
        try:
            done = await escalate(
                requests=app[parts.REQUESTS], towns=app[parts.TOWNS], clock=clock, remind_after=remind_after
            )
            if done.overdue or done.reminded:
                log.info("requests_escalated", overdue=done.overdue, reminded=done.reminded)
        except Exception:
            # The next look does what this one could not.
            log.exception("escalation_failed")
        await asyncio.sleep(seconds)
