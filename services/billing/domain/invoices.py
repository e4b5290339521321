"""Invoices: one per household, cash office and month, from its closed sheets; lines per child and activity."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Literal

from services.billing.domain.money import line_total
from services.billing.domain.prices import NOTHING, Price
from services.billing.domain.sheets import ChargeLine, ChargeSheet, State
from services.billing.domain.tariffs import CashOffice
from shared.errors import N_, Refused

Kind = Literal["F"]
InvoiceState = Literal["open", "paid"]
INVOICE: Kind = "F"


class InvoiceAlreadyPaid(Refused):
    code = "invoice-already-paid"
    title = N_("Already paid")
    sentence = N_("The invoice %(number)s is already paid.")
    remedy = N_("Reload the list of your invoices.")


@dataclass(frozen=True, kw_only=True)
class InvoicedDay:
    """A day a line charges, with the reasons of its price. `late`: the tier it was booked under after its deadline."""

    date: date
    state: State
    sheet_id: str
    event_ids: tuple[str, ...]
    regulation_version: int | None
    price: Price
    late: str = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceLine:
    """The days of one child in one activity at one unit price. Lists of invoices leave `days` out.

    `surcharge_cents`: what of each unit is for booking late.
    """

    child_id: str
    activity_id: str
    unit_cents: Decimal
    quantity: int
    total_cents: int
    days: tuple[InvoicedDay, ...] = ()
    surcharge_cents: Decimal = NOTHING

    @property
    def quotient_known(self) -> bool:
        return all(day.price.quotient_known for day in self.days)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An invoice that has no number yet. `year`: of issue, in the town; numbers begin again with it."""

    municipality_id: str
    household_id: str
    cash_office_id: str
    month: str
    kind: Kind
    year: int
    issue_date: date
    due_date: date
    lines: tuple[InvoiceLine, ...]
    total_cents: int
    run_id: str


@dataclass(frozen=True, kw_only=True)
class Invoice(Draft):
    """`position`: its place in the numbering of its cash office, year and kind, from 1 without a gap.

    `documented`: its document is stored. `paid_by`: the payment that settled it.
    """

    id: str
    position: int
    number: str
    state: InvoiceState = "open"
    documented: bool = False
    paid_by: str | None = None
    paid_at: datetime | None = None
    version: int = 0

    @property
    def reference(self) -> str:
        """What the payer copies on a payment slip: the number without its dash."""
        return self.number.replace("-", "")


def number_of(kind: Kind, year: int, position: int) -> str:
    return f"{kind}{year}-{position:06d}"


def numbering_of(draft: Draft) -> str:
    """The name of the series of numbers an invoice belongs to."""
    return f"{draft.cash_office_id}/{draft.year}/{draft.kind}"


def lines_of(sheets: Iterable[ChargeSheet]) -> tuple[InvoiceLine, ...]:
    """What closed sheets charge, per child, activity and unit price; every line must have its price."""
    charged = sorted(_charged(sheets), key=lambda item: (*_group(item), item[1].date))
    return tuple(_line(group, list(items)) for group, items in groupby(charged, key=_group))


Charged = tuple[ChargeSheet, ChargeLine, Price]


def _charged(sheets: Iterable[ChargeSheet]) -> Iterator[Charged]:
    for sheet in sheets:
        for line in sheet.lines:
            if sheet.invoiced and line.charged and line.price is not None:
                yield sheet, line, line.price


Group = tuple[str, str, Decimal, Decimal]


def _group(item: Charged) -> Group:
    sheet, line, price = item
    return sheet.child_id, line.activity_id, price.cents, price.surcharge_cents


def _line(group: Group, items: list[Charged]) -> InvoiceLine:
    child_id, activity_id, unit, surcharge = group
    return InvoiceLine(
        child_id=child_id,
        activity_id=activity_id,
        unit_cents=unit,
        quantity=len(items),
        total_cents=line_total(len(items), unit),
        days=tuple(_day(*item) for item in items),
        surcharge_cents=surcharge,
    )


def _day(sheet: ChargeSheet, line: ChargeLine, price: Price) -> InvoicedDay:
    return InvoicedDay(
        date=line.date,
        state=line.state,
        sheet_id=sheet.id,
        event_ids=line.event_ids,
        regulation_version=line.regulation_version,
        price=price,
        late=line.late,
    )


def draft_of(
    sheets: Iterable[ChargeSheet], office: CashOffice, *, household_id: str, month: str, run_id: str, issued_on: date
) -> Draft | None:
    """The household's invoice of the month; None when it owes nothing."""
    lines = lines_of(sheets)
    total = sum(line.total_cents for line in lines)
    if total == 0:
        return None
    return Draft(
        municipality_id=office.id.split(".", maxsplit=1)[0],
        household_id=household_id,
        cash_office_id=office.id,
        month=month,
        kind=INVOICE,
        year=issued_on.year,
        issue_date=issued_on,
        due_date=issued_on + timedelta(days=office.payment_days),
        lines=lines,
        total_cents=total,
        run_id=run_id,
    )


def month_bounds(month: str) -> tuple[date, date]:
    """First and last day of `YYYY-MM`."""
    year, number = map(int, month.split("-"))
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])
