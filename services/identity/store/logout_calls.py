"""Calls to sites whose person signed out, at the address the operator registered; and the work that makes them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
import structlog

log = structlog.get_logger()
PATIENCE = aiohttp.ClientTimeout(total=5)
LOOK_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 5.0


class LogoutCalls:
    """One connection pool for as long as the service runs."""

    def __init__(self) -> None:
        self._http: aiohttp.ClientSession | None = None

    async def tell(self, address: str, token: str) -> bool:
        """Whether the site heard it; it is sent nowhere else, whatever the answer says."""
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=PATIENCE, cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._http.post(address, data={"logout_token": token}, allow_redirects=False) as answer:
                heard = answer.status in (200, 204)
        except (aiohttp.ClientError, TimeoutError):
            heard = False
        log.info("logout_told", heard=heard)
        return heard

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()


@asynccontextmanager
async def telling(tell_next: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """Looks for what is due as long as the block runs; several processes may, each takes its own."""
    working = asyncio.create_task(_tell(tell_next))
    yield
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def _tell(tell_next: Callable[[], Awaitable[bool]]) -> None:
    while True:
        try:
            pause = 0.0 if await tell_next() else LOOK_SECONDS
        except Exception:
            log.exception("logouts_not_told")
            pause = AFTER_FAILURE_SECONDS
        await asyncio.sleep(pause)
