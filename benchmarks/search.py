"""Agents looking for a family among 200,000: what they type, and how long the answer takes."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from benchmarks.imports import TOWN, Agent
from benchmarks.load import Outcome, cpu_seconds
from benchmarks.system import System
from benchmarks.townsfolk import families
from services.identity.domain.families import Family, FamilyFile
from services.identity.domain.imports import FileChange
from services.identity.store import FamilyFileStore
from services.identity.store.search_terms import LIKES_INDEX, SEARCH_INDEX
from shared.clock import system_clock
from shared.ids import new_id
from shared.mongo import Database, build

FILES = 200_000
AT_ONCE = 2_000
QUESTIONS = 200

KINDS: Mapping[str, Callable[[Family], dict[str, str]]] = {
    "beginning of a name": lambda one: {"q": one.name[:4]},
    "whole name, with accents and capitals": lambda one: {"q": one.name.upper()},
    "first name and name of a child": lambda one: {"q": f"{one.children[0].first_name} {one.name}"},
    "beginnings of both": lambda one: {"q": f"{one.children[0].first_name[:3]} {one.name[:4]}"},
    "two guardians": lambda one: {"q": f"{one.guardians[0].first_name} {one.guardians[1].last_name}"},
    "birth date": lambda one: {"birth_date": one.children[0].birth_date.isoformat()},
    "birth date and beginning of a name": lambda one: {
        "q": one.name[:3],
        "birth_date": one.children[0].birth_date.isoformat(),
    },
    "first digits of a telephone number": lambda one: {"phone": one.phone[:11]},
    "reference": lambda one: {"q": one.reference},
    "beginning of an e-mail address": lambda one: {"q": f"{one.email.partition('@')[0]}@"},
}


@dataclass(frozen=True)
class Searched:
    """`cpu_ms`: of identity and the database, by question; other work on the machine does not change it."""

    kinds: Mapping[str, Outcome]
    cpu_ms: Mapping[str, float]
    index_mb: float

    @property
    def all(self) -> Outcome:
        return Outcome(latencies=[one for outcome in self.kinds.values() for one in outcome.latencies])


async def measure(system: System, http: aiohttp.ClientSession) -> Searched:
    db = system.parts.databases["identity"]
    await _fill(db)
    known = list(families(5_000))
    drawn, agent = random.Random(5), Agent(system, http)
    kinds: dict[str, Outcome] = {kind: Outcome() for kind in KINDS}
    cpu: dict[str, float] = {}
    processes = system.processes()
    servers = [processes["identity"], processes["database"]]
    for warm in (True, False):
        for kind, question in KINDS.items():
            asked = [question(one) for one in drawn.choices(known, k=20 if warm else QUESTIONS)]
            before = cpu_seconds(servers)
            outcome = await _asked(agent, asked)
            if not warm:
                kinds[kind], cpu[kind] = outcome, (cpu_seconds(servers) - before) * 1000 / len(asked)
    stats = await db.command("collStats", "family_files")
    return Searched(kinds, cpu, stats["indexSizes"]["search"] / 1024 / 1024)


async def _fill(db: Database) -> None:
    """Up to as many as asked for, all of one town: the worst case. Indexed at the end, which takes a tenth."""
    store, now = FamilyFileStore(db, lambda _: None), system_clock()
    there = await db["family_files"].count_documents({"municipality_id": TOWN})
    for index in (SEARCH_INDEX, LIKES_INDEX):
        await db["family_files"].drop_index(index.document["name"])
    waiting: list[FileChange] = []
    for family in _missing(there):
        waiting.append(FileChange(FamilyFile(id=new_id("ff"), municipality_id=TOWN, family=family), None))
        if len(waiting) == AT_ONCE:
            await store.save_all(TOWN, waiting, now)
            waiting = []
    await store.save_all(TOWN, waiting, now)
    await build(db["family_files"], [SEARCH_INDEX, LIKES_INDEX])


def _missing(there: int) -> Iterator[Family]:
    for number, family in enumerate(families(FILES)):
        if number < FILES - there:
            # Apart from those the benchmark of imports brought in.
            yield _renamed(family)


def _renamed(family: Family) -> Family:
    return Family(**{**vars(family), "reference": f"S{family.reference}"})


async def _asked(agent: Agent, questions: list[dict[str, str]]) -> Outcome:
    outcome = Outcome()
    for question in questions:
        path = f"/api/v1/household-search?{urlencode({'municipality_id': TOWN, **question})}"
        started = time.perf_counter()
        await agent.ask("GET", path)
        outcome.latencies.append((time.perf_counter() - started) * 1000)
    return outcome


def section(searched: Searched) -> list[str]:
    """As docs/benchmarks.md says it."""
    rows = [
        f"| {kind} | {outcome.median:.1f} | {outcome.quantile(0.95):.1f} | {searched.cpu_ms[kind]:.1f} |"
        for kind, outcome in searched.kinds.items()
    ]
    cpu, all_ = sum(searched.cpu_ms.values()) / len(searched.cpu_ms), searched.all
    return [
        "## Looking for a family",
        "",
        f"{QUESTIONS} questions of each kind to identity, one after the other, over {FILES:,} files of one town; the "
        f"index of their terms takes {searched.index_mb:.0f} MB.",
        "",
        "| what is typed | p50 ms | p95 ms | CPU ms, identity and database |",
        "|---|---|---|---|",
        *rows,
        f"| **all together** | {all_.median:.1f} | **{all_.quantile(0.95):.1f}** (to reach: under 50) | {cpu:.1f} |",
        "",
    ]
