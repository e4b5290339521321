"""Payments: an attempt is recorded before PayFiP hears of it, settled once, and shared out over what it pays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.billing.domain.invoices import Invoice
from services.billing.domain.orders import Order, check_payable
from services.billing.domain.owed import check_owed
from services.billing.domain.payfip import (
    LARGEST_CENTS,
    PAGE_LIFE,
    PATIENCE,
    SMALLEST_CENTS,
    Status,
    Verdict,
    next_check,
    verdict,
)
from services.billing.domain.payment_refusals import (
    AmountTooLarge,
    AmountTooSmall,
    NoOnlinePayment,
    OneCashOfficePerPayment,
)
from services.billing.domain.tariffs import CashOffice
from shared.money import Cents

PaymentState = Literal["opening", "pending", "paid", "refused", "abandoned", "expired", "failed", "review"]
ENDED: frozenset[PaymentState] = frozenset({"refused", "abandoned", "expired", "failed"})
# How long a request may take from recording an attempt to having its page; then the attempt is nobody's.
OPENING_PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """The part of a payment that settles one invoice, or a part of it."""

    invoice_id: str
    number: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class Refund:
    """Money to give back. `ref` names what it was taken for, so that one cause is refunded once."""

    ref: str
    reason: str
    cents: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Payment:
    """`reference`: our refdet at PayFiP, unique. `claims`: the invoices or order no other live attempt may pay.

    `idop`: PayFiP's name of the attempt, None until it gave one. `allocated`: what it pays knows that it is paid.
    `next_at`: when to look at it again by itself.
    """

    id: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    client: str
    reference: str
    amount_cents: int
    allocations: tuple[Allocation, ...] = ()
    order_id: str | None = None
    claims: tuple[str, ...]
    live: bool = True
    state: PaymentState = "opening"
    opened_at: datetime
    idop: str | None = None
    paid_at: datetime | None = None
    authorisation: str | None = None
    allocated: bool = False
    refunds: tuple[Refund, ...] = ()
    key: str
    fingerprint: str
    next_at: datetime | None
    version: int = 0

    @property
    def expires_at(self) -> datetime:
        """When its payment page closes."""
        return self.opened_at + PAGE_LIFE

    @property
    def blocks_until(self) -> datetime:
        """Until when no other attempt may begin: a payment may still come of this one."""
        return self.opened_at + (PATIENCE if self.idop else OPENING_PATIENCE)

    @property
    def shares(self) -> dict[str, int]:
        """What it brings to each invoice or to the order it pays, in cents."""
        if self.order_id:
            return {self.order_id: self.amount_cents}
        return {share.invoice_id: share.cents for share in self.allocations}

    @property
    def refund_cents(self) -> int:
        return sum(refund.cents for refund in self.refunds)


class Claimed(Exception):
    """What the attempt pays is claimed by another live one."""

    def __init__(self, by: Payment) -> None:
        super().__init__(by.id)
        self.by = by


def reference_of(payment_id: str) -> str:
    """A refdet for a payment: PayFiP takes 1 to 30 letters and digits. What is cut off says only the id's version."""
    digits = payment_id.removeprefix("pay_")
    return f"P{digits[:12]}{digits[13:30]}"


def check_invoices(invoices: Sequence[Invoice], offices: Iterable[CashOffice]) -> None:
    """One payment per cash office, of invoices that are owed here. Raises what `check_owed` does."""
    concerned = {invoice.cash_office_id for invoice in invoices}
    if len(concerned) > 1:
        raise OneCashOfficePerPayment(offices=_names(concerned, offices))
    for invoice in invoices:
        check_owed(invoice)


def office_of_order(order: Order, offices: Sequence[CashOffice]) -> CashOffice:
    """Who collects an order. Raises when nobody does, or more than one."""
    programmes = {line.programme_id for line in order.lines}
    concerned = [office for office in offices if programmes & set(office.programmes)]
    if len(concerned) > 1:
        raise OneCashOfficePerPayment(offices=_names({office.id for office in concerned}, offices))
    if not concerned or not programmes <= set(concerned[0].programmes):
        raise NoOnlinePayment()
    return concerned[0]


def _names(ids: Iterable[str], offices: Iterable[CashOffice]) -> str:
    known = {office.id: office.name for office in offices}
    return ", ".join(sorted(known.get(name, name) for name in ids))


def check_amount(cents: int) -> None:
    if cents < SMALLEST_CENTS:
        raise AmountTooSmall(amount=Cents(cents), smallest=Cents(SMALLEST_CENTS))
    if cents > LARGEST_CENTS:
        raise AmountTooLarge(amount=Cents(cents), largest=Cents(LARGEST_CENTS))


def for_invoices(
    payment_id: str, invoices: Sequence[Invoice], office: CashOffice, *, key: str, fingerprint: str, now: datetime
) -> Payment:
    """An attempt to pay open invoices of one cash office, its amount computed here and nowhere else."""
    shares = tuple(
        Allocation(invoice_id=invoice.id, number=invoice.number, cents=invoice.total_cents) for invoice in invoices
    )
    amount = sum(share.cents for share in shares)
    check_amount(amount)
    return Payment(
        id=payment_id,
        household_id=invoices[0].household_id,
        municipality_id=invoices[0].municipality_id,
        cash_office_id=office.id,
        client=_client(office),
        reference=reference_of(payment_id),
        amount_cents=amount,
        allocations=shares,
        claims=tuple(share.invoice_id for share in shares),
        opened_at=now,
        key=key,
        fingerprint=fingerprint,
        next_at=now + OPENING_PATIENCE,
    )


def for_order(
    payment_id: str, order: Order, office: CashOffice, *, key: str, fingerprint: str, now: datetime
) -> Payment:
    """An attempt to pay an order; one that costs nothing is paid by being asked for."""
    check_payable(order, now)
    free = order.amount_cents == 0
    if not free:
        check_amount(order.amount_cents)
    return Payment(
        id=payment_id,
        household_id=order.household_id,
        municipality_id=order.municipality_id,
        cash_office_id=office.id,
        client="" if free else _client(office),
        reference=reference_of(payment_id),
        amount_cents=order.amount_cents,
        order_id=order.id,
        claims=(order.id,),
        state="paid" if free else "opening",
        paid_at=now if free else None,
        opened_at=now,
        key=key,
        fingerprint=fingerprint,
        next_at=now + OPENING_PATIENCE,
    )


def _client(office: CashOffice) -> str:
    if not office.payfip_client:
        raise NoOnlinePayment()
    return office.payfip_client


def opened(payment: Payment, idop: str, now: datetime) -> Payment:
    return replace(payment, state="pending", idop=idop, next_at=next_check(payment.opened_at, now))


def failed(payment: Payment) -> Payment:
    """No page was given for it, so nobody can pay it: what it claimed is free again."""
    return replace(payment, state="failed", live=False, next_at=None)


def reopened(payment: Payment, now: datetime) -> Payment:
    """The same attempt once more, for a caller who repeats a request that got no page."""
    return replace(payment, state="opening", live=True, opened_at=now, next_at=now + OPENING_PATIENCE)


def decide(payment: Payment, status: Status, now: datetime) -> Payment:
    """The payment after PayFiP's answer, itself when the answer changes nothing.

    Money is believed whenever it is told, also after the attempt was given up; everything else only ends a pending
    attempt. An amount or a reference that is not ours settles nothing and goes to review.
    """
    outcome = verdict(status.code, now - payment.opened_at)
    if outcome == "paid" and payment.state not in {"paid", "review"}:
        return _settled(payment, status, now)
    if outcome in {"wait", "paid"} or payment.state != "pending":
        return payment
    return replace(payment, state=_ended(outcome), live=False, next_at=None)


def _settled(payment: Payment, status: Status, now: datetime) -> Payment:
    if (status.amount_cents, status.reference) != (payment.amount_cents, payment.reference):
        return to_review(payment)
    return replace(payment, state="paid", paid_at=now, authorisation=status.authorisation, next_at=now)


def _ended(outcome: Verdict) -> PaymentState:
    return "refused" if outcome == "refused" else "abandoned" if outcome == "abandoned" else "expired"


def to_review(payment: Payment) -> Payment:
    """For people to look at. What it claims stays claimed, so that nobody pays twice meanwhile."""
    return replace(payment, state="review", next_at=None)


def rest(payment: Payment, now: datetime) -> Payment:
    """A payment that was looked at and did not change: when to look again, or to review after three days."""
    if payment.next_at is not None and payment.next_at <= now:
        # Somebody asked for another look meanwhile.
        return payment
    if payment.state != "pending":
        return replace(payment, next_at=None)
    due = next_check(payment.opened_at, now)
    return replace(payment, next_at=due) if due else to_review(payment)


def allocate(payment: Payment, surplus: Mapping[str, int], now: datetime) -> Payment:
    """The payment shared out. `surplus`: cents that found nothing left to settle, by what they were for: due back."""
    refunds = [
        Refund(ref=name, reason="paid-twice", cents=cents, at=now) for name, cents in surplus.items() if cents > 0
    ]
    refunded = replace(payment, refunds=(*payment.refunds, *refunds))
    return replace(refunded, allocated=True, live=False, next_at=None)


def refund_days(payment: Payment, ref: str, cents: int, now: datetime, reason: str) -> Payment:
    """Money due back for days the family does not get; `ref` names the message, the sum never exceeds what was paid."""
    cents = min(cents, payment.amount_cents - payment.refund_cents)
    if cents <= 0 or any(refund.ref == ref for refund in payment.refunds):
        return payment
    return replace(payment, refunds=(*payment.refunds, Refund(ref=ref, reason=reason, cents=cents, at=now)))
