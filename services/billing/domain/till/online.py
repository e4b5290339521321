"""Payments made online, as the till receives them."""

from services.billing.domain.payments import Payment
from services.billing.domain.till.receipts import Part, Received


def received_of(payment: Payment) -> Received:
    """A settled payment. What of it settles nothing is recorded as due back on the payment itself."""
    return Received(
        municipality_id=payment.municipality_id,
        household_id=payment.household_id,
        cash_office_id=payment.cash_office_id,
        source=payment.id,
        mode="online",
        cents=payment.amount_cents,
        at=payment.paid_at or payment.opened_at,
        parts=_parts(payment),
        transaction=payment.authorisation or payment.reference,
        surplus="caller",
    )


def _parts(payment: Payment) -> tuple[Part, ...]:
    if payment.falls_short:
        # Less than its order costs: the order is not paid, all of it is due back.
        return ()
    if payment.order_id:
        return (Part(piece=payment.order_id, kind="order", cents=payment.amount_cents),)
    return tuple(Part(piece=share.invoice_id, cents=share.cents, number=share.number) for share in payment.allocations)
