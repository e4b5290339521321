"""Find out what became of a payment, settle it once, and share it out over what it pays.

Whoever asks (the notification, the browser that returns, the clock, a second attempt) comes through here; the answer
of the provider alone decides, fetched from it or signed by it, and one conditional write settles.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.billing.domain.payfip import Opening, ProviderDown, Status
from services.billing.domain.payments import (
    Payment,
    allocate,
    covered,
    decide,
    failed,
    rest,
    without_its_credits,
)
from services.billing.domain.tidings import of_payment
from services.billing.usecases.paying.order_credits import Pieces, release_credits, take_credits
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict

TRIES = 5


class PaymentProvider(Protocol):
    """Who takes the money, PayFiP or a card provider. Raises `ProviderDown`; `open` also `ProviderRefused`."""

    async def open(self, opening: Opening) -> str: ...
    async def status(self, payment: Payment) -> Status: ...


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
    pieces: Pieces
    provider: PaymentProvider
    alert: Callable[..., None]
    clock: Clock

    def payables(self, payment: Payment) -> Payables:
        return self.orders if payment.order_id else self.invoices


async def follow_payment(payment: Payment, till: Till) -> Payment:
    """The payment as it stands after asking its provider, shared out when paid. Raises `ProviderDown`."""
    if payment.is_for_people or payment.allocated:
        return payment
    if payment.state != "paid" and payment.idop:
        return await hear_status(payment, await till.provider.status(payment), till)
    return await share_out(payment, till)


async def hear_status(payment: Payment, status: Status, till: Till) -> Payment:
    """The payment after what its provider said of it, shared out when paid."""
    return await share_out(await apply(payment, lambda known, now: decide(known, status, now), till), till)


async def share_out(payment: Payment, till: Till) -> Payment:
    """Mark what a settled payment pays as paid; a second time it changes nothing, nor before it is settled."""
    if payment.allocated or payment.paid_at is None:
        return payment
    if payment.falls_short:
        await release_credits(payment, till.pieces, payment.paid_at)
    surplus: dict[str, int] = {}
    for name, cents in payment.shares.items():
        taken = 0 if payment.falls_short else await _paid_of(payment, name, cents, payment.paid_at, till)
        if taken < cents:
            surplus[name] = cents - taken
    if surplus:
        till.alert("payment_settled_twice", payment_id=payment.id, claims=sorted(surplus))
    return await apply(payment, lambda known, now: allocate(known, surplus, now), till)


async def _paid_of(payment: Payment, name: str, cents: int, at: datetime, till: Till) -> int:
    """What of its money this share took. Credit notes that paid with it are free again when the order was paid."""
    payables = till.payables(payment)
    taken = await payables.pay(payment.household_id, name, payment.id, cents, at)
    if payment.credits and await payables.paid_by_others(payment.household_id, [name], payment.id):
        await release_credits(payment, till.pieces, at)
    return taken


async def pay_by_credits(payment: Payment, till: Till) -> Payment:
    """An order that needs no money: paid when its credit notes still have what was planned, else failed."""
    return await share_out(await apply(payment, covered, till), till)


async def apply(payment: Payment, change: Callable[[Payment, datetime], Payment], till: Till) -> Payment:
    """Change what is stored, unless somebody did meanwhile: then look again."""
    for _ in range(TRIES):
        now = till.clock()
        changed = change(payment, now)
        if changed is payment or payment.allocated:
            return payment
        settled: set[str] = set()
        if changed.state == "paid" != payment.state:
            settled = await till.payables(payment).paid_by_others(
                payment.household_id, list(payment.claims), payment.id
            )
            if payment.credits and not changed.falls_short and not await take_credits(payment, till.pieces, now):
                changed = without_its_credits(changed, now)
        try:
            saved = await till.payments.save(changed, of_payment(payment, changed, settled))
        except Conflict:
            payment = await till.payments.reload(payment)
            continue
        if saved.state == "review" != payment.state:
            till.alert("payment_to_review", payment_id=saved.id, reference=saved.reference)
        return saved
    raise Conflict()


async def give_up(payment: Payment, till: Till) -> Payment:
    """An attempt that got no page frees what it claimed."""
    return await apply(payment, lambda known, _: failed(known) if known.state == "opening" else known, till)


async def follow_next(till: Till) -> bool:
    """Look at one payment whose time has come; False when there is none."""
    payment = await till.payments.take_due(till.clock())
    if payment is None:
        return False
    try:
        followed = await _step_of(payment)(payment, till)
    except ProviderDown:
        followed = payment
    if followed.next_at is not None:
        await apply(followed, rest, till)
    return True


async def resume(payment: Payment, till: Till) -> Payment:
    """An attempt whose request died: one that needs no page goes on, the others are given up."""
    return await (give_up if payment.amount_cents else pay_by_credits)(payment, till)


def _step_of(payment: Payment) -> Callable[[Payment, Till], Awaitable[Payment]]:
    if payment.state == "opening":
        return resume
    return _tidy_up if payment.state == "failed" else follow_payment


async def _tidy_up(payment: Payment, till: Till) -> Payment:
    """Nothing came of it: what it took of credit notes is given back."""
    await release_credits(payment, till.pieces, till.clock())
    return payment


async def follow_soon(payment: Payment, till: Till, patience: float) -> Payment:
    """For a browser that waits: what is known within `patience` seconds; the clock sees to the rest."""
    try:
        async with asyncio.timeout(patience):
            return await follow_payment(payment, till)
    except (ProviderDown, Conflict, TimeoutError):
        await till.payments.check_now(payment.idop or "", till.clock())
        return payment
