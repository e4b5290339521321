"""Child processes: each in its own group, gone with the launcher however that ends."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.05
STOP_SECONDS = 30.0
# The kernel kills the child when the thread that started it ends: even kill -9 of the launcher leaves nothing.
TIED = ("setpriv", "--pdeathsig", "KILL", "--")
LAST_LINES = 3


class Failed(Exception):
    """A child ended by itself or never became ready; the sentence says which and where its log is."""


@dataclass(frozen=True)
class Child:
    """A running program; what it prints goes to `log`."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    @property
    def ended(self) -> bool:
        return self.process.returncode is not None

    def obituary(self) -> str:
        """A sentence for a child that ended unasked, with its last words."""
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        last = "".join(f"\n    {line}" for line in lines)
        return f"{self.name} stopped by itself (exit status {self.process.returncode}). Its log is {self.log}:{last}"


async def start(name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> Child:
    """Start a program in the repository's root. Call it from the main thread only (see `TIED`)."""
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        process = await asyncio.create_subprocess_exec(
            *TIED,
            *command,
            env=dict(environment),
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Child(name, process, log)


async def stop(child: Child, patience: float = STOP_SECONDS) -> None:
    """Ask politely, wait, then kill the whole group."""
    if not child.ended:
        child.process.terminate()
    try:
        await asyncio.wait_for(child.process.wait(), patience)
    except TimeoutError:
        await kill(child)


async def kill(child: Child) -> None:
    """End the whole group at once."""
    if not child.ended:
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
    await child.process.wait()


async def until_ready(child: Child, ready: Callable[[], Awaitable[bool]], patience: float) -> None:
    """Return once `ready()` is true. Raises `Failed` when the child ends before or takes longer than `patience`."""

    async def ready_or_dead() -> bool:
        if await ready():
            return True
        if child.ended:
            raise Failed(child.obituary())
        return False

    try:
        await until(ready_or_dead, patience)
    except TimeoutError:
        raise Failed(f"{child.name} was not ready after {patience:.0f} s. Its log is {child.log}.") from None


async def until(ready: Callable[[], Awaitable[bool]], patience: float) -> None:
    """Look again and again. Raises `TimeoutError` after `patience` seconds."""
    async with asyncio.timeout(patience):
        while True:
            if await ready():
                return
            await asyncio.sleep(POLL_SECONDS)


async def accepts(port: int) -> bool:
    """Something listens on that loopback port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
