"""`python -m deploy.sandbox`: answers until it is told to stop."""

import asyncio
import signal
from dataclasses import asdict

import structlog

from deploy.sandbox.app import running
from deploy.sandbox.settings import Settings
from shared import logs
from shared.clock import system_clock


async def main() -> None:
    settings = Settings()
    logs.configure("sandbox", settings.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log = structlog.get_logger()
    async with running(settings, system_clock) as addresses:
        log.info("sandbox_started", **asdict(addresses))
        await stop.wait()
    log.info("sandbox_stopped")


if __name__ == "__main__":
    asyncio.run(main())
