"""How any process of Préau runs: logs, loop, HTTP, and a stop that loses nothing.

On SIGTERM: refuse readiness, drain (take no more messages, finish what runs), answer what was asked, close.
"""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import structlog
import uvloop
from aiohttp import web

from shared import logs, openapi, telemetry
from shared.auth import Tokens
from shared.clock import Clock
from shared.health import READINESS
from shared.i18n import Catalogues
from shared.problems import CATALOGUES, TRANSIENT, answer_clearly
from shared.settings import HttpSettings
from shared.web import CLOCK, TOKENS, Route, add_routes

log = structlog.get_logger()
SHUTDOWN_SECONDS = 25.0
# Objects made and not freed between two collections of the youngest generation; Python's own 700 is for scripts.
COLLECT_EVERY = 20_000
DRAINS: web.AppKey[list[Callable[[], Awaitable[None]]]] = web.AppKey("drains", list)


def new_app(
    service: str,
    folder: Path,
    routes: Sequence[Route],
    tokens: Tokens,
    clock: Clock,
    transient: tuple[type[Exception], ...] = (),
) -> web.Application:
    """An application with the house's doors: problem documents, tokens, catalogues, `/openapi.json`.

    `transient` errors mean that something is unreachable for the moment: 503 rather than 500.
    """
    app = web.Application(middlewares=[answer_clearly])
    app[CLOCK] = clock
    app[TOKENS] = tokens
    app[CATALOGUES] = Catalogues(folder)
    app[TRANSIENT] = transient
    app[DRAINS] = []
    add_routes(app, routes)
    # Worked out when first asked for: it takes longer than all the rest of a start.
    described = cache(partial(openapi.document, service, routes))

    async def describe(_: web.Request) -> web.Response:
        return web.json_response(described())

    app.router.add_get("/openapi.json", describe)
    return app


def run(service: str, settings: HttpSettings, main: Callable[[], Any]) -> None:
    """Logs, traces and the loop around `main`."""
    logs.configure(service, settings.log_level)
    telemetry.start_tracing(service, settings.otlp_endpoint)
    factory = uvloop.new_event_loop if settings.uvloop else None
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main())


async def serve(app: web.Application, settings: HttpSettings) -> None:
    """Answer HTTP until told to stop, then drain."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    _settle_memory()
    log.info("service_started", port=settings.http_port)
    await _asked_to_stop()
    log.info("service_draining")
    app[READINESS].draining = True
    for drain in app[DRAINS]:
        await drain()
    await runner.cleanup()
    log.info("service_stopped")


def _settle_memory() -> None:
    """What was built to start stays for good: the collector need not walk it again, nor run for every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)


async def _asked_to_stop() -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()
