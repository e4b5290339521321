"""What an invoice's paper costs: `python -m benchmarks.papers` prints a few hundred, data inside, two at a time."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from services.billing.app import TEMPLATE
from services.billing.app.printing import TypstPrinter
from services.billing.domain.copies import Activity, Household, Person, Programme, Town
from services.billing.domain.invoices import Invoice, InvoicedDay, InvoiceLine
from services.billing.domain.papers.facturx import facturx
from services.billing.domain.papers.invoice import Setting, paper
from services.billing.domain.papers.office import OfficePapers
from services.billing.domain.prices import Price
from services.billing.domain.tariffs import CashOffice

PAPERS = 200
TOWN = "metropole-du-banc"
OFFICE = f"{TOWN}.regie"
MONTH = date(2026, 11, 1)
ACTIVITIES = ("repas", "garderie-matin", "garderie-soir", "mercredi")
CHILDREN = ("chd_1", "chd_2")


@dataclass(frozen=True)
class Printed:
    """Of one paper: milliseconds of CPU, milliseconds of the clock with two at a time, kilobytes."""

    cpu_ms: float
    clock_ms: float
    kilobytes: float


async def measure() -> Printed:
    printer = TypstPrinter(TEMPLATE)
    # The first of each compiler reads its fonts.
    await asyncio.gather(*(_print(printer, number) for number in range(8)))
    cpu, clock = time.process_time(), time.perf_counter()
    sizes = await asyncio.gather(*(_print(printer, number) for number in range(8, 8 + PAPERS)))
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    return Printed(cpu * 1000 / PAPERS, clock * 1000 / PAPERS, sum(sizes) / PAPERS / 1000)


async def _print(printer: TypstPrinter, number: int) -> int:
    invoice = replace(_invoice(), number=f"F2026-{number:06d}", position=number)
    return len(await printer.print({**paper(invoice, SETTING), "facturx": facturx(invoice, SETTING)}))


def _invoice() -> Invoice:
    lines = tuple(_line(child, activity) for child in CHILDREN for activity in ACTIVITIES)
    return Invoice(
        municipality_id=TOWN,
        household_id="hsh_1",
        cash_office_id=OFFICE,
        month="2026-11",
        kind="F",
        year=2026,
        issue_date=date(2026, 12, 1),
        due_date=date(2026, 12, 31),
        lines=lines,
        total_cents=sum(line.total_cents for line in lines),
        run_id="run_1",
        id="inv_1",
        position=1,
        number="F2026-000001",
    )


def _line(child_id: str, activity: str) -> InvoiceLine:
    price = Price(cents=Decimal(415), grid_id=f"{TOWN}.{activity}", grid_version=1, quotient_known=True)
    days = tuple(
        InvoicedDay(
            date=MONTH + timedelta(days=day),
            state="present",
            sheet_id="sht_1",
            event_ids=("e1",),
            regulation_version=1,
            price=price,
        )
        for day in range(5)
    )
    return InvoiceLine(
        child_id=child_id,
        activity_id=f"{TOWN}.{activity}",
        unit_cents=price.cents,
        quantity=len(days),
        total_cents=len(days) * 415,
        days=days,
    )


SETTING = Setting(
    town=Town(
        id=TOWN,
        name="Métropole-du-Banc",
        time_zone="Europe/Paris",
        contact_email="mairie@banc.example",
        contact_phone="01 00 00 00 00",
        contact_address="1 place du Banc\n01000 Métropole-du-Banc",
    ),
    office=CashOffice(
        id=OFFICE, name="Régie", payfip_client="012345", structure_id="123456", programmes=(), payment_days=30
    ),
    household=Household(
        id="hsh_1",
        name="Martin",
        address="3 rue des Tilleuls\n01000 Métropole-du-Banc",
        guardians=(Person(id="grd_1", civility="Mme", first_name="Claire", last_name="Martin"),),
        children=tuple(Person(id=name, first_name=name, last_name="Martin") for name in CHILDREN),
    ),
    programmes=(
        Programme(
            id=f"{TOWN}.jour",
            municipality_id=TOWN,
            name="Journée",
            billing_mode="postpaid",
            activities=tuple(Activity(id=f"{TOWN}.{name}", name=name) for name in ACTIVITIES),
        ),
    ),
    papers=OfficePapers(id=OFFICE, municipality_id=TOWN, siret="21380001400010", iban="FR7630001007941234567890185"),
    portal_url="https://famille.banc.example",
)


if __name__ == "__main__":
    found = asyncio.run(measure())
    print(f"{found.cpu_ms:.1f} ms CPU, {found.clock_ms:.1f} ms with two at a time, {found.kilobytes:.0f} kB")
