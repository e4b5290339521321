"""What billing tells: prices, invoices, payments. Amounts are integer euro cents."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange, Part


class UnitPrice(Part):
    """`child_id` is None for what every child pays who has no price of its own beside it."""

    activity_id: str
    cents: int
    child_id: str | None = None


class PricesSet(Event):
    """What a household pays per unit in a town from now on, whole. Subject: household and municipality."""

    topic: ClassVar[str] = "billing.prices_set.v1"
    # A price tells the income bracket: it stays between services.
    exchange: ClassVar[Exchange] = "profiles"

    household_id: str
    municipality_id: str
    prices: tuple[UnitPrice, ...]
    quotient_known: bool
    """False: the dearest bracket applies until the family supplies its quotient."""


class InvoiceIssued(Event):
    """An invoice got its number and is payable. Subject: the invoice."""

    topic: ClassVar[str] = "billing.invoice_issued.v1"

    invoice_id: str
    number: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    month: str
    total_cents: int
    due_date: date
    corrects: str | None = None
    """The invoice this one corrects, when it is a corrective one: it charges the difference."""


class CreditNoteIssued(Event):
    """A credit note got its number: `credit_cents` of it, positive, settle invoices or are paid back. Subject: it."""

    topic: ClassVar[str] = "billing.credit_note_issued.v1"

    credit_note_id: str
    number: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    month: str
    credit_cents: int
    corrects: str | None = None


class InvoiceDocument(Event):
    """The invoice as the family reads it, to be sent. Subject: the invoice."""

    topic: ClassVar[str] = "billing.invoice_document.v1"
    exchange: ClassVar[Exchange] = "profiles"

    invoice_id: str
    number: str
    household_id: str
    municipality_id: str
    cash_office_name: str
    month: str
    total_cents: int
    due_date: date
    filename: str
    pdf_base64: str
    kind: str = "F"
    """F: invoice, R: corrective invoice, A: credit note, whose amounts are negative."""
    remaining_cents: int | None = None
    """What is still to be paid once credits were used; None: all of it."""
    debit_on: date | None = None
    """The day it is taken from the family's bank account: then there is nothing to pay."""


class InvoicesPaid(Event):
    """One payment settled these invoices in full. Subject: the payment."""

    topic: ClassVar[str] = "billing.invoices_paid.v1"

    payment_id: str
    household_id: str
    municipality_id: str
    invoice_ids: tuple[str, ...]
    amount_cents: int
    paid_at: AwareDatetime
    invoice_numbers: tuple[str, ...] = ()


class OrderPaid(Event):
    """A prepaid order is paid: its places can be booked. Subject: the payment."""

    topic: ClassVar[str] = "billing.order_paid.v1"

    payment_id: str
    order_id: str
    household_id: str
    municipality_id: str
    amount_cents: int
    paid_at: AwareDatetime


class PaymentStarted(Event):
    """A payment page is open until `expires_at`. Subject: the payment."""

    topic: ClassVar[str] = "billing.payment_started.v1"

    payment_id: str
    household_id: str
    municipality_id: str
    expires_at: AwareDatetime
    order_id: str | None = None


class PaymentFailed(Event):
    """A payment ended without money: refused, abandoned or expired. Subject: the payment."""

    topic: ClassVar[str] = "billing.payment_failed.v1"

    payment_id: str
    household_id: str
    municipality_id: str
    reason: str
    order_id: str | None = None
    invoice_ids: tuple[str, ...] = ()


class RefundDue(Event):
    """Money was taken for something the family did not get: an agent must give it back. Subject: the payment."""

    topic: ClassVar[str] = "billing.refund_due.v1"

    payment_id: str
    order_id: str | None
    household_id: str
    municipality_id: str
    amount_cents: int
    reason: str
