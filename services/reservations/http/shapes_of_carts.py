"""The cart and its validation, as they are answered."""

from datetime import date, datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import ConfigDict, Field

from services.reservations.domain.cart_view import CartLine, CartView, ChildCounts
from services.reservations.domain.order import Order
from services.reservations.domain.period import Dropped
from services.reservations.domain.validation import LineOutcome, Mode, Validation
from services.reservations.http.shapes import ShownRefusal, shown, told
from services.reservations.usecases.fill_cart import PeriodAdded
from shared.contracts.reservations import BillingMode
from shared.web import Answer

Action = Literal["book", "cancel"]


class ShownLine(Answer):
    """`problem`: why the line would be refused if the cart were validated now."""

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


class ShownCart(Answer):
    """Totals are of days to book whose price is known, in cents; null when there is none."""

    lines: list[ShownLine]
    children: list[ShownCounts]
    postpaid_total_cents: int | None
    prepaid_total_cents: int | None
    unpriced_lines: int


class AddedCount(Answer):
    activity_id: str
    name: str
    added: int


class DroppedDay(Answer):
    date: date
    activity_id: str
    problem: ShownRefusal


class Clipped(Answer):
    """The part of the period that was looked at."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    start: Annotated[date, Field(serialization_alias="from")]
    until: date


class ShownPeriod(Answer):
    added: int
    counts: list[AddedCount]
    dropped: list[DroppedDay]
    clipped: Clipped | None
    cart: ShownCart


class ShownOutcome(Answer):
    line_id: str
    child_id: str
    municipality_id: str
    programme_id: str
    activity_id: str
    date: date
    action: Action
    outcome: Literal["confirmed", "held", "cancelled", "refused"]
    problem: ShownRefusal | None


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
    )


def _counts(child: ChildCounts) -> ShownCounts:
    activities = [
        ShownCount(activity_id=one.activity_id, name=one.name, book=one.book, cancel=one.cancel)
        for one in child.activities
    ]
    return ShownCounts(
        child_id=child.child_id, first_name=child.first_name, last_name=child.last_name, activities=activities
    )


def shown_period(done: PeriodAdded, view: CartView, request: web.Request) -> ShownPeriod:
    names = {activity.id: activity.name for activity in done.programme.activities}
    added = [line.activity_id for line in done.added]
    period = done.period
    return ShownPeriod(
        added=len(added),
        counts=[AddedCount(activity_id=one, name=names[one], added=added.count(one)) for one in dict.fromkeys(added)],
        dropped=[_dropped(day, request) for day in done.dropped],
        clipped=Clipped(start=period.start, until=period.until) if period.clipped else None,
        cart=shown_cart(view, request),
    )


def _dropped(day: Dropped, request: web.Request) -> DroppedDay:
    return DroppedDay(date=day.slot[1], activity_id=day.slot[0], problem=told(day.refusal, request))


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
    )
