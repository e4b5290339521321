"""What a family paid in a year for the care of its youngest: the tax credit of article 200 quater B of the tax code.

Counted: children under six on the first of January of the year; activities the cash office says are childcare; what
was **paid** in the year, orders paid ahead included, what was given back subtracted. Never: meals, what is charged
although nobody came, supplements for booking or leaving late (Assemblée nationale, question 78406). Not halved for
children in alternating custody, and no ceiling: the tax office does both from what each parent declares.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.billing.domain.copies import Person
from services.billing.domain.invoices import Invoice, InvoicedDay, InvoiceLine
from services.billing.domain.money import half_up
from services.billing.domain.orders import Order, OrderLine
from services.billing.domain.settlements import SettlementKind
from services.billing.domain.sheets import ChargeLine, ChargeSheet

YOUNGEST = 6
# Money that came, credits, which had been paid before, and either taken back. A remission was never paid, and a credit
# note that annuls an invoice moves no money.
PAID: frozenset[SettlementKind] = frozenset({"payment", "treasury", "credit", "reversal", "refund"})
CARED_FOR = frozenset({"booked", "present", "present_unbooked"})

Key = tuple[str, str]
"""A child and an activity."""


@dataclass(frozen=True, kw_only=True)
class Paid:
    activity_id: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class ChildPaid:
    child_id: str
    birth_date: date
    activities: tuple[Paid, ...]

    @property
    def cents(self) -> int:
        return sum(paid.cents for paid in self.activities)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """`unknown`: children nobody told the birth date of, who are left out."""

    year: int
    children: tuple[ChildPaid, ...]
    unknown: tuple[str, ...] = ()

    @property
    def total_cents(self) -> int:
        return sum(child.cents for child in self.children)


def young(child: Person, year: int) -> bool:
    """Under six on the first of January of the year: who has their sixth birthday that day is six."""
    return child.birth_date is not None and child.birth_date > date(year - YOUNGEST, 1, 1)


def certificate(
    year: int,
    children: Iterable[Person],
    *,
    invoices: Sequence[Invoice],
    orders: Sequence[Order],
    sheets: Sequence[ChargeSheet],
    childcare: AbstractSet[str],
    zone: ZoneInfo,
) -> Certificate:
    """`invoices` with their lines, credit notes among them; `sheets`: those of prepaid days."""
    amounts: dict[Key, int] = {}
    for part in (*_by_invoices(invoices, year, childcare, zone), *_by_orders(orders, sheets, year, childcare, zone)):
        for key, cents in part.items():
            amounts[key] = amounts.get(key, 0) + cents
    known = list(children)
    listed = [_child(child, amounts) for child in known if young(child, year)]
    return Certificate(
        year=year,
        children=tuple(one for one in listed if one.cents),
        unknown=tuple(child.id for child in known if child.birth_date is None),
    )


def _child(child: Person, amounts: Mapping[Key, int]) -> ChildPaid:
    paid = [
        Paid(activity_id=activity, cents=cents)
        for (name, activity), cents in sorted(amounts.items())
        if name == child.id and cents
    ]
    return ChildPaid(child_id=child.id, birth_date=child.birth_date or date.max, activities=tuple(paid))


def _by_invoices(
    invoices: Sequence[Invoice], year: int, childcare: AbstractSet[str], zone: ZoneInfo
) -> Iterable[dict[Key, int]]:
    for invoice in invoices:
        acts = [act for act in invoice.settlements if act.kind in PAID]
        before = sum(act.cents for act in acts if act.at.astimezone(zone).year < year)
        until = sum(act.cents for act in acts if act.at.astimezone(zone).year <= year)
        if before != until:
            yield {
                key: _share(cents, until, invoice.total_cents) - _share(cents, before, invoice.total_cents)
                for key, cents in _care(invoice, childcare).items()
            }


def _share(part_cents: int, settled_cents: int, total_cents: int) -> int:
    """Of what is settled, the part that falls on some of the lines: all of it once all is settled."""
    return half_up(Decimal(part_cents) * settled_cents / total_cents)


def _care(invoice: Invoice, childcare: AbstractSet[str]) -> dict[Key, int]:
    """What of a piece is childcare, by child and activity."""
    found: dict[Key, int] = {}
    for line in invoice.lines:
        if line.activity_id in childcare and line.what != "late_pickup":
            key = (line.child_id, line.activity_id)
            found[key] = found.get(key, 0) + _care_of(line)
    return found


def _care_of(line: InvoiceLine) -> int:
    if line.what != "day" or not line.days:
        return line.total_cents
    cents = half_up(sum((_care_on(day) for day in line.days), Decimal(0)))
    return -cents if line.total_cents < 0 else cents


def _care_on(day: InvoicedDay) -> Decimal:
    return day.price.cents - day.price.surcharge_cents if day.state in CARED_FOR else Decimal(0)


def _by_orders(
    orders: Sequence[Order], sheets: Sequence[ChargeSheet], year: int, childcare: AbstractSet[str], zone: ZoneInfo
) -> Iterable[dict[Key, int]]:
    """What was given back counts against the year its order was paid in: the family never bore it."""
    days = {
        (sheet.child_id, line.activity_id, line.date, line.order_id): line for sheet in sheets for line in sheet.lines
    }
    for order in orders:
        if not order.paid_at or order.lost or order.paid_at.astimezone(zone).year != year:
            continue
        paid: dict[Key, int] = {}
        for line in order.lines:
            known = days.get((line.child_id, line.activity_id, line.date, order.id))
            if line.activity_id in childcare and _used(known):
                key = (line.child_id, line.activity_id)
                paid[key] = paid.get(key, 0) + _care_paid(line)
        yield paid


def _used(day: ChargeLine | None) -> bool:
    """Or not over yet: paid ahead and not given back. What an excuse gives back is a line of an invoice."""
    return day is None or (not day.given_back and day.state in {*CARED_FOR, "absent_justified"})


def _care_paid(line: OrderLine) -> int:
    return line.cents - line.surcharge_cents
