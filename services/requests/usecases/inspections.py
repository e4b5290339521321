"""What uploads may take of this process: so many bodies at a time, so many decoders at work, off the event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from services.requests.domain.files import Kind
from services.requests.domain.inspection import inspect
from services.requests.usecases.spools import Spool
from shared.errors import Unavailable

RETRY_SECONDS = 5


class Inspections:
    """`bodies`: uploads received at the same time, about 1 MB of memory each; `decoders`: files decoded at the same
    time, up to 500 MB for the largest image (40 Mpx at 4 bytes, three times while one with transparency shrinks)."""

    def __init__(self, bodies: int = 8, decoders: int = 1) -> None:
        self._free = bodies
        self._decoders = asyncio.Semaphore(decoders)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Raises `Unavailable` when as many uploads are under way as fit."""
        if not self._free:
            raise Unavailable(RETRY_SECONDS)
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1

    async def kept_of(self, sent: Spool, kind: Kind, drawn: Spool) -> Spool:
        """`inspect`, in a thread: which of the two is to be kept."""
        async with self._decoders:
            source, target = await sent.settled(), await drawn.settled()
            kept = await asyncio.to_thread(inspect, source, kind, target)
        return sent if kept is source else drawn
