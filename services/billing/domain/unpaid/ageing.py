"""How old a debt is: days since the date an invoice was due, in the bands accountants use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from services.billing.domain.invoices import Invoice

Band = Literal["not_due", "d0_30", "d31_60", "d61_90", "over_90"]
BANDS: tuple[Band, ...] = get_args(Band)
"""In the order of a list of unpaid invoices."""


@dataclass(frozen=True, kw_only=True)
class Amount:
    """So many pieces with so many cents still to be paid."""

    count: int = 0
    cents: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(count=self.count + other.count, cents=self.cents + other.cents)


def days_late(due: date, today: date) -> int:
    """Days since it was due, 0 on that day, negative before it."""
    return (today - due).days


def band_of(due: date, today: date) -> Band:
    """The band of what was due that day; `today` is the town's local date."""
    late = days_late(due, today)
    if late < 0:
        return "not_due"
    if late <= 30:
        return "d0_30"
    if late <= 60:
        return "d31_60"
    return "d61_90" if late <= 90 else "over_90"


def owes(invoice: Invoice) -> bool:
    """Whether something of it is still to be paid; a credit note is owed to the family, not by it."""
    return invoice.kind != "A" and invoice.remaining_cents > 0


def totals(invoices: Iterable[Invoice], today: date) -> Mapping[Band, Amount]:
    """What is still owed in each band, every band named."""
    found = dict.fromkeys(BANDS, Amount())
    for invoice in invoices:
        if owes(invoice):
            band = band_of(invoice.due_date, today)
            found[band] += Amount(count=1, cents=invoice.remaining_cents)
    return found
