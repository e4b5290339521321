"""The examples of partners, as programs that run beside a test."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path("examples/partners")


@dataclass(kw_only=True)
class Program:
    process: asyncio.subprocess.Process

    async def line(self) -> str:
        """The next one it prints."""
        assert self.process.stdout
        async with asyncio.timeout(20):
            return (await self.process.stdout.readline()).decode().rstrip()


@asynccontextmanager
async def running(example: str, *arguments: str, **variables: str) -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / example),
        *arguments,
        env={**_plain(os.environ), **variables},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Program(process=process)
    finally:
        process.kill()
        await process.wait()


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("PREAU_")}
