"""The payments asked for since the start, in memory."""

from itertools import count
from uuid import uuid4

from deploy.sandbox.payment.domain import (
    Outcome,
    Payment,
    PaymentOrder,
    Refusal,
    check_open,
    is_forgotten,
    settle,
)
from deploy.sandbox.payment.wishes import Wish
from shared.clock import Clock

KEPT = 10_000


class Payments:
    """At most `KEPT`, the oldest fall."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._authorisations = count(1)
        self._payments: dict[str, Payment] = {}

    def create(self, order: PaymentOrder) -> Payment:
        payment = Payment(idop=str(uuid4()), order=order, created_at=self._clock())
        self._payments[payment.idop] = payment
        if len(self._payments) > KEPT:
            del self._payments[next(iter(self._payments))]
        return payment

    def get(self, idop: str) -> Payment:
        payment = self._payments.get(idop)
        if payment is None or is_forgotten(payment, self._clock()):
            raise Refusal("P1")
        return payment

    def get_open(self, idop: str) -> Payment:
        payment = self.get(idop)
        check_open(payment, self._clock())
        return payment

    def settle(self, idop: str, wish: Wish) -> Payment:
        numauto = f"{next(self._authorisations):012d}"
        outcome = Outcome(result=wish.result, numauto=numauto, at=self._clock(), told_cents=wish.amount_cents)
        payment = settle(self.get(idop), outcome, late=wish.late)
        self._payments[idop] = payment
        return payment

    def newest_first(self) -> list[Payment]:
        return list(reversed(self._payments.values()))
