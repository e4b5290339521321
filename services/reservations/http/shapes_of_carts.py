"""The cart and its validation, as they are answered."""

from datetime import date, datetime
from typing import Literal

from aiohttp import web

from services.reservations.domain.cart_view import CartLine, CartView, ChildCounts
from services.reservations.domain.open_orders import OpenOrder, PricedLine
from services.reservations.domain.order import Order
from services.reservations.domain.validation import LineOutcome, Mode, Validation
from services.reservations.http.shapes import ShownLate, ShownRefusal, shown, shown_late, shown_tier
from shared.contracts.reservations import BillingMode
from shared.web import Answer

Action = Literal["book", "cancel"]
# Of billing, under the same public address.
PAYMENTS = "/api/v1/payments"


class ShownLine(Answer):
    """`problem`: why the line would be refused if the cart were validated now; `late`: what it costs to do it now."""

    line_id: str
    child_id: str
    municipality_id: str
    programme_id: str
    activity_id: str
    date: date
    action: Action
    added_at: datetime
    billing_mode: BillingMode
    price_cents: int | None
    possible: bool
    problem: ShownRefusal | None
    late: ShownLate | None = None


class ShownCount(Answer):
    activity_id: str
    name: str
    book: int
    cancel: int


class ShownCounts(Answer):
    child_id: str
    first_name: str
    last_name: str
    activities: list[ShownCount]


class OrderLineShown(Answer):
    child_id: str
    programme_id: str
    activity_id: str
    activity_name: str
    date: date
    price_cents: int | None


class OpenOrderShown(Answer):
    """Places kept until `expires_at`, longer while a payment page is open (`paying_until`).

    `amount_cents`: what billing will ask, null while a price is not known. Pay by `POST {pay_href}` with the order's
    id.
    """

    order_id: str
    municipality_id: str
    lines: list[OrderLineShown]
    amount_cents: int | None
    expires_at: datetime
    minutes_left: int
    paying_until: datetime | None
    pay_href: str


class ShownCart(Answer):
    """Totals are of days to book whose price is known, in cents; null when there is none."""

    lines: list[ShownLine]
    children: list[ShownCounts]
    postpaid_total_cents: int | None
    prepaid_total_cents: int | None
    unpriced_lines: int
    orders: list[OpenOrderShown]


class ShownOutcome(Answer):
    line_id: str
    child_id: str
    municipality_id: str
    programme_id: str
    activity_id: str
    date: date
    action: Action
    outcome: Literal["confirmed", "held", "requested", "cancelled", "cancellation_asked", "refused"]
    problem: ShownRefusal | None
    late: ShownLate | None = None


class OrderToPay(Answer):
    order_id: str
    municipality_id: str
    expires_at: datetime
    line_ids: list[str]


class ShownValidation(Answer):
    validation_id: str
    mode: Mode
    lines: list[ShownOutcome]
    orders: list[OrderToPay]


def shown_cart(view: CartView, request: web.Request) -> ShownCart:
    return ShownCart(
        lines=[_line(line, request) for line in view.lines],
        children=[_counts(child) for child in view.children],
        postpaid_total_cents=view.postpaid_total_cents,
        prepaid_total_cents=view.prepaid_total_cents,
        unpriced_lines=view.unpriced_lines,
        orders=[_order(one) for one in view.orders],
    )


def _order(one: OpenOrder) -> OpenOrderShown:
    order = one.order
    return OpenOrderShown(
        order_id=order.id,
        municipality_id=order.municipality_id,
        lines=[_order_line(line) for line in one.lines],
        amount_cents=one.amount_cents,
        expires_at=order.expires_at,
        minutes_left=one.minutes_left,
        paying_until=order.paying_until,
        pay_href=PAYMENTS,
    )


def _order_line(priced: PricedLine) -> OrderLineShown:
    line = priced.line
    return OrderLineShown(
        child_id=line.child_id,
        programme_id=line.programme_id,
        activity_id=line.activity_id,
        activity_name=priced.activity_name,
        date=line.date,
        price_cents=priced.price_cents,
    )


def _line(shown_line: CartLine, request: web.Request) -> ShownLine:
    line = shown_line.line
    return ShownLine(
        line_id=line.id,
        child_id=line.child_id,
        municipality_id=line.municipality_id,
        programme_id=line.programme_id,
        activity_id=line.activity_id,
        date=line.date,
        action=line.action,
        added_at=line.added_at,
        billing_mode=shown_line.billing_mode,
        price_cents=shown_line.price_cents,
        possible=shown_line.refusal is None,
        problem=shown(shown_line.refusal, request),
        late=shown_tier(shown_line.tier),
    )


def _counts(child: ChildCounts) -> ShownCounts:
    activities = [
        ShownCount(activity_id=one.activity_id, name=one.name, book=one.book, cancel=one.cancel)
        for one in child.activities
    ]
    return ShownCounts(
        child_id=child.child_id, first_name=child.first_name, last_name=child.last_name, activities=activities
    )


def shown_validation(validation: Validation, orders: list[Order], request: web.Request) -> ShownValidation:
    held = [outcome.line for outcome in validation.outcomes if outcome.outcome == "held"]
    return ShownValidation(
        validation_id=validation.id,
        mode=validation.mode,
        lines=[_outcome(outcome, request) for outcome in validation.outcomes],
        orders=[
            OrderToPay(
                order_id=order.id,
                municipality_id=order.municipality_id,
                expires_at=order.expires_at,
                line_ids=[line.id for line in held if line.municipality_id == order.municipality_id],
            )
            for order in orders
        ],
    )


def _outcome(outcome: LineOutcome, request: web.Request) -> ShownOutcome:
    line = outcome.line
    return ShownOutcome(
        line_id=line.id,
        child_id=line.child_id,
        municipality_id=line.municipality_id,
        programme_id=line.programme_id,
        activity_id=line.activity_id,
        date=line.date,
        action=line.action,
        outcome=outcome.outcome,
        problem=shown(outcome.refusal, request),
        late=shown_late(outcome.late, outcome.outcome, outcome.surcharge),
    )
