"""The night of the invoices: as many mails a minute as the notifications service gets to the mail server on one core.

`python -m benchmarks.mails` starts a Préau of its own and puts the section into docs/benchmarks.md.
"""

import asyncio
import base64
import io
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import aiohttp
import psutil
from aio_pika import Message
from PIL import Image

from benchmarks.system import System, started
from benchmarks.town_files import put
from shared.contracts import Event
from shared.contracts.billing import InvoiceDocument
from shared.contracts.identity import HouseholdProfiled, MunicipalitySet, ProfiledGuardian
from shared.contracts.towns import LetterheadSet
from shared.ids import uuid7
from shared.messaging.broker import Broker
from shared.messaging.envelope import pack
from shared.mongo import Collection, Database, Document, connect, database

TOWN = "metropole-du-courrier"
HOUSEHOLDS = 3_000
WARM_UP = 200
PDF_BYTES = 60_000
PUBLISHED_AT_ONCE = 100
LOOK_SECONDS = 0.2
CORE = 0


@dataclass(frozen=True)
class Sent:
    """`cpu_ms`: of the service, for one mail from the event to the server's 250; `kilobytes`: of one mail."""

    mails: int
    seconds: float
    cpu_ms: float
    refused: int
    kilobytes: float

    @property
    def a_minute(self) -> float:
        return self.mails / self.seconds * 60


async def measure(system: System) -> Sent:
    """Every household of a town gets its invoice with the paper, the town's logo and colours."""
    service = system.processes()["notifications"]
    client = connect(system.mongo_url())
    db = database(client, "notifications")
    try:
        async with Broker(system.amqp_url()) as broker:
            await _settle(broker, db)
            await _publish(broker, [_invoice(number, "warm") for number in range(WARM_UP)])
            await _until_sent(db, WARM_UP)
            cores = service.cpu_affinity()
            service.cpu_affinity([CORE])
            began, used = time.perf_counter(), _cpu(service)
            await _publish(broker, [_invoice(number, "real") for number in range(HOUSEHOLDS)])
            await _until_sent(db, WARM_UP + HOUSEHOLDS)
            seconds, used = time.perf_counter() - began, _cpu(service) - used
            service.cpu_affinity(cores)
        refused = await db["messages"].count_documents({**MAILS, "state": "refused"})
        return Sent(HOUSEHOLDS, seconds, used * 1000 / HOUSEHOLDS, refused, await _kilobytes(system))
    finally:
        client.close()


MAILS = {"channel": "mail", "municipality_id": TOWN}


def _cpu(service: psutil.Process) -> float:
    times = service.cpu_times()
    return float(times.user + times.system)


async def _settle(broker: Broker, db: Database) -> None:
    """The town, its logo and its families, as identity tells them."""
    await _publish(broker, [_town(), _letterhead(), *(_household(number) for number in range(HOUSEHOLDS))])
    await _until(db["households"], {"municipality_ids": TOWN}, HOUSEHOLDS)


async def _until_sent(db: Database, wanted: int) -> None:
    await _until(db["messages"], {**MAILS, "state": {"$in": ["sent", "refused"]}}, wanted)


async def _until(documents: Collection, which: Document, wanted: int) -> None:
    found = 0
    while found < wanted:
        await asyncio.sleep(LOOK_SECONDS)
        found = await documents.count_documents(which)


async def _publish(broker: Broker, events: list[Event]) -> None:
    for start in range(0, len(events), PUBLISHED_AT_ONCE):
        await asyncio.gather(*(_tell(broker, event) for event in events[start : start + PUBLISHED_AT_ONCE]))


async def _tell(broker: Broker, event: Event) -> None:
    (entry,) = pack([event], subject=uuid7(), sequence=1, municipality_id=TOWN, at=datetime.now(UTC))
    message = Message(entry["body"].encode(), message_id=entry["id"])
    await broker.publish(f"preau.{entry['exchange']}", entry["type"], message)


async def _kilobytes(system: System) -> float:
    """Of the last mail as the sandbox got it, which keeps the newest only."""
    last = f"famille{HOUSEHOLDS - 1}@example.org"
    async with aiohttp.ClientSession() as http, http.get(f"{system.mail}/api/messages?to={last}&wait=5") as got:
        newest: dict[str, Any] = (await got.json())["messages"][0]
    parts = [len(newest["text"]), len(newest["html"]), *(one["size"] * 4 / 3 for one in newest["attachments"])]
    return float(sum(parts)) / 1000


def _town() -> MunicipalitySet:
    return MunicipalitySet(
        municipality_id=TOWN,
        name="Métropole-du-Courrier",
        time_zone="Europe/Paris",
        school_zone="B",
        public_holidays="metropole",
        contact_email="enfance@courrier.example",
        contact_phone="01 23 45 67 89",
        contact_address="1 place de la Poste",
        opening_view="agenda",
        services=("Restaurant scolaire",),
        primary_colour="#00563b",
        accent_colour="#8b0000",
    )


def _letterhead() -> LetterheadSet:
    out = io.BytesIO()
    Image.effect_noise((400, 160), 60).save(out, "PNG")
    return LetterheadSet(
        municipality_id=TOWN, png_base64=base64.b64encode(out.getvalue()).decode(), width=400, height=160
    )


def _household(number: int) -> HouseholdProfiled:
    guardian = ProfiledGuardian(
        guardian_id=f"grd_bench{number}",
        civility="Mme",
        first_name="Anna",
        last_name=f"Courrier {number}",
        email=f"famille{number}@example.org",
    )
    return HouseholdProfiled(
        household_id=f"hsh_bench{number}",
        name=f"COURRIER {number}",
        municipality_ids=(TOWN,),
        guardians=(guardian,),
        children=(),
    )


def _invoice(number: int, run: str) -> InvoiceDocument:
    return InvoiceDocument(
        invoice_id=f"inv_{run}{number}",
        number=f"F2026-{number:06}",
        household_id=f"hsh_bench{number}",
        municipality_id=TOWN,
        cash_office_name="Régie restauration",
        month="2026-10",
        total_cents=7049,
        due_date=date(2026, 12, 5),
        filename=f"facture-F2026-{number:06}.pdf",
        pdf_base64=base64.b64encode(b"%PDF-1.7" + bytes(PDF_BYTES)).decode(),
    )


def section(sent: Sent) -> list[str]:
    """As docs/benchmarks.md says it."""
    return [
        "## Mails a minute",
        "",
        f"{sent.mails:,} invoices told by billing, each mailed to its household with its paper of {PDF_BYTES // 1000} "
        "kB, the town's logo and colours, in French, as text and HTML; from the first event published to the last mail "
        "in the sandbox's charge and marked so. The notifications service is one process, held to one core; database, "
        f"broker and the sandbox's mail server share the machine. {sent.refused} refused.",
        "",
        "| what | measured | to reach |",
        "|---|---|---|",
        f"| mails a minute on one core | **{sent.a_minute:,.0f}** | at least 1,000 |",
        f"| CPU of the service for one mail, ms | {sent.cpu_ms:.1f} | at most 60 |",
        f"| one mail, kB | {sent.kilobytes:.0f} | |",
        "",
    ]


async def main() -> None:
    async with started() as system:
        sent = await measure(system)
    busy = psutil.getloadavg()[0]
    put([*section(sent), f"Load average of the machine at its end: {busy:.1f} (2 cores are busy at 2).", ""])


if __name__ == "__main__":
    asyncio.run(main())
