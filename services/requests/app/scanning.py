"""The antivirus at work, for as long as the service runs: at once when a file came, and again for what it missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from aiohttp import web
from prometheus_client import Counter, Gauge

from services.requests.http import parts
from services.requests.store.slots import SlotStore
from services.requests.usecases.scan_files import Antivirus, ScanDesk, scan_next
from shared.background import in_background
from shared.clock import Clock

log = structlog.get_logger()
SCANNED = Counter("preau_files_scanned_total", "Files the antivirus was asked about, by what came of it", ["outcome"])
WAITING = Gauge("preau_file_quarantined_seconds", "How long the file that waits longest has been in quarantine")


def desk_of(app: web.Application, antivirus: Antivirus, slots: SlotStore, clock: Clock) -> ScanDesk:
    files = app[parts.FILES]
    return ScanDesk(
        antivirus=antivirus,
        records=files.records,
        files=files,
        requests=app[parts.REQUESTS],
        slots=slots,
        clock=clock,
    )


@asynccontextmanager
async def scanning(app: web.Application, desk: ScanDesk | None, seconds: float) -> AsyncIterator[None]:
    """Nothing at all without an antivirus."""
    if desk is None:
        yield
        return
    async with in_background(_repeat(app, desk, seconds)):
        yield


async def _repeat(app: web.Application, desk: ScanDesk, seconds: float) -> None:
    due = app[parts.SCANS_DUE]
    while True:
        due.clear()
        try:
            await scan_all(desk)
            oldest = await app[parts.FILES].records.quarantined_since()
            WAITING.set((desk.clock() - oldest).total_seconds() if oldest else 0)
        except Exception:
            # What was claimed is due again in five minutes.
            log.exception("scan_failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(due.wait(), seconds)


async def scan_all(desk: ScanDesk) -> int:
    """Everything due now; how many files were looked at."""
    looked_at = 0
    while outcome := await scan_next(desk):
        SCANNED.labels(outcome).inc()
        looked_at += 1
        if outcome == "infected":
            log.warning("file_infected")
    return looked_at
