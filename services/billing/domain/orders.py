"""Prepaid orders: places held until a time, at a price frozen when they were held."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from shared.errors import N_, NotFound, Refused

OrderState = Literal["held", "expired", "released", "paid", "lost"]
Ended = Literal["expired", "abandoned"]
# Reservations keeps the places this much longer than a payment page of the order is open.
AFTER_PAGE = timedelta(minutes=5)


class OrderUnknown(NotFound):
    """Orders travel from reservations by message: the one asked for may be on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.retry_after = 1


class OrderEnded(Refused):
    code = "order-ended"
    title = N_("Places given back")
    sentence = N_("The time to pay this order is over and its places were given back.")
    remedy = N_("Choose the days again and validate your cart.")


class OrderAlreadyPaid(Refused):
    code = "order-already-paid"
    title = N_("Already paid")
    sentence = N_("This order is already paid.")
    remedy = N_("Look at your bookings: the places are there, or their refund is being prepared.")


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    child_id: str
    programme_id: str
    activity_id: str
    date: date
    cents: int
    surcharge_cents: int = 0
    """What of `cents` is for booking late."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """`expires_at` is None while only its end was heard, not yet its beginning. `lost`: places someone else has now."""

    id: str
    municipality_id: str
    household_id: str
    lines: tuple[OrderLine, ...] = ()
    amount_cents: int = 0
    expires_at: datetime | None = None
    ended: Ended | None = None
    lost: bool = False
    paid_by: str | None = None
    paid_at: datetime | None = None
    version: int = 0


def state_of(order: Order, now: datetime) -> OrderState:
    if order.lost:
        return "lost"
    if order.paid_by:
        return "paid"
    if order.ended == "abandoned":
        return "released"
    if order.ended or order.expires_at is None or order.expires_at <= now:
        return "expired"
    return "held"


def check_payable(order: Order, now: datetime) -> None:
    """Raises `OrderAlreadyPaid` or `OrderEnded`."""
    state = state_of(order, now)
    if state == "paid":
        raise OrderAlreadyPaid()
    if state != "held":
        raise OrderEnded()


def hold(order: Order, lines: tuple[OrderLine, ...], expires_at: datetime) -> Order:
    """The order with its lines and their frozen amount; hearing of it again changes nothing."""
    if order.lines:
        return order
    return replace(order, lines=lines, amount_cents=sum(line.cents for line in lines), expires_at=expires_at)


def lost_cents(order: Order, lost: Iterable[tuple[str, str, date]]) -> int:
    """What was paid for days the family does not get, named by child, activity and date."""
    gone = set(lost)
    return sum(line.cents for line in order.lines if (line.child_id, line.activity_id, line.date) in gone)
