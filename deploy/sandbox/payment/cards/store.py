"""The card payments whose form came since the start, in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import count

from deploy.sandbox.payment.cards.words import CardPayment, is_sound, name_of, word_of
from deploy.sandbox.payment.domain import FINAL, Refusal
from deploy.sandbox.payment.wishes import Wish
from shared.clock import Clock

KEPT = 10_000
PAGE_LIFE = timedelta(minutes=10)


class CardPayments:
    """At most `KEPT`, the oldest fall. Every shop signs with `key`."""

    def __init__(self, clock: Clock, key: str) -> None:
        self._clock, self._key = clock, key
        self._numbers = count(1)
        self._payments: dict[str, CardPayment] = {}

    def take(self, fields: Mapping[str, str]) -> CardPayment:
        """The payment of a form; the same form again shows the same one. Raises `Refusal` when it is not signed."""
        if not is_sound(fields, self._key):
            raise Refusal("C1")
        name = name_of(fields)
        if name not in self._payments:
            self._payments[name] = CardPayment(name=name, fields=dict(fields), created_at=self._clock())
        if len(self._payments) > KEPT:
            del self._payments[next(iter(self._payments))]
        payment = self._payments[name]
        self._check_open(payment, late=False)
        return payment

    def settle(self, name: str, wish: Wish) -> tuple[CardPayment, dict[str, str]]:
        """The payment, and the signed word that tells of it."""
        payment = self._payments.get(name)
        if payment is None:
            raise Refusal("P1")
        self._check_open(payment, late=wish.late)
        payment = self._payments[name] = replace(payment, result=wish.result)
        return payment, word_of(payment, wish, self._key, next(self._numbers))

    def _check_open(self, payment: CardPayment, *, late: bool) -> None:
        if payment.result in FINAL:
            raise Refusal("P3")
        if self._clock() > payment.created_at + PAGE_LIFE and not late:
            raise Refusal("P4")

    def newest_first(self) -> list[CardPayment]:
        return list(reversed(self._payments.values()))
