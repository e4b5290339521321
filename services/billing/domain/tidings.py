"""What billing tells about a change, as the published contracts say it."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from services.billing.domain.invoices import CREDIT_NOTE, Invoice
from services.billing.domain.payments import Payment
from services.billing.domain.prices import PriceList
from shared.contracts import Event
from shared.contracts.billing import (
    CreditNoteIssued,
    InvoiceIssued,
    InvoicesPaid,
    OrderPaid,
    PaymentFailed,
    PaymentStarted,
    PricesSet,
    RefundDue,
    UnitPrice,
)

TOLD_AS_FAILED = frozenset({"refused", "abandoned", "expired"})


def of_prices(listed: PriceList) -> PricesSet:
    return PricesSet(
        household_id=listed.household_id,
        municipality_id=listed.municipality_id,
        prices=tuple(
            UnitPrice(activity_id=price.activity_id, cents=price.cents, child_id=price.child_id)
            for price in listed.prices
        ),
        quotient_known=listed.quotient_known,
    )


def of_issue(piece: Invoice) -> Event:
    return _credit(piece) if piece.kind == CREDIT_NOTE else _invoice(piece)


def _credit(credit: Invoice) -> CreditNoteIssued:
    return CreditNoteIssued(
        credit_note_id=credit.id,
        number=credit.number,
        household_id=credit.household_id,
        municipality_id=credit.municipality_id,
        cash_office_id=credit.cash_office_id,
        month=credit.month,
        credit_cents=-credit.total_cents,
        corrects=credit.corrects,
    )


def _invoice(invoice: Invoice) -> InvoiceIssued:
    return InvoiceIssued(
        invoice_id=invoice.id,
        number=invoice.number,
        household_id=invoice.household_id,
        municipality_id=invoice.municipality_id,
        cash_office_id=invoice.cash_office_id,
        month=invoice.month,
        total_cents=invoice.total_cents,
        due_date=invoice.due_date,
        corrects=invoice.corrects,
    )


def of_page(payment: Payment) -> PaymentStarted:
    """Whoever may pay has the address of the page now."""
    return PaymentStarted(
        payment_id=payment.id,
        household_id=payment.household_id,
        municipality_id=payment.municipality_id,
        expires_at=payment.expires_at,
        order_id=payment.order_id,
    )


def of_payment(before: Payment | None, after: Payment, settled: AbstractSet[str] = frozenset()) -> list[Event]:
    """The events of one change of a payment.

    `settled`: the invoices or order that another payment had settled before; this one does not settle them again.
    """
    told: list[Event] = []
    was = before.state if before else "opening"
    if after.state == "paid" and was != "paid":
        told += _paid(after, settled)
    if after.state in TOLD_AS_FAILED and after.state != was:
        told.append(_failed(after))
    return [*told, *_refunds(before, after)]


def _paid(payment: Payment, settled: AbstractSet[str]) -> Iterator[Event]:
    if payment.paid_at is None or payment.falls_short or settled >= set(payment.claims):
        return
    scope = {"household_id": payment.household_id, "municipality_id": payment.municipality_id}
    if payment.order_id:
        amount = payment.amount_cents
        yield OrderPaid(
            payment_id=payment.id, order_id=payment.order_id, amount_cents=amount, paid_at=payment.paid_at, **scope
        )
        return
    shares = [share for share in payment.allocations if share.invoice_id not in settled]
    yield InvoicesPaid(
        payment_id=payment.id,
        invoice_ids=tuple(share.invoice_id for share in shares),
        invoice_numbers=tuple(share.number for share in shares),
        amount_cents=sum(share.cents for share in shares),
        paid_at=payment.paid_at,
        **scope,
    )


def _failed(payment: Payment) -> PaymentFailed:
    return PaymentFailed(
        payment_id=payment.id,
        household_id=payment.household_id,
        municipality_id=payment.municipality_id,
        reason=payment.state,
        order_id=payment.order_id,
        invoice_ids=tuple(share.invoice_id for share in payment.allocations),
    )


def _refunds(before: Payment | None, after: Payment) -> Iterator[RefundDue]:
    known = len(before.refunds) if before else 0
    for refund in after.refunds[known:]:
        yield RefundDue(
            payment_id=after.id,
            order_id=after.order_id,
            household_id=after.household_id,
            municipality_id=after.municipality_id,
            amount_cents=refund.cents,
            reason=refund.reason,
        )
