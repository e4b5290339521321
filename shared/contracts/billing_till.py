"""What billing tells of the till: receipts, their cancellation, money paid back. Amounts are integer euro cents."""

from datetime import date
from typing import ClassVar, Literal

from shared.contracts import Event

Mode = Literal["online", "cash", "cheque", "card", "transfer", "voucher", "debit", "treasury"]


class ReceiptIssued(Event):
    """Money came in and settled what it was for. Subject: the receipt.

    `pieces`: the invoices or the order it was for. `surplus_cents`: of the amount, what settled nothing.
    """

    topic: ClassVar[str] = "billing.receipt_issued.v1"

    receipt_id: str
    number: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    mode: Mode
    amount_cents: int
    surplus_cents: int
    pieces: tuple[str, ...]
    booked_on: date


class ReceiptCancelled(Event):
    """A payment was undone, a cheque that bounced say: what it had settled is owed again. Subject: the receipt."""

    topic: ClassVar[str] = "billing.receipt_cancelled.v1"

    receipt_id: str
    number: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    mode: Mode
    amount_cents: int
    pieces: tuple[str, ...]
    cancelled_on: date


class RefundPaid(Event):
    """Money was paid back to a family. Subject: the refund."""

    topic: ClassVar[str] = "billing.refund_paid.v1"

    refund_id: str
    number: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    amount_cents: int
    paid_on: date


class DayBooksClosed(Event):
    """The books of a cash office are closed up to that day. Subject: office and day.

    `sequence_number` and `head`: where its journal stood, and the hash that covers everything up to there.
    """

    topic: ClassVar[str] = "billing.day_books_closed.v1"

    municipality_id: str
    cash_office_id: str
    day: date
    sequence_number: int
    head: str
