"""Find out what became of a payment, settle it once, and share it out over what it pays.

Whoever asks (the notification, the browser that returns, the clock, a second attempt) comes through here; the answer
of PayFiP alone decides, and one conditional write settles.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.billing.domain.payfip import Opening, ProviderDown, Status
from services.billing.domain.payments import Payment, allocate, decide, failed, rest
from services.billing.domain.tidings import of_payment
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict

TRIES = 5


class PaymentProvider(Protocol):
    """PayFiP, or what stands for it. Raises `ProviderDown`; `open` also `ProviderRefused`."""

    async def open(self, opening: Opening) -> str: ...
    async def status(self, idop: str) -> Status: ...


class Payments(Protocol):
    async def reload(self, payment: Payment) -> Payment: ...
    async def save(self, payment: Payment, events: list[Event]) -> Payment: ...
    async def take_due(self, now: datetime) -> Payment | None: ...
    async def check_now(self, idop: str, now: datetime) -> bool: ...


class Payables(Protocol):
    """Invoices, or orders: what a payment pays. `pay` answers the cents it took, the same however often asked."""

    async def pay(self, household_id: str, name: str, payment_id: str, cents: int, at: datetime) -> int: ...
    async def paid_by_others(self, household_id: str, names: list[str], payment_id: str) -> set[str]: ...


@dataclass(frozen=True, kw_only=True)
class Till:
    """The parts every step of a payment needs. `alert` tells the operators, in identifiers only."""

    payments: Payments
    invoices: Payables
    orders: Payables
    provider: PaymentProvider
    alert: Callable[..., None]
    clock: Clock

    def payables(self, payment: Payment) -> Payables:
        return self.orders if payment.order_id else self.invoices


async def follow_payment(payment: Payment, till: Till) -> Payment:
    """The payment as it stands after asking PayFiP, shared out when paid. Raises `ProviderDown`."""
    if payment.state == "review" or payment.allocated:
        return payment
    if payment.state != "paid" and payment.idop:
        status = await till.provider.status(payment.idop)
        payment = await _apply(payment, lambda known, now: decide(known, status, now), till)
    if payment.state == "paid":
        payment = await share_out(payment, till)
    return payment


async def share_out(payment: Payment, till: Till) -> Payment:
    """Mark what a settled payment pays as paid; a second time it changes nothing."""
    if payment.allocated or payment.paid_at is None:
        return payment
    payables = till.payables(payment)
    surplus: dict[str, int] = {}
    for name, cents in payment.shares.items():
        taken = await payables.pay(payment.household_id, name, payment.id, cents, payment.paid_at)
        if taken < cents:
            surplus[name] = cents - taken
    if surplus:
        till.alert("payment_settled_twice", payment_id=payment.id, claims=sorted(surplus))
    return await _apply(payment, lambda known, now: allocate(known, surplus, now), till)


async def _apply(payment: Payment, change: Callable[[Payment, datetime], Payment], till: Till) -> Payment:
    """Change what is stored, unless somebody did meanwhile: then look again."""
    for _ in range(TRIES):
        changed = change(payment, till.clock())
        if changed is payment or payment.allocated:
            return payment
        settled: set[str] = set()
        if changed.state == "paid" != payment.state:
            payables = till.payables(payment)
            settled = await payables.paid_by_others(payment.household_id, list(payment.claims), payment.id)
        try:
            saved = await till.payments.save(changed, of_payment(payment, changed, settled))
        except Conflict:
            payment = await till.payments.reload(payment)
            continue
        if saved.state == "review":
            till.alert("payment_to_review", payment_id=saved.id, reference=saved.reference)
        return saved
    raise Conflict()


async def give_up(payment: Payment, till: Till) -> Payment:
    """An attempt that got no page frees what it claimed."""
    return await _apply(payment, lambda known, _: failed(known) if known.state == "opening" else known, till)


async def follow_next(till: Till) -> bool:
    """Look at one payment whose time has come; False when there is none."""
    payment = await till.payments.take_due(till.clock())
    if payment is None:
        return False
    try:
        followed = await (give_up if payment.state == "opening" else follow_payment)(payment, till)
    except ProviderDown:
        followed = payment
    if followed.next_at is not None:
        await _apply(followed, rest, till)
    return True


async def follow_soon(payment: Payment, till: Till, patience: float) -> Payment:
    """For a browser that waits: what is known within `patience` seconds; the clock sees to the rest."""
    try:
        async with asyncio.timeout(patience):
            return await follow_payment(payment, till)
    except (ProviderDown, Conflict, TimeoutError):
        await till.payments.check_now(payment.idop or "", till.clock())
        return payment
