"""The same work with five million bookings stored: copies of what the run itself wrote, under other families' names."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import bson
from bson.raw_bson import RawBSONDocument

from benchmarks.period import DAYS
from benchmarks.system import System
from benchmarks.town import Child
from shared.ids import uuid7
from shared.mongo import Collection, Document

BOOKINGS = 5_000_000
MONTHS = 12
"""Each child of the copies has so many months of sixteen days."""
BATCH = 2_000
AT_ONCE = 3
# Sheets and charges carry the days; a family's inbox gets one message for each validation.
COPIED: tuple[tuple[str, str, Document], ...] = (
    ("reservations", "sheets", {}),
    ("billing", "sheets", {}),
    ("notifications", "messages", {f"event.days.{DAYS - 1}": {"$exists": True}}),
)
# Each key is in one sheet only, each event is told once.
OWN = ("idem", "outbox", "claims")


@dataclass(frozen=True)
class Filled:
    """`before`, `after`: days in month sheets; `documents`: copied in all collections together."""

    before: int
    after: int
    documents: int
    seconds: float


async def fill(system: System, child: Child, month: str) -> Filled:
    """From what became of one child's month of sixteen days, until five million bookings are stored."""
    started, before = time.perf_counter(), await _bookings(system)
    sheets = (BOOKINGS - before) // DAYS
    for service, name, which in COPIED:
        collection = system.parts.databases[service][name]
        which = which or {"month": month}
        pattern = await collection.find_one({"household_id": child.parent.household_id, **which})
        if pattern is None:
            raise RuntimeError(f"{service} keeps nothing of the month that is to be copied")
        await _insert(collection, _copies(pattern, child, month, sheets))
    return Filled(before, await _bookings(system), sheets * len(COPIED), time.perf_counter() - started)


def _copies(pattern: Document, child: Child, month: str, count: int) -> Iterator[RawBSONDocument]:
    encoded = bson.encode({name: value for name, value in pattern.items() if name not in OWN})
    cause = pattern.get("caused_by", "")
    names = dict[str, str]()
    for number in range(count):
        if number % MONTHS == 0:
            names = {child.parent.household_id: f"hsh_{uuid7()}", child.child_id: f"chd_{uuid7()}"}
        new = {**names, month: f"2010-{number % MONTHS + 1:02}"}
        yield RawBSONDocument(_renamed(encoded, new | ({cause: uuid7()} if cause else {})))


def _renamed(encoded: bytes, names: Mapping[str, str]) -> bytes:
    """New names are as long as the old ones, so that the document's lengths stay right."""
    for old, new in names.items():
        encoded = encoded.replace(old.encode(), new.encode())
    return encoded


async def _insert(collection: Collection, documents: Iterator[RawBSONDocument]) -> None:
    async def insert() -> None:
        while batch := list(itertools.islice(documents, BATCH)):
            await collection.insert_many(batch, ordered=False)

    await asyncio.gather(*(insert() for _ in range(AT_ONCE)))


async def _bookings(system: System) -> int:
    """The days of every sheet."""
    days = {"$sum": {"$size": {"$objectToArray": "$days"}}}
    found = system.parts.databases["reservations"]["sheets"].aggregate([{"$group": {"_id": None, "days": days}}])
    return sum([int(one["days"]) async for one in found])


@dataclass(frozen=True)
class Beside:
    """A figure with few bookings stored and with many, each over the bare limit of its own stage where it has one."""

    name: str
    few: float
    many: float
    bare_few: float = 1.0
    bare_many: float = 1.0

    @property
    def growth(self) -> float:
        return (self.many / self.bare_many) / (self.few / self.bare_few)


def section(filled: Filled, figures: Sequence[Beside]) -> list[str]:
    """As docs/benchmarks.md says it."""
    rows = [f"| {one.name} | {one.few:.2f} | {one.many:.2f} | **{one.growth:.2f}** |" for one in figures]
    return [
        "## Five million bookings stored",
        "",
        f"The figures above again after {filled.documents:,} documents were written beside them "
        f"in {filled.seconds:.0f} s: month sheets of sixteen days, their charges and the families' messages, "
        f"{filled.after:,} bookings instead of {filled.before:,}. Growth to reach: at most 1.3; where a bare limit was "
        "taken with the same work, it is the growth of the ratio to it.",
        "",
        "| what | few stored | five million | growth |",
        "|---|---|---|---|",
        *rows,
        "",
    ]
