"""Three questions an orchestrator asks: does the loop turn, should traffic come, what are the figures."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from aiohttp import web
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

Check: TypeAlias = Callable[[], Awaitable[None]]
CHECK_SECONDS = 2.0
CACHED_SECONDS = 1.0


class Readiness:
    """Ready while not draining and every check returns; a check raises when what it looks at does not answer."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._checked_at = float("-inf")
        # Whoever asks while the first checks still run must not hear that all is well.
        self._failing = list(checks)
        self.draining = False

    async def failing(self) -> list[str]:
        """Names of what is not ready now; answers at most a second old."""
        if self.draining:
            return ["draining"]
        now = asyncio.get_running_loop().time()
        if now - self._checked_at > CACHED_SECONDS:
            self._checked_at = now
            outcomes = await asyncio.gather(*(_holds(check) for check in self._checks.values()))
            self._failing = [name for name, holds in zip(self._checks, outcomes, strict=True) if not holds]
        return self._failing


async def _holds(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception:
        return False
    return True


READINESS = web.AppKey("readiness", Readiness)


async def livez(_: web.Request) -> web.Response:
    """The event loop answers; the database and the broker do not matter here."""
    return web.Response(text="ok")


async def readyz(request: web.Request) -> web.Response:
    failing = await request.app[READINESS].failing()
    return web.json_response({"ready": not failing, "failing": failing}, status=503 if failing else 200)


async def metrics(request: web.Request) -> web.Response:
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return web.Response(body=encode(REGISTRY), headers={"Content-Type": content_type})


def add_health(app: web.Application, checks: Mapping[str, Check]) -> None:
    app[READINESS] = Readiness(checks)
    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
