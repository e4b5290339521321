"""What the till tells, as the published contracts say it."""

from services.billing.domain.till.journal import Close
from services.billing.domain.till.receipts import Receipt
from services.billing.domain.till.refunds import Refund
from shared.contracts.billing_till import DayBooksClosed, ReceiptCancelled, ReceiptIssued, RefundPaid


def of_receipt(receipt: Receipt) -> ReceiptIssued:
    return ReceiptIssued(
        receipt_id=receipt.id,
        number=receipt.number,
        household_id=receipt.household_id,
        municipality_id=receipt.municipality_id,
        cash_office_id=receipt.cash_office_id,
        mode=receipt.mode,
        amount_cents=receipt.cents,
        surplus_cents=receipt.surplus_cents,
        pieces=tuple(part.piece for part in receipt.parts),
        booked_on=receipt.booked_on,
    )


def of_cancellation(receipt: Receipt) -> ReceiptCancelled:
    return ReceiptCancelled(
        receipt_id=receipt.id,
        number=receipt.number,
        household_id=receipt.household_id,
        municipality_id=receipt.municipality_id,
        cash_office_id=receipt.cash_office_id,
        mode=receipt.mode,
        amount_cents=receipt.cents,
        pieces=tuple(part.piece for part in receipt.parts),
        cancelled_on=receipt.cancelled_on or receipt.booked_on,
    )


def of_refund(refund: Refund) -> list[RefundPaid]:
    """Nothing before it is paid."""
    if refund.paid_on is None:
        return []
    return [
        RefundPaid(
            refund_id=refund.id,
            number=refund.number,
            household_id=refund.household_id,
            municipality_id=refund.municipality_id,
            cash_office_id=refund.cash_office_id,
            amount_cents=refund.cents,
            paid_on=refund.paid_on,
        )
    ]


def of_close(close: Close) -> DayBooksClosed:
    return DayBooksClosed(
        municipality_id=close.municipality_id,
        cash_office_id=close.cash_office_id,
        day=close.day,
        sequence_number=close.seq,
        head=close.head,
    )
