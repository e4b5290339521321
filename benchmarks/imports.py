"""A town's 10,000 families brought in by an agent's file, and what happens when the process that does it is killed."""

import asyncio
import csv
import io
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import psutil

from benchmarks.load import resident_mb
from benchmarks.system import System
from benchmarks.townsfolk import families
from deploy.local.environment import SIGNING_KEY, of_process, of_service
from deploy.local.installation import of_running
from services.identity.domain.family_export import HEADER, rows_of
from services.identity.http.town_files import town_files_of
from services.identity.settings import Settings
from services.identity.store import FamilyFileStore, HouseholdStore, SigningKeys, TokenSigner
from services.identity.usecases.codes import Codes
from services.identity.usecases.import_drafts import start_import
from shared import mongo
from shared.auth import Caller, Role
from shared.clock import system_clock

TOWN = "metropole-du-banc"
FAMILIES = 10_000
LOOK_SECONDS = 0.05
PATH = "/api/v1/family-import-drafts"


@dataclass(frozen=True)
class Import:
    """Seconds; `before`, `peak`: resident memory of identity in MB; `killed_at`: families in when it was killed."""

    lines: int
    check: float
    run: float
    before: float
    peak: float
    created: int
    killed_at: int
    after_kill: float
    exact: bool


class Agent:
    """A registrar of the benchmark's town, whose token is as identity signs them."""

    def __init__(self, system: System, http: aiohttp.ClientSession) -> None:
        self._place, _ = of_running(system.running)
        self._base = f"{self._place.private('identity')}"
        self._http = http

    @property
    def headers(self) -> dict[str, str]:
        keys = SigningKeys(self._place.data / SIGNING_KEY)
        caller = Caller(account_id="acc_bench", roles={TOWN: frozenset({Role.REGISTRAR.value})})
        token = TokenSigner(keys, self._place.public("gateway"), system_clock).sign(caller)
        return {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, **parts: Any) -> Any:
        headers = {**self.headers, **parts.pop("headers", {})}
        async with self._http.request(method, f"{self._base}{path}", headers=headers, **parts) as answer:
            found = await answer.json()
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {answer.status} {found}")
            return found

    async def begin(self, content: bytes) -> str:
        path = f"{PATH}?municipality_id={TOWN}"
        draft = await self.ask("POST", path, data=content, headers={"Content-Type": "text/csv"})
        return str(draft["draft_id"])


async def measure(system: System, http: aiohttp.ClientSession) -> Import:
    agent, process = Agent(system, http), system.processes()["identity"]
    before = resident_mb(process)
    content, lines = _table(families(FAMILIES, seed=7))
    async with _watched(process) as peak:
        draft_id = await agent.begin(content)
        started = time.perf_counter()
        await agent.ask("GET", f"{PATH}/{draft_id}/check")
        checked = time.perf_counter()
        await agent.ask("POST", f"{PATH}/{draft_id}/run", json={"invite": False})
        done = await _until_done(agent, draft_id)
        ended = time.perf_counter()
    killed_at, after_kill, exact = await _killed(system, agent)
    return Import(
        lines=lines,
        check=checked - started,
        run=ended - checked,
        before=before,
        peak=max(peak),
        created=done["created"],
        killed_at=killed_at,
        after_kill=after_kill,
        exact=exact,
    )


def _table(town: Iterable[Any]) -> tuple[bytes, int]:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";")
    rows = [row for family in town for row in rows_of(family)]
    writer.writerows([HEADER, *rows])
    return written.getvalue().encode(), len(rows)


@asynccontextmanager
async def _watched(process: psutil.Process) -> AsyncIterator[list[float]]:
    seen = [resident_mb(process)]

    async def watch() -> None:
        while True:
            seen.append(resident_mb(process))
            await asyncio.sleep(LOOK_SECONDS)

    watching = asyncio.create_task(watch())
    yield seen
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def _until_done(agent: Agent, draft_id: str, families_in: int | None = None) -> Any:
    while True:
        draft = await agent.ask("GET", f"{PATH}/{draft_id}")
        if draft["state"] == "done" or (families_in is not None and draft["processed"] >= families_in):
            return draft
        await asyncio.sleep(LOOK_SECONDS)


async def _killed(system: System, agent: Agent) -> tuple[int, float, bool]:
    """Another process begins an import and is killed halfway; identity finds it and goes on."""
    content, _ = _table(families(FAMILIES, seed=8))
    draft_id = await agent.begin(content.replace(b"\nF", b"\nK"))
    place, secrets = of_running(system.running)
    environment = of_process("identity", of_service("identity", place, secrets))
    command = (sys.executable, "-m", "benchmarks.imports", draft_id)
    worker = await asyncio.create_subprocess_exec(*command, env=environment)
    reached = await _until_done(agent, draft_id, FAMILIES // 2)
    worker.kill()
    await worker.wait()
    killed = time.perf_counter()
    done = await _until_done(agent, draft_id)
    exact = done["created"] == FAMILIES and done["unchanged"] == done["updated"] == 0
    return reached["processed"], time.perf_counter() - killed, exact


async def work(draft_id: str) -> None:
    """The process that is killed: starts the import and works on it as identity does."""
    settings = Settings()
    client = mongo.connect(settings.mongo_url)
    db = mongo.database(client, settings.mongo_database)
    parts = town_files_of(
        db,
        _nothing,
        files=FamilyFileStore(db, _nothing),
        households=HouseholdStore(db, _nothing),
        codes=Codes(timedelta(days=60), system_clock),
        clock=system_clock,
    )
    towns = frozenset({TOWN})
    await start_import(draft_id, invite=False, municipality_ids=towns, drafts=parts.drafts, clock=system_clock)
    await parts.imports.step()


def _nothing(_: str) -> None:
    """Nobody to wake: identity's own relay looks by itself."""


def section(figures: Import) -> list[str]:
    """As docs/benchmarks.md says it."""
    return [
        "## Importing a town",
        "",
        f"A CSV file of {FAMILIES:,} families ({figures.lines:,} lines) sent to identity, looked through, then brought "
        "in by its background work. Memory is that of the identity process, looked at every 50 ms. In the second run "
        "the process doing it is killed (SIGKILL) halfway; identity goes on once the lease of 30 s has lapsed.",
        "",
        "| what | measured | to reach |",
        "|---|---|---|",
        f"| looking through (dry run) | {figures.check:.1f} s | |",
        f"| bringing in {figures.created:,} families | **{figures.run:.1f} s** | under 60 s |",
        f"| memory before / at most | {figures.before:.0f} / **{figures.peak:.0f} MB** | under 400 MB |",
        f"| killed at {figures.killed_at:,} families; all in after | {figures.after_kill:.1f} s | |",
        f"| each family once, counted once | {'yes' if figures.exact else '**no**'} | yes |",
        "",
    ]


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
