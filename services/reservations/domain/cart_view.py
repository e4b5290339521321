"""A cart as a family reads it: its lines with their prices, its counts per child and activity, its totals."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.reservations.domain.cart import Cart, Line
from services.reservations.domain.late import LateTier
from services.reservations.domain.open_orders import OpenOrder
from shared.contracts.reservations import BillingMode
from shared.errors import Refused


@dataclass(frozen=True, kw_only=True)
class CartLine:
    """`price_cents` is None while billing has told no price; `refusal` is why the line would not pass now, `tier` what
    it costs to do it this late.
    """

    line: Line
    activity_name: str
    billing_mode: BillingMode
    price_cents: int | None
    refusal: Refused | None
    tier: LateTier | None = None

    @property
    def books(self) -> bool:
        return self.line.action == "book"


@dataclass(frozen=True, kw_only=True)
class ActivityCount:
    activity_id: str
    name: str
    book: int
    cancel: int


@dataclass(frozen=True, kw_only=True)
class ChildCounts:
    child_id: str
    first_name: str
    last_name: str
    activities: tuple[ActivityCount, ...]


@dataclass(frozen=True, kw_only=True)
class CartView:
    """Totals are of the days to book whose price is known; None when there is no such day. `orders` wait to be paid."""

    lines: tuple[CartLine, ...]
    children: tuple[ChildCounts, ...]
    postpaid_total_cents: int | None
    prepaid_total_cents: int | None
    unpriced_lines: int
    orders: tuple[OpenOrder, ...] = ()


def cart_view(cart: Cart, lines: Sequence[CartLine], names: Mapping[str, tuple[str, str]]) -> CartView:
    """`names`: first and last name by child."""
    child_ids = dict.fromkeys(line.child_id for line in cart.lines)
    return CartView(
        lines=tuple(lines),
        children=tuple(_counts(child_id, lines, names.get(child_id, ("", ""))) for child_id in child_ids),
        postpaid_total_cents=_total(lines, "postpaid"),
        prepaid_total_cents=_total(lines, "prepaid"),
        unpriced_lines=sum(line.books and line.price_cents is None for line in lines),
    )


def _counts(child_id: str, lines: Iterable[CartLine], name: tuple[str, str]) -> ChildCounts:
    mine = [line for line in lines if line.line.child_id == child_id]
    activities = {line.line.activity_id: line.activity_name for line in mine}
    counted = Counter((line.line.activity_id, line.line.action) for line in mine)
    return ChildCounts(
        child_id=child_id,
        first_name=name[0],
        last_name=name[1],
        activities=tuple(
            ActivityCount(
                activity_id=activity_id,
                name=activity_name,
                book=counted[activity_id, "book"],
                cancel=counted[activity_id, "cancel"],
            )
            for activity_id, activity_name in activities.items()
        ),
    )


def _total(lines: Iterable[CartLine], mode: BillingMode) -> int | None:
    prices = [line.price_cents for line in lines if line.books and line.billing_mode == mode]
    known = [price for price in prices if price is not None]
    return sum(known) if known else None
