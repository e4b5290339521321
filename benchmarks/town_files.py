"""`python -m benchmarks.town_files [imports] [search]`: only these figures, each put into its place."""

import asyncio
import os
import sys
from collections.abc import Sequence

import aiohttp

from benchmarks import imports, search
from benchmarks.report import FILE
from benchmarks.system import started

PARTS = ("imports", "search")


async def main(parts: Sequence[str]) -> None:
    async with started() as system, aiohttp.ClientSession() as http:
        if "imports" in parts:
            put([*imports.section(await imports.measure(system, http)), *_beside()])
        if "search" in parts:
            put([*search.section(await search.measure(system, http)), *_beside()])


def _beside() -> list[str]:
    return [f"Load average of the machine at its end: {os.getloadavg()[0]:.1f} (2 cores are busy at 2).", ""]


def put(section: list[str]) -> None:
    """In place of the section with the same heading, or at the end."""
    parts = FILE.read_text().split("\n## ")
    fresh = "\n".join(section).removeprefix("## ")
    heading = fresh.partition("\n")[0]
    others = [part for part in parts if part.partition("\n")[0] != heading]
    FILE.write_text("\n## ".join([*(part.rstrip("\n") + "\n" for part in others), fresh]))
    print("\n".join(section), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or PARTS))
