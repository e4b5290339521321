"""The lines closed sheets come to: what is charged at the month's end, and what was paid ahead and is given back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TypeAlias

from services.billing.domain.invoices import InvoicedDay, InvoiceLine, What
from services.billing.domain.money import line_total
from services.billing.domain.orders import OrderLine
from services.billing.domain.prices import Price
from services.billing.domain.sheets import ChargeLine, ChargeSheet

PaidDay: TypeAlias = tuple[str, str, date]
"""Child, activity and date."""
Paid: TypeAlias = Mapping[PaidDay, OrderLine]
NOBODY_PAID: Paid = {}


@dataclass(frozen=True, kw_only=True)
class Charged:
    """One day of a sheet that costs, or gives back, one unit."""

    sheet: ChargeSheet
    line: ChargeLine
    what: What
    price: Price

    @property
    def group(self) -> tuple[str, str, What, Decimal, Decimal]:
        return self.sheet.child_id, self.line.activity_id, self.what, self.price.cents, self.price.surcharge_cents


def lines_of(sheets: Iterable[ChargeSheet], paid: Paid = NOBODY_PAID) -> tuple[InvoiceLine, ...]:
    """Per child, activity and unit price; every day that is owed must have its price.

    `paid`: what orders took for days that may have to be given back.
    """
    charged = sorted(_charged(sheets, paid), key=lambda one: (*one.group, one.line.date))
    return tuple(_line(list(items)) for _, items in groupby(charged, key=lambda one: one.group))


def _charged(sheets: Iterable[ChargeSheet], paid: Paid) -> Iterator[Charged]:
    for sheet in sheets:
        for line in sheet.lines:
            if sheet.owed(line) and line.price is not None:
                yield Charged(sheet=sheet, line=line, what="day", price=line.price)
            if line.late_price is not None:
                yield Charged(sheet=sheet, line=line, what="late_pickup", price=line.late_price)
            order = paid.get((sheet.child_id, line.activity_id, line.date))
            if order is not None and order.cents and sheet.refundable(line):
                yield Charged(sheet=sheet, line=line, what="given_back", price=_as_paid(order))


def _as_paid(order: OrderLine) -> Price:
    return Price(
        cents=Decimal(order.cents),
        surcharge_cents=Decimal(order.surcharge_cents),
        grid_id="",
        grid_version=0,
        quotient_known=True,
    )


def _line(items: list[Charged]) -> InvoiceLine:
    first = items[0]
    quantity = -len(items) if first.what == "given_back" else len(items)
    return InvoiceLine(
        child_id=first.sheet.child_id,
        activity_id=first.line.activity_id,
        what=first.what,
        unit_cents=first.price.cents,
        quantity=quantity,
        total_cents=line_total(quantity, first.price.cents),
        days=tuple(_day(one) for one in items),
        surcharge_cents=first.price.surcharge_cents,
    )


def _day(one: Charged) -> InvoicedDay:
    line = one.line
    return InvoicedDay(
        date=line.date,
        state=line.state,
        sheet_id=one.sheet.id,
        event_ids=line.event_ids,
        regulation_version=line.regulation_version,
        price=one.price,
        late=line.late,
        late_minutes=line.late_minutes,
    )
