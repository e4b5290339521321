"""Orders that wait for their payment, as a family sees them; how long they wait; what becomes of their days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.reservations.domain.cart import Line
from services.reservations.domain.order import Order, OrderLine
from services.reservations.domain.prices import price_in
from services.reservations.domain.town import Town

# After its payment page closed, for the bank's word to arrive.
AFTER_PAGE = timedelta(minutes=5)
# A payment that came to nothing leaves this long to try again.
TO_TRY_AGAIN = timedelta(minutes=2)
# No payment page keeps places that begins later than this after their first time was over.
LONGEST = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """`price_cents` is None while billing has told no price."""

    line: OrderLine
    activity_name: str
    price_cents: int | None


@dataclass(frozen=True, kw_only=True)
class OpenOrder:
    """`amount_cents` is None unless every line has a price; `minutes_left` counts the minute that has begun."""

    order: Order
    lines: tuple[PricedLine, ...]
    amount_cents: int | None
    minutes_left: int


def open_order(order: Order, town: Town | None, prices: Mapping[str, int], now: datetime) -> OpenOrder:
    lines = tuple(_priced(line, town, prices) for line in order.lines)
    known = [line.price_cents for line in lines if line.price_cents is not None]
    left = (order.expires_at - now).total_seconds()
    return OpenOrder(
        order=order,
        lines=lines,
        amount_cents=sum(known) if len(known) == len(lines) else None,
        minutes_left=max(0, -int(-left // 60)),
    )


def _priced(line: OrderLine, town: Town | None, prices: Mapping[str, int]) -> PricedLine:
    programme = town.programmes.get(line.programme_id) if town else None
    names = {activity.id: activity.name for activity in programme.activities} if programme else {}
    price = price_in(prices, line.activity_id, line.child_id)
    if price is not None and line.surcharge:
        # As billing rounds: half up, to the cent.
        price += line.surcharge.cents or (price * (line.surcharge.percent or 0) + 50) // 100
    return PricedLine(line=line, activity_name=names.get(line.activity_id, line.activity_id), price_cents=price)


def chosen_again(order: Order, now: datetime) -> tuple[Line, ...]:
    """The order's days as lines of a cart; always the same lines for the same order."""
    return tuple(
        Line(
            id=f"crt_{order.id.removeprefix('ord_')}_{number}",
            child_id=line.child_id,
            municipality_id=order.municipality_id,
            programme_id=line.programme_id,
            activity_id=line.activity_id,
            date=line.date,
            action="book",
            added_at=now,
        )
        for number, line in enumerate(order.lines)
    )
