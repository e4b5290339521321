"""Payments at the counter: what an agent types in, held against what is owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.billing.domain.invoices import CREDIT_NOTE, Invoice
from services.billing.domain.owed import check_owed
from services.billing.domain.till.receipts import Part
from services.billing.domain.till.refusals import (
    DayClosed,
    DayNotOver,
    MoreThanRemains,
    NotOneCashOffice,
    PartsUnlikeAmount,
)
from shared.money import Cents


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a payment is for; `cents` None: all that remains."""

    invoice_id: str
    cents: int | None = None


def parts_of(
    asked: Sequence[Asked], invoices: Mapping[str, Invoice], cash_office_id: str, cents: int, *, surplus: bool
) -> tuple[Part, ...]:
    """The payment shared out as the agent asked. `surplus`: whether it may bring more than is owed.

    Raises `NotOneCashOffice`, why nothing is owed (domain/owed.py), `MoreThanRemains`, `PartsUnlikeAmount`.
    """
    parts = tuple(_part(one, invoices[one.invoice_id], cash_office_id) for one in asked)
    together = sum(part.cents for part in parts)
    if together > cents or (together < cents and not surplus):
        raise PartsUnlikeAmount(amount=Cents(cents), parts=Cents(together))
    return parts


def _part(asked: Asked, invoice: Invoice, cash_office_id: str) -> Part:
    if invoice.cash_office_id != cash_office_id:
        raise NotOneCashOffice()
    if invoice.kind == CREDIT_NOTE or invoice.state != "debit_scheduled":
        # A debit that is planned keeps nobody from paying at the counter instead.
        check_owed(invoice)
    cents = invoice.remaining_cents if asked.cents is None else asked.cents
    if cents > invoice.remaining_cents:
        raise MoreThanRemains(number=invoice.number, remaining=Cents(invoice.remaining_cents))
    return Part(piece=invoice.id, cents=cents, number=invoice.number)


def check_day(on: date | None, today: date, closed_until: date | None) -> None:
    """Raises `DayNotOver` for a day to come, `DayClosed` for one whose books are closed."""
    if on is None:
        return
    if on > today:
        raise DayNotOver()
    if closed_until and on <= closed_until:
        raise DayClosed(closed=closed_until)
