"""The stand-in antivirus speaks as ClamAV's daemon does."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.sandbox.antivirus import EICAR, FOUND, StandInAntivirus


@pytest.fixture
async def antivirus() -> AsyncIterator[tuple[StandInAntivirus, int]]:
    clamd = StandInAntivirus(stream_max=1_000)
    yield clamd, await clamd.start()
    await clamd.stop()


async def ask(port: int, command: bytes, *pieces: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(command + b"\n")
    for piece in pieces:
        writer.write(len(piece).to_bytes(4, "big") + piece)
    if pieces:
        writer.write(b"\0\0\0\0")
    answer = (await reader.read()).decode().strip()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    ("command", "answer"), [(b"nPING", "PONG"), (b"zPING", "PONG"), (b"nRELOAD", "UNKNOWN COMMAND")]
)
async def test_it_answers_commands(antivirus: tuple[StandInAntivirus, int], command: bytes, answer: str) -> None:
    assert await ask(antivirus[1], command) == answer


@pytest.mark.parametrize("cut", [1, 30, len(EICAR)])
async def test_it_finds_the_test_file_however_it_is_cut(antivirus: tuple[StandInAntivirus, int], cut: int) -> None:
    clamd, port = antivirus

    found = await ask(port, b"nINSTREAM", b"before " + EICAR[:cut], EICAR[cut:] + b" after")

    assert (found, clamd.scanned) == (f"stream: {FOUND} FOUND", 1)


async def test_it_finds_nothing_in_anything_else(antivirus: tuple[StandInAntivirus, int]) -> None:
    assert await ask(antivirus[1], b"nINSTREAM", b"Bonjour") == "stream: OK"


async def test_a_stream_over_its_limit_gets_no_verdict(antivirus: tuple[StandInAntivirus, int]) -> None:
    clamd, port = antivirus

    assert (await ask(port, b"nINSTREAM", b"x" * 999, b"xx"), clamd.scanned) == ("", 0)
