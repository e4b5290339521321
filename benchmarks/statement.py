"""The receipts statement over a million payments, streamed as CSV by a process of its own: seconds and memory.

`python -m benchmarks.statement URL` measures on the MongoDB of an administrator's URL, in a database that goes again.
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from services.billing.domain.postings import Share
from services.billing.domain.till.accounts import Account, Codes, TillSettings
from services.billing.domain.till.receipts import Mode, Part, Receipt, Received, numbered, shared
from services.billing.domain.till.statement import Row, Tally
from services.billing.domain.till.statement_table import Line, totals_of
from services.billing.http.till.statements import AT_ONCE, Table, csv_pieces
from services.billing.store.documents import to_document
from services.billing.store.till.schema import TILL
from services.billing.store.till.statement import StatementStore
from services.billing.usecases.till.state_receipts import tallied
from shared import mongo
from shared.mongo import Document, Schema

PAYMENTS = 1_000_000
BATCH = 5_000
DATABASE = "bench_statement"
TOWN, OFFICE = "metropole-du-banc", "metropole-du-banc.regie"
START, END = date(2026, 1, 1), date(2026, 12, 31)
SCHEMA = Schema(version=1, collections={"receipts": TILL["receipts"], "journal": TILL["journal"]})
MODES: tuple[Mode, ...] = ("online", "debit", "cheque", "cash", "card")


@dataclass(frozen=True)
class Streamed:
    """`seconds` from the first query to the last byte; `cpu`: of the process that streams; `peak_mb`: resident."""

    payments: int
    seconds: float
    cpu: float
    megabytes: float
    peak_mb: float


async def measure(url: str) -> Streamed:
    client = mongo.connect(url)
    try:
        await client.drop_database(DATABASE)
        db = mongo.database(client, DATABASE)
        await mongo.apply(db, SCHEMA)
        for start in range(0, PAYMENTS, BATCH):
            await db["receipts"].insert_many(list(_documents(start)), ordered=False)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.statement", url, "stream", stdout=asyncio.subprocess.PIPE
        )
        told, _ = await process.communicate()
        return Streamed(**json.loads(told))
    finally:
        await client.drop_database(DATABASE)
        client.close()


def _documents(start: int) -> Iterator[Document]:
    for position in range(start + 1, start + BATCH + 1):
        yield to_document(_receipt(position))


def _receipt(position: int) -> Receipt:
    day = START + timedelta(days=position % 365)
    part = Part(
        piece=f"inv_{position:032x}",
        cents=4150,
        number=f"F2026-{position:06d}",
        taken_cents=4150,
        products=(Share(activity_id=f"{TOWN}.repas", cents=4150),),
    )
    money = Received(
        municipality_id=TOWN,
        household_id=f"hsh_{position % 100_000:032x}",
        cash_office_id=OFFICE,
        source=f"pay_{position:032x}",
        mode=MODES[position % len(MODES)],
        cents=4150,
        at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        parts=(part,),
        transaction=f"AUT{position:08d}",
    )
    return shared(numbered(money, f"rct_{position:032x}", position, day), money.parts)


async def stream(url: str) -> Streamed:
    """Everything the door does but the network."""
    client = mongo.connect(url)
    statements = StatementStore(mongo.database(client, DATABASE))
    accounts = (Account(concerns=f"{TOWN}.repas", code="7067", label=""),)
    codes = Codes(settings=TillSettings(id=OFFICE, municipality_id=TOWN, accounts=accounts))
    began = time.perf_counter()
    tally = Tally()

    async def batches() -> AsyncIterator[list[Row]]:
        async for batch in statements.rows(OFFICE, START, END, AT_ONCE):
            tally.add(batch)
            yield batch

    async def totals() -> list[Line]:
        found = await tallied(tally, OFFICE, START, END, today=END, code_of=codes.of, statements=statements)
        return list(totals_of(found, "Régie"))

    size = 0
    async for piece in csv_pieces(Table("Régie", codes.of, lambda name: name, batches, totals)):
        size += len(piece)
    count = sum(one.count for one in tally.modes.booked.values())
    taken = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    client.close()
    return Streamed(count, taken, sum(os.times()[:2]), size / 1e6, peak)


def section(found: Streamed) -> list[str]:
    return [
        "## The receipts statement",
        "",
        f"{found.payments:,} payments of a year as CSV with totals by means and accounting code, streamed: "
        f"{found.seconds:.1f} s ({found.cpu:.1f} s of processor time beside the database), "
        f"{found.megabytes:.0f} MB of text, "
        f"{found.peak_mb:.0f} MB resident at most.",
        "",
    ]


if __name__ == "__main__":
    measured = asyncio.run(stream(sys.argv[1]) if sys.argv[2:] else measure(sys.argv[1]))
    print(json.dumps(asdict(measured)))
