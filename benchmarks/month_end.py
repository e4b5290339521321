"""A month's end of 10,000 households: drafted, issued and printed by a process that is killed on the way.

`python -m benchmarks.month_end URL` measures on the MongoDB of an administrator's URL, in a database that goes again.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.billing.app import TEMPLATE
from services.billing.app.printing import TypstPrinter
from services.billing.app.work import Stores, desk_of, press_of
from services.billing.domain.copies import Activity, Household, Person, Programme, Town
from services.billing.domain.families import Family, Quotient, family_id
from services.billing.domain.prices import Price, Pricing, price_for
from services.billing.domain.runs import Closing
from services.billing.domain.sheets import ChargeSheet, Day, Fact, hear
from services.billing.domain.tariffs import Bracket, CashOffice, Grid, Situation, Tariff
from services.billing.domain.tariffs.payers import Payer
from services.billing.store import SCHEMA
from services.billing.store.documents import to_document
from services.billing.store.invariants import days_invoiced_twice, numbering_with_gaps, totals_unlike_their_lines
from services.billing.usecases.months.advance import advance_next_run
from services.billing.usecases.months.closings import complete_closings
from services.billing.usecases.write_documents import write_documents
from shared import mongo
from shared.clock import system_clock
from shared.mongo import Database, Document

HOUSEHOLDS = 10_000
DAYS = (3, 4, 6, 7, 10, 13, 14, 17, 18, 20, 24, 25)
BATCH = 500
DATABASE = "bench_month_end"
MONTH = "2026-11"
TOWN = "ville-du-banc"
OFFICE = f"{TOWN}.regie"
PROGRAMMES = (f"{TOWN}.restaurant", f"{TOWN}.garderie")
AT = datetime(2026, 12, 1, 8, tzinfo=UTC)
# How long after its start each of the first processes is killed.
KILLED_AFTER = (4.0, 9.0)


@dataclass(frozen=True)
class Ended:
    """`issue`: seconds from the closed month to the last number; `cpu`: of the process that was not killed, likewise
    for `print`, and per paper in milliseconds. `broken`: what the invariants found.
    """

    households: int
    lines: int
    kills: int
    issue_seconds: float
    issue_cpu: float
    papers: int
    print_seconds: float
    print_cpu_ms: float
    broken: int


async def measure(url: str, households: int = HOUSEHOLDS) -> Ended:
    """With kills: the seconds of the processes that died count."""
    client = mongo.connect(url)
    try:
        await client.drop_database(DATABASE)
        db = mongo.database(client, DATABASE)
        await mongo.apply(db, SCHEMA)
        await settle(db, households)
        began = time.perf_counter()
        kills = [await _killed(url, seconds, db) for seconds in KILLED_AFTER]
        issued = await _told(url, "issue")
        taken = time.perf_counter() - began
        printed = await _told(url, "print")
        broken = [
            line
            for check in (numbering_with_gaps, totals_unlike_their_lines, days_invoiced_twice)
            for line in await check(db)
        ]
        count = await db["invoices"].count_documents({})
        return Ended(
            households=count,
            lines=4 * count,
            kills=sum(kills),
            issue_seconds=taken,
            issue_cpu=issued["cpu"],
            papers=printed["papers"],
            print_seconds=printed["seconds"],
            print_cpu_ms=1000 * printed["cpu"] / max(1, printed["papers"]),
            broken=len(broken) + (count != households),
        )
    finally:
        await client.drop_database(DATABASE)
        client.close()


async def _killed(url: str, seconds: float, db: Database) -> bool:
    """A process that dies on the way; the minute after which another takes its run over is not waited for."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.month_end", url, "issue", stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
        return False
    except TimeoutError:
        process.kill()
        await process.wait()
    await db["runs"].update_many({"next_at": {"$ne": None}}, {"$set": {"next_at": system_clock()}})
    return True


async def _told(url: str, what: str) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.month_end", url, what, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    return json.loads(told.splitlines()[-1])


async def issue(url: str) -> dict[str, float]:
    stores = Stores(mongo.database(mongo.connect(url), DATABASE), lambda _: None, system_clock)
    desk = desk_of(stores, system_clock)
    began = time.perf_counter()
    await complete_closings(desk)
    while await advance_next_run(desk):
        pass
    return {"seconds": time.perf_counter() - began, "cpu": sum(os.times()[:2])}


async def print_all(url: str) -> dict[str, float]:
    stores = Stores(mongo.database(mongo.connect(url), DATABASE), lambda _: None, system_clock)
    began = time.perf_counter()
    papers = await write_documents(press_of(stores, TypstPrinter(TEMPLATE)))
    return {"seconds": time.perf_counter() - began, "cpu": sum(os.times()[:2]), "papers": papers}


# --- the town ---------------------------------------------------------------------------------------------------------


async def settle(db: Database, households: int) -> None:
    """A town whose month is closed and whose sheets have all arrived."""
    await db["towns"].insert_one(to_document(_town()))
    await db["tariffs"].insert_one(to_document(replace(_tariff(), version=1)))
    await db["programmes"].insert_many([to_document(programme) for programme in _programmes()])
    first = _sheets(0)
    for start in range(0, households, BATCH):
        numbers = range(start, min(start + BATCH, households))
        await db["families"].insert_many([to_document(_family(number)) for number in numbers], ordered=False)
        await db["households"].insert_many([to_document(_household(number)) for number in numbers], ordered=False)
        sheets = [document for number in numbers for document in _of_household(first, number)]
        await db["sheets"].insert_many(sheets, ordered=False)
    await db["closings"].insert_many([to_document(_closing(programme, 2 * households)) for programme in PROGRAMMES])


def _town() -> Town:
    return Town(
        id=TOWN,
        name="Ville-du-Banc",
        time_zone="Europe/Paris",
        contact_email="mairie@banc.example",
        contact_phone="04 00 00 00 00",
        contact_address="1 place de la Mairie\n38000 Ville-du-Banc",
    )


def _programmes() -> tuple[Programme, ...]:
    return tuple(
        Programme(
            id=programme,
            municipality_id=TOWN,
            name=programme.partition(".")[2],
            billing_mode="postpaid",
            activities=(Activity(id=f"{programme}-1", name=programme.partition(".")[2].upper()),),
        )
        for programme in PROGRAMMES
    )


def _tariff() -> Tariff:
    brackets = (
        Bracket(lowest=Decimal(0), highest=Decimal(622), cents=Decimal(100)),
        Bracket(lowest=Decimal("622.01"), highest=None, cents=Decimal("415.5")),
    )
    grids = tuple(
        Grid(
            id=f"{programme}-grille",
            version=1,
            valid_from=date(2024, 9, 1),
            activities=(f"{programme}-1",),
            audience="everyone",
            brackets=brackets,
        )
        for programme in PROGRAMMES
    )
    office = CashOffice(
        id=OFFICE,
        name="Régie",
        payfip_client="012345",
        structure_id="123456",
        programmes=PROGRAMMES,
        payment_days=30,
    )
    return Tariff(id=TOWN, cash_offices=(office,), grids=grids)


def _name(number: int) -> str:
    return f"hsh_{number:032x}"


def _family(number: int) -> Family:
    return Family(
        id=family_id(TOWN, f"F{number}"),
        municipality_id=TOWN,
        reference=f"F{number}",
        household_id=_name(number),
        resident=True,
        quotients=(Quotient(effective_on=date(2026, 1, 1), value=Decimal(300 + number % 900)),),
        version=1,
    )


def _household(number: int) -> Household:
    parent = Person(id=f"grd_{number}", civility="Mme", first_name="Claire", last_name=f"Martin {number}")
    children = tuple(
        Person(id=f"chd_{number:032x}_{child}", first_name=f"Enfant {child}", last_name=f"Martin {number}")
        for child in (1, 2)
    )
    address = f"{number} rue des Tilleuls\n38000 Ville-du-Banc"
    return Household(id=_name(number), name=f"Martin {number}", address=address, guardians=(parent,), children=children)


def _sheets(number: int) -> Sequence[Document]:
    """Closed, with prices, as the messages of a month leave them."""
    tariff, payer = _tariff(), Payer(family=_family(number))

    def pricing(asked: Situation) -> Price | None:
        return price_for(tariff, payer, asked)

    return [to_document(_sheet(number, child, programme, pricing)) for child in (1, 2) for programme in PROGRAMMES]


def _sheet(number: int, child: int, programme: str, pricing: Pricing) -> ChargeSheet:
    days = tuple(Day(activity_id=f"{programme}-1", date=date(2026, 11, day), state="present") for day in DAYS)
    booked = Fact(event_id="b" * 32, sequence=1, what="booked", at=AT, days=days, regulation_version=1)
    closed = replace(booked, event_id="c" * 32, sequence=2, what="closed", closing_id=f"cls_{programme}_{MONTH}")
    child_id = f"chd_{number:032x}_{child}"
    sheet = ChargeSheet(
        id=f"sht_{child_id}_{programme}_{MONTH}",
        municipality_id=TOWN,
        household_id=_name(number),
        child_id=child_id,
        programme_id=programme,
        month=MONTH,
        billing_mode="postpaid",
        version=2,
    )
    return hear(hear(sheet, booked, pricing), closed, pricing)


def _of_household(like: Sequence[Document], number: int) -> Iterator[Document]:
    """The sheets of another household: the same days and prices, which is what costs time, under its own names."""
    for sheet, child in zip(like, (1, 1, 2, 2), strict=True):
        child_id = f"chd_{number:032x}_{child}"
        name = f"sht_{child_id}_{sheet['programme_id']}_{MONTH}"
        yield {**sheet, "_id": name, "household_id": _name(number), "child_id": child_id}


def _closing(programme: str, sheets: int) -> Closing:
    name = f"cls_{programme}_{MONTH}"
    return Closing(id=name, municipality_id=TOWN, programme_id=programme, month=MONTH, sheets=sheets)


# --- what is written of it --------------------------------------------------------------------------------------------


def section(ended: Ended) -> list[str]:
    return [
        "## A month's end",
        "",
        f"{ended.households:,} households, {ended.lines:,} lines of {len(DAYS)} days, one cash office. The process was "
        f"killed {ended.kills} times on the way; its seconds count, not the minute after which another takes over. "
        f"Broken afterwards: {ended.broken} (a gap, a double, a total unlike its lines, a household without invoice).",
        "",
        "| | seconds | CPU |",
        "|---|---|---|",
        f"| drafted, checked, numbered | {ended.issue_seconds:.0f} | {ended.issue_cpu:.0f} s (of the last process) |",
        f"| {ended.papers:,} papers printed and kept | {ended.print_seconds:.0f} | {ended.print_cpu_ms:.0f} ms each |",
        "",
    ]


if __name__ == "__main__":
    where, step = sys.argv[1], (sys.argv[2:] or ["all"])[0]
    if step == "issue":
        print(json.dumps(asyncio.run(issue(where))))
    elif step == "print":
        print(json.dumps(asyncio.run(print_all(where))))
    else:
        count = int(step) if step.isdigit() else HOUSEHOLDS
        print(json.dumps(asdict(asyncio.run(measure(where, count))), indent=1))
