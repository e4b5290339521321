"""Follow a prepaid order from its hold to its end: the price is frozen when the places are held."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeAlias

from services.billing.domain.money import half_up
from services.billing.domain.orders import Order, OrderLine, hold, lost_cents
from services.billing.domain.payments import Payment, refund_days
from services.billing.domain.prices import Pricing, dearer
from services.billing.domain.tariffs import Situation
from services.billing.domain.tidings import of_payment
from services.billing.usecases.charge import surcharge_of
from services.billing.usecases.tariffs.pricing import PriceBook, pricing_for
from shared.clock import Clock
from shared.contracts import Event, Told
from shared.contracts.reservations import HeldLine, PlacesHeld, PlacesLost, PlacesReleased
from shared.errors import Unavailable

PaidDay: TypeAlias = tuple[str, str, date]
"""Child, activity and date."""


class Orders(Protocol):
    async def get(self, household_id: str, order_id: str) -> Order | None: ...
    async def save(self, order: Order) -> Order: ...


class Payments(Protocol):
    async def get(self, household_id: str, payment_id: str) -> Payment | None: ...
    async def save(self, payment: Payment, events: list[Event]) -> Payment: ...


@dataclass(frozen=True)
class Till:
    """What giving money back takes."""

    orders: Orders
    payments: Payments
    clock: Clock


async def hold_order(told: Told[PlacesHeld], *, orders: Orders, book: PriceBook) -> None:
    """Raises `Unavailable`, to be told again later, while a line has no price."""
    event = told.event
    order = await orders.get(event.household_id, event.order_id) or _new_order(event)
    if order.lines:
        return
    pricing = await pricing_for(event.household_id, event.municipality_id, book)
    lines = tuple(_line(line, pricing) for line in event.lines)
    await orders.save(hold(order, lines, event.expires_at))


def _new_order(event: PlacesHeld | PlacesReleased) -> Order:
    return Order(id=event.order_id, municipality_id=event.municipality_id, household_id=event.household_id)


def _line(line: HeldLine, pricing: Pricing) -> OrderLine:
    price = pricing(Situation(child_id=line.child_id, activity_id=line.activity_id, day=line.date))
    if price is None:
        raise Unavailable()
    price = dearer(price, surcharge_of(line))
    return OrderLine(
        child_id=line.child_id,
        programme_id=line.programme_id,
        activity_id=line.activity_id,
        date=line.date,
        cents=half_up(price.cents),
        surcharge_cents=half_up(price.surcharge_cents),
    )


async def end_order(told: Told[PlacesReleased], *, orders: Orders) -> None:
    """The hold is over unpaid; remembered also when its beginning has not been heard yet."""
    event = told.event
    order = await orders.get(event.household_id, event.order_id) or _new_order(event)
    if order.ended is None:
        await orders.save(replace(order, ended=event.reason))


async def refund_lost_places(told: Told[PlacesLost], *, orders: Orders, payments: Payments, clock: Clock) -> None:
    """The money of places that went to someone else is due back. Raises `Unavailable` until their payment is known."""
    event = told.event
    lost = [(line.child_id, line.activity_id, line.date) for line in event.lines]
    order = await give_back(
        event.household_id, event.order_id, lost, ref=told.id, why="places-lost", till=Till(orders, payments, clock)
    )
    if not order.lost:
        await orders.save(replace(order, lost=True))


async def give_back(
    household_id: str, order_id: str, days: Sequence[PaidDay], *, ref: str, why: str, till: Till
) -> Order:
    """What was paid for these days of an order is due back, once for each `ref`.

    Raises `Unavailable` until the payment is known.
    """
    order = await till.orders.get(household_id, order_id)
    payment = await till.payments.get(household_id, order.paid_by) if order and order.paid_by else None
    if order is None or payment is None:
        raise Unavailable()
    refunded = refund_days(payment, ref, lost_cents(order, days), till.clock(), why)
    if refunded is not payment:
        await till.payments.save(refunded, of_payment(payment, refunded))
    return order
