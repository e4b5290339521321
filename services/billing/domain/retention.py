"""How long billing keeps what: accounting by law, the rest no longer than somebody needs it.

Invoices, their papers and the payments that settled them are accounting pieces (ten years, domain.md 3.9). While an
invoice is unpaid nothing that explains it goes.
"""

from datetime import date, datetime
from typing import Literal

from services.billing.domain.invoices import OWED, Invoice
from services.billing.domain.orders import Order, state_of
from services.billing.domain.payments import ENDED, Payment
from services.billing.domain.runs import Closing, Run
from services.billing.domain.sheets import ChargeSheet

Reason = Literal["debt", "accounting", "not_invoiced_yet", "payment_under_way"]


def years_after(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def invoice_kept_for(invoice: Invoice) -> Reason:
    return "debt" if invoice.state in OWED else "accounting"


def payment_kept_for(payment: Payment) -> Reason | None:
    """None: an attempt that brought no money explains nothing."""
    if payment.state == "paid":
        return "accounting"
    return None if payment.state in ENDED and not payment.live else "payment_under_way"


def order_kept_for(order: Order, now: datetime) -> Reason | None:
    if order.paid_by:
        return "accounting"
    return "payment_under_way" if state_of(order, now) == "held" else None


def is_invoiced(closing: Closing | None, run: Run | None) -> bool:
    """The month of the programme is closed, and whoever invoices it has done so; nobody may be the one."""
    return (
        closing is not None
        and closing.complete
        and (closing.run_id is None or (run is not None and run.state == "done"))
    )


def sheet_still_needed(sheet: ChargeSheet, *, invoiced: bool, today: date) -> bool:
    """Days the child was there for are owed until they are invoiced; days to come of a household that goes are not.

    A closed sheet is counted by its closing, whatever is in it.
    """
    if invoiced:
        return False
    return sheet.closing_id is not None or any(sheet.owed(line) and line.date <= today for line in sheet.lines)
