"""A stand-in for ClamAV's daemon: its `INSTREAM` and `PING`, one signature (the EICAR test file), nothing kept.

`python -m deploy.sandbox.antivirus [port]`; then `REQUESTS_CLAMD_HOST=127.0.0.1 REQUESTS_CLAMD_PORT=<port>`. It is no
antivirus: it only shows how files wait, are let through or removed.
"""

import asyncio
import sys
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from contextlib import suppress

# In two parts, so that no real antivirus takes this file for the test file itself.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
FOUND = "Eicar-Test-Signature"
STREAM_MAX = 25 * 1024 * 1024
"""ClamAV's own default of `StreamMaxLength`."""
PORT = 3310


class StandInAntivirus:
    """`scanned`: how many streams it answered. `stream_max`: over it the connection is closed, as clamd does."""

    def __init__(self, stream_max: int = STREAM_MAX) -> None:
        self.scanned = 0
        self._stream_max = stream_max
        self._server: asyncio.Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """The port it listens on."""
        self._server = await asyncio.start_server(self._answer, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            with suppress(IncompleteReadError, ConnectionError):
                command = (await reader.readline()).decode(errors="replace").strip()
                answer = await self._done(command.lstrip("nz"), reader)
                writer.write(f"{answer}\n".encode())
                await writer.drain()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _done(self, command: str, reader: StreamReader) -> str:
        if command == "PING":
            return "PONG"
        if command != "INSTREAM":
            return "UNKNOWN COMMAND"
        finding = await self._finding(reader)
        self.scanned += 1
        return f"stream: {finding} FOUND" if finding else "stream: OK"

    async def _finding(self, reader: StreamReader) -> str:
        """Raises `ConnectionError` over the limit."""
        tail, size, finding = b"", 0, ""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            size += length
            if size > self._stream_max:
                raise ConnectionError
            window = tail + await reader.readexactly(length)
            finding = finding or (FOUND if EICAR in window else "")
            tail = window[-len(EICAR) :]
        return finding


async def _serve(port: int) -> None:
    print(f"stand-in antivirus on 127.0.0.1:{await StandInAntivirus().start(port=port)}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(int(sys.argv[1]) if len(sys.argv) > 1 else PORT))
