"""ClamAV's daemon, asked over the network; the file goes to it a piece at a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO

import structlog
from aioclamd import ClamdAsyncClient, ClamdError  # type: ignore[import-untyped]  # it ships no types

from services.requests.usecases.scan_files import AntivirusAway
from services.requests.usecases.spools import PIECE_BYTES, Spools

log = structlog.get_logger()
SCAN_TIMEOUT = 120.0


class _Pieces:
    """The file in pieces of its own size: the client asks for 1 kB, each of them by a thread."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, _: int) -> bytes:
        return self._file.read(PIECE_BYTES)


class Clamd:
    """What stands behind `usecases.scan_files.Antivirus`.

    clamd answers a file over its `StreamMaxLength` by closing the connection: that is no verdict, and the file stays
    where it is until the daemon takes files as large as this installation does.
    """

    def __init__(self, host: str, port: int, spools: Spools) -> None:
        self._client = ClamdAsyncClient(host, port, timeout=SCAN_TIMEOUT)
        self._spools = spools

    async def finding(self, chunks: AsyncIterator[bytes]) -> str:
        """The name of the signature that fits; empty for none. Raises `AntivirusAway`."""
        # Its client reads from a file: the bytes wait sealed on disk as they did when they came.
        with self._spools.new() as spool:
            async for chunk in chunks:
                await spool.write(chunk)
            file = await spool.settled()
            await asyncio.to_thread(file.seek, 0)
            try:
                answer = await self._client.instream(_Pieces(file))
            except (ClamdError, OSError) as error:
                log.warning("antivirus_away", error=type(error).__name__)
                raise AntivirusAway() from None
        status, finding = next(iter((answer or {}).values()), ("", None))
        if status not in ("OK", "FOUND"):
            log.warning("antivirus_without_verdict", status=status)
            raise AntivirusAway()
        return str(finding or "unnamed") if status == "FOUND" else ""
