"""`python -m benchmarks.uploads`: documents of 20 MB through the gateway into the store and back, and what memory the
two processes on their way need for it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import psutil

from benchmarks.load import resident_mb
from benchmarks.system import System, started
from benchmarks.town_files import put
from deploy.local.environment import SIGNING_KEY
from deploy.local.installation import of_running
from services.identity.store import SigningKeys, TokenSigner
from shared.auth import Caller, Role
from shared.clock import system_clock

TOWN = "ville-du-banc"
CATEGORY = {
    "id": "piece",
    "thematic": "Banc",
    "name": "Envoyer une pièce",
    "form": {"type": "object", "properties": {"mot": {"type": "string", "title": "Mot"}}},
    "about_child": False,
    "attachments": [{"slot": "piece", "name": "Pièce", "mandatory": False}],
}
MB = 1024 * 1024
LARGE = 20 * MB
SMALL = MB
ROUNDS = 5
AT_ONCE = 8
LOOK_SECONDS = 0.02
BETWEEN = ("gateway", "requests")


@dataclass
class Way:
    """Wall seconds of each transfer, and by process: resident memory before in MB, and the most it was on the way."""

    seconds: list[float] = field(default_factory=list)
    before: dict[str, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=dict)

    def growth(self, name: str) -> float:
        return self.peak[name] - self.before[name]


@dataclass(frozen=True)
class Carried:
    small: Way
    up: Way
    at_once: Way
    down: Way


class Family:
    """A household of its own, with a token as identity signs them, and a draft to put documents into."""

    def __init__(self, system: System, http: aiohttp.ClientSession, number: int) -> None:
        self._place, _ = of_running(system.running)
        self._base = f"{system.gateway}/api/v1"
        self._http = http
        self._number = number
        self.path = ""

    async def begin(self) -> None:
        draft = await self._ask("POST", "/requests", json={"category_id": f"{TOWN}.piece", "answers": {}})
        self.path = f"/requests/{draft['request_id']}/attachments/piece"

    async def send(self, size: int) -> None:
        headers = {"Content-Type": "application/pdf", "Content-Length": str(size)}
        await self._ask("PUT", self.path, data=document(size), headers=headers)

    async def fetch(self, expected: int = LARGE) -> None:
        size = 0
        async with self._http.get(f"{self._base}{self.path}", headers=self._headers()) as answer:
            async for chunk in answer.content.iter_chunked(64 * 1024):
                size += len(chunk)
        if size != expected:
            raise RuntimeError(f"{size} bytes came back")

    async def set_category(self) -> None:
        caller = Caller(account_id="acc_bench", roles={TOWN: frozenset({Role.MANAGER.value})})
        path, body = f"/request-category-imports?municipality_id={TOWN}", {"categories": [CATEGORY]}
        await self._ask("POST", path, caller, json=body)

    def _headers(self, caller: Caller | None = None) -> dict[str, str]:
        own = Caller(
            account_id=f"acc_{self._number}", household_id=f"hsh_{self._number}", municipality_ids=frozenset({TOWN})
        )
        keys = SigningKeys(self._place.data / SIGNING_KEY)
        token = TokenSigner(keys, self._place.public("gateway"), system_clock).sign(caller or own)
        return {"Authorization": f"Bearer {token}"}

    async def _ask(self, method: str, path: str, caller: Caller | None = None, **parts: Any) -> Any:
        headers = {**self._headers(caller), **parts.pop("headers", {})}
        async with self._http.request(method, f"{self._base}{path}", headers=headers, **parts) as answer:
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json()


async def document(size: int) -> AsyncIterator[bytes]:
    """A page beside a stream of random bytes, as a scan is: nothing on its way can make it smaller."""
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    head += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    start = b"4 0 obj<</Length %09d>>stream\n"
    end = b"\nendstream endobj\n"
    marks = [head.index(b"%d 0 obj" % number) for number in (1, 2, 3)] + [len(head)]
    rows = b"".join(b"%010d 00000 n \n" % mark for mark in marks)
    table = b"xref\n0 5\n0000000000 65535 f \n" + rows + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%09d\n%%%%EOF\n"
    # Of the same width whatever the numbers are.
    left = size - len(head) - len(start % 0) - len(end) - len(table % 0)
    yield head + start % left
    for at in range(0, left, 64 * 1024):
        yield os.urandom(min(64 * 1024, left - at))
    yield end + table % (size - len(table % 0))


async def measure(system: System, http: aiohttp.ClientSession) -> Carried:
    families = [Family(system, http, number) for number in range(AT_ONCE)]
    await families[0].set_category()
    for family in families:
        await family.begin()
    first, processes = families[0], system.processes()
    watched = {name: processes[name] for name in BETWEEN}
    # What is loaded at a first call belongs to no document.
    await first.send(SMALL)
    await first.fetch(SMALL)
    small = await _carried(watched, lambda: first.send(SMALL), ROUNDS)
    up = await _carried(watched, lambda: first.send(LARGE), ROUNDS)
    at_once = await _carried(watched, lambda: _together([family.send(LARGE) for family in families]), 1)
    down = await _carried(watched, first.fetch, ROUNDS)
    return Carried(small=small, up=up, at_once=at_once, down=down)


async def _together(sending: list[Awaitable[None]]) -> None:
    await asyncio.gather(*sending)


async def _carried(watched: dict[str, psutil.Process], carry: Callable[[], Awaitable[None]], times: int) -> Way:
    way = Way()
    async with _watching(watched, way):
        for _ in range(times):
            began = time.perf_counter()
            await carry()
            way.seconds.append(time.perf_counter() - began)
    return way


@asynccontextmanager
async def _watching(watched: dict[str, psutil.Process], way: Way) -> AsyncIterator[None]:
    way.before = {name: resident_mb(process) for name, process in watched.items()}
    way.peak = dict(way.before)
    look = asyncio.create_task(_look(watched, way))
    yield
    look.cancel()


async def _look(watched: dict[str, psutil.Process], way: Way) -> None:
    while True:
        for name, process in watched.items():
            way.peak[name] = max(way.peak[name], resident_mb(process))
        await asyncio.sleep(LOOK_SECONDS)


def section(carried: Carried) -> list[str]:
    """As docs/benchmarks.md says it."""
    rows = {
        "1 MB up": carried.small,
        "20 MB up": carried.up,
        f"{AT_ONCE} × 20 MB up at the same time": carried.at_once,
        "20 MB down": carried.down,
    }
    return [
        "## A document of 20 MB",
        "",
        f"Through the gateway and requests, each transfer {ROUNDS} times: received into a sealed file on disk, "
        "checked, sealed and written in chunks of 256 kB; read, opened and sent likewise. Memory looked at every 20 "
        "ms.",
        "",
        "| | s, median | gateway: MB before | most it grew | requests: MB before | most it grew |",
        "|---|---|---|---|---|---|",
        *(_row(name, way) for name, way in rows.items()),
        "",
        f"20 MB grow requests by {carried.up.growth('requests') - carried.small.growth('requests'):+.1f} MB against "
        "1 MB.",
        "",
    ]


def _row(name: str, way: Way) -> str:
    middle = sorted(way.seconds)[len(way.seconds) // 2]
    memory = " | ".join(f"{way.before[one]:.0f} | {way.growth(one):.1f}" for one in BETWEEN)
    return f"| {name} | {middle:.2f} | {memory} |"


async def main() -> None:
    async with started() as system, aiohttp.ClientSession() as http:
        put([*section(await measure(system, http)), f"Load average of the machine: {os.getloadavg()[0]:.1f}.", ""])


if __name__ == "__main__":
    asyncio.run(main())
