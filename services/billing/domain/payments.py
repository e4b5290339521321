"""Payments: an attempt is recorded before its provider hears of it, settled once, and shared out over what it pays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.billing.domain.payfip import PAGE_LIFE, Status, Verdict, next_check, verdict
from services.billing.domain.paying.accounts import Mode, ProviderKind, patience_of
from services.billing.domain.paying.credits import CreditUse

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
class Oddity:
    """Why people have to look at a payment: the provider told of another amount or reference, or of nothing at all."""

    why: Literal["other-amount", "other-reference", "no-answer"]
    at: datetime
    told_cents: int | None = None
    told_reference: str | None = None
    authorisation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What an agent decided on an odd payment. `cents`: the money that came, 0 for none, of `asked_cents`.

    `by`: the agent's account.
    """

    cents: int
    asked_cents: int
    reason: str
    by: str
    at: datetime
    key: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Payment:
    """`reference`: our refdet at PayFiP, unique. `claims`: the invoices or order no other live attempt may pay.

    `provider`, `client`, `mode`: who was asked, under which number. `idop`: its name of the attempt, None until it
    gave one. `allocated`: what it pays knows that it is paid. `next_at`: when to look at it again by itself.
    `credits`: what credit notes pay of its order beside `amount_cents`; `short`: they had not enough left any more.
    """

    id: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    provider: ProviderKind = "payfip"
    client: str
    mode: Mode = ""
    reference: str
    amount_cents: int
    allocations: tuple[Allocation, ...] = ()
    order_id: str | None = None
    credits: tuple[CreditUse, ...] = ()
    short: bool = False
    claims: tuple[str, ...]
    live: bool = True
    state: PaymentState = "opening"
    opened_at: datetime
    idop: str | None = None
    paid_at: datetime | None = None
    authorisation: str | None = None
    allocated: bool = False
    refunds: tuple[Refund, ...] = ()
    oddity: Oddity | None = None
    resolution: Resolution | None = None
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
        return self.opened_at + (patience_of(self.provider) if self.idop else OPENING_PATIENCE)

    @property
    def shares(self) -> dict[str, int]:
        """What it brings to each invoice or to the order it pays, in cents."""
        if self.order_id:
            return {self.order_id: self.amount_cents}
        return {share.invoice_id: share.cents for share in self.allocations}

    @property
    def falls_short(self) -> bool:
        """Less came than its order costs, in money or in credits: an order is paid whole or not at all."""
        found = self.resolution
        return self.short or bool(self.order_id and found and found.cents < found.asked_cents)

    @property
    def credit_cents(self) -> int:
        """What credit notes pay beside the money."""
        return 0 if self.falls_short else sum(use.cents for use in self.credits)

    @property
    def is_for_people(self) -> bool:
        """Only people may decide it; where nothing was ever heard, the provider may still have its say."""
        return self.state == "review" and not (self.oddity and self.oddity.why == "no-answer")

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


def opened(payment: Payment, idop: str, now: datetime) -> Payment:
    return replace(payment, state="pending", idop=idop, next_at=next_check(payment.opened_at, now))


def failed(payment: Payment) -> Payment:
    """No page was given for it, so nobody can pay it: what it claimed is free again."""
    return replace(payment, state="failed", live=False, next_at=None)


def reopened(payment: Payment, now: datetime) -> Payment:
    """The same attempt once more, for a caller who repeats a request that got no page."""
    return replace(payment, state="opening", live=True, opened_at=now, next_at=now + OPENING_PATIENCE)


def decide(payment: Payment, status: Status, now: datetime) -> Payment:
    """The payment after its provider's answer, itself when the answer changes nothing.

    Money is believed whenever it is told, also after the attempt was given up; everything else only ends a pending
    attempt. An amount or a reference that is not ours settles nothing and goes to review.
    """
    outcome = verdict(status.code, now - payment.opened_at, patience_of(payment.provider))
    if outcome == "paid" and payment.state != "paid" and not payment.is_for_people:
        return _settled(payment, status, now)
    if outcome in {"wait", "paid"} or payment.state != "pending":
        return payment
    return replace(payment, state=_ended(outcome), live=False, next_at=None)


def _settled(payment: Payment, status: Status, now: datetime) -> Payment:
    if (status.amount_cents, status.reference) != (payment.amount_cents, payment.reference):
        # What people dismissed once does not come back to them.
        return payment if payment.resolution else to_review(payment, _oddity(payment, status, now))
    return replace(payment, state="paid", paid_at=now, authorisation=status.authorisation, next_at=now)


def _ended(outcome: Verdict) -> PaymentState:
    return "refused" if outcome == "refused" else "abandoned" if outcome == "abandoned" else "expired"


def _oddity(payment: Payment, status: Status, now: datetime) -> Oddity:
    return Oddity(
        why="other-amount" if status.reference == payment.reference else "other-reference",
        at=now,
        told_cents=status.amount_cents,
        told_reference=status.reference,
        authorisation=status.authorisation,
    )


def to_review(payment: Payment, oddity: Oddity) -> Payment:
    """For people to look at. What it claims stays claimed, so that nobody pays twice meanwhile."""
    return replace(payment, state="review", oddity=oddity, next_at=None)


def rest(payment: Payment, now: datetime) -> Payment:
    """A payment that was looked at and did not change: when to look again, or to review after three days."""
    if payment.next_at is not None and payment.next_at <= now:
        # Somebody asked for another look meanwhile.
        return payment
    if payment.state != "pending":
        return replace(payment, next_at=None)
    due = next_check(payment.opened_at, now)
    return replace(payment, next_at=due) if due else to_review(payment, Oddity(why="no-answer", at=now))


def covered(payment: Payment, now: datetime) -> Payment:
    """An order that credit notes pay whole is paid by being asked for."""
    if payment.state != "opening":
        return payment
    return replace(payment, state="paid", paid_at=now, next_at=now)


def without_its_credits(payment: Payment, now: datetime) -> Payment:
    """The settled payment whose credit notes had not enough left: its order is not paid, its money is due back.

    Where there is no money either, it failed; what it took of other credit notes is still to be given back.
    """
    if payment.amount_cents:
        return replace(payment, short=True)
    return replace(payment, short=True, state="failed", paid_at=None, live=False, next_at=now)


def allocate(payment: Payment, surplus: Mapping[str, int], now: datetime) -> Payment:
    """The payment shared out. `surplus`: cents that found nothing left to settle, by what they were for: due back."""
    refunds = [
        Refund(ref=name, reason="paid-twice", cents=cents, at=now) for name, cents in surplus.items() if cents > 0
    ]
    refunded = replace(payment, refunds=(*payment.refunds, *refunds))
    return replace(refunded, allocated=True, live=False, next_at=None)


def refund_days(payment: Payment, ref: str, cents: int, now: datetime, reason: str) -> Payment:
    """Money due back for days the family does not get; `ref` names the message, the sum never exceeds what was paid."""
    cents = min(cents, payment.amount_cents + payment.credit_cents - payment.refund_cents)
    if cents <= 0 or any(refund.ref == ref for refund in payment.refunds):
        return payment
    return replace(payment, refunds=(*payment.refunds, Refund(ref=ref, reason=reason, cents=cents, at=now)))
