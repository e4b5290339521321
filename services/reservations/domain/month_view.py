"""A child's month in a programme, day by day, as a family reads it."""

import calendar as weeks
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from services.reservations.domain.bookable import DayAnswer, RosterChild
from services.reservations.domain.calendar import DayKind
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals_of_custody import BookedElsewhere
from services.reservations.domain.refusals_of_days import DeadlinePassed, NotYetOpen
from services.reservations.domain.regulation import Action
from services.reservations.domain.town import Town
from shared.contracts.reservations import DayState
from shared.errors import NotFound, Refused

Slot: TypeAlias = tuple[str, date]
"""Activity and date."""
ViewState: TypeAlias = Literal[
    "bookable",
    "booked",
    "in_cart_booking",
    "in_cart_cancelling",
    "held",
    "waiting",
    "cancelled",
    "closed",
    "past_deadline",
    "not_yet_open",
    "present",
    "absent_justified",
    "absent_unjustified",
    "present_unbooked",
    "full",
    "other_household",
]
REBOOKABLE: frozenset[ViewState] = frozenset({"bookable", "cancelled", "full", "waiting"})
MONTH = re.compile(r"2[01]\d\d-(0[1-9]|1[0-2])")


@dataclass(frozen=True, kw_only=True)
class DayView:
    """One activity on one day. Instants are in the town's zone; `refusal` says why nothing (more) can be done."""

    date: date
    state: ViewState
    kind: DayKind
    can_book: bool = False
    can_cancel: bool = False
    can_wait: bool = False
    places_left: int | None = None
    book_until: datetime | None = None
    cancel_until: datetime | None = None
    opens: datetime | None = None
    refusal: Refused | None = None


@dataclass(frozen=True, kw_only=True)
class ActivityRow:
    activity_id: str
    name: str
    price_cents: int | None
    days: tuple[DayView, ...]


@dataclass(frozen=True, kw_only=True)
class MonthView:
    month: str
    rows: tuple[ActivityRow, ...]


@dataclass(frozen=True, kw_only=True)
class _Month:
    """Everything a cell depends on."""

    child: RosterChild
    programme: Programme
    town: Town
    now: datetime
    sheet: Mapping[Slot, DayState]
    cart: Mapping[Slot, Action]
    held: AbstractSet[Slot]
    waiting: AbstractSet[Slot]
    places_left: Mapping[Slot, int]
    elsewhere: AbstractSet[Slot]
    final: bool

    def answer(self, slot: Slot, action: Action) -> DayAnswer:
        return self.town.answer(slot[0], slot[1], action=action, child=self.child, now=self.now)

    def kind_of(self, day: date) -> DayKind:
        enrolment = self.child.enrolment_on(self.programme.id, day)
        return self.town.calendar.kind_of(day, enrolment.site_id if enrolment else None).kind


def days_of(month: str) -> tuple[date, ...]:
    """Every day of a `YYYY-MM`. Raises `NotFound` for what is no month of 2000–2199."""
    if not MONTH.fullmatch(month):
        raise NotFound()
    year, number = int(month[:4]), int(month[5:])
    return tuple(date(year, number, day + 1) for day in range(weeks.monthrange(year, number)[1]))


def month_view(
    *,
    child: RosterChild,
    programme: Programme,
    town: Town,
    month: str,
    now: datetime,
    sheet: Mapping[Slot, DayState],
    cart: Mapping[Slot, Action],
    held: AbstractSet[Slot],
    waiting: AbstractSet[Slot],
    places_left: Mapping[Slot, int],
    prices: Mapping[str, int],
    elsewhere: AbstractSet[Slot] = frozenset(),
    final: bool = False,
) -> MonthView:
    """`prices` in cents per activity, as far as known; `elsewhere`: days the child's other household has booked;
    `final`: the month is closed and nothing changes any more.
    """
    facts = _Month(
        child=child,
        programme=programme,
        town=town,
        now=now,
        sheet=sheet,
        cart=cart,
        held=held,
        waiting=waiting,
        places_left=places_left,
        elsewhere=elsewhere,
        final=final,
    )
    days = days_of(month)
    rows = (
        ActivityRow(
            activity_id=activity.id,
            name=activity.name,
            price_cents=prices.get(activity.id),
            days=tuple(_day((activity.id, day), facts) for day in days),
        )
        for activity in programme.activities
    )
    return MonthView(month=month, rows=tuple(rows))


def _day(slot: Slot, month: _Month) -> DayView:
    book = month.answer(slot, "book")
    cancel = month.answer(slot, "cancel") if month.sheet.get(slot) == "booked" else None
    state = _state(slot, book, month)
    left = month.places_left.get(slot)
    taken = _taken_elsewhere(slot, month)
    may_book = book.allowed and state in REBOOKABLE and not month.final and not taken
    return DayView(
        date=slot[1],
        state=state,
        kind=month.kind_of(slot[1]),
        can_book=may_book and left != 0,
        can_cancel=state == "booked" and cancel is not None and cancel.allowed and not month.final,
        can_wait=may_book and left == 0 and state != "waiting" and month.programme.regulation.waiting_list,
        places_left=left,
        book_until=book.limit,
        cancel_until=cancel.limit if cancel else None,
        opens=book.opens,
        refusal=cancel.refusal if cancel else book.refusal or taken,
    )


def _taken_elsewhere(slot: Slot, month: _Month) -> Refused | None:
    """What the other household has that day: the same, or what excludes it."""
    activity = month.programme.activity(slot[0])
    if not any((other, slot[1]) in month.elsewhere for other in (activity.id, *activity.excludes)):
        return None
    return BookedElsewhere(activity=activity.name, date=slot[1])


def _state(slot: Slot, book: DayAnswer, month: _Month) -> ViewState:
    recorded = month.sheet.get(slot)
    chosen = month.cart.get(slot)
    if recorded == "booked" and chosen == "cancel":
        return "in_cart_cancelling"
    if recorded is not None and recorded != "cancelled":
        return recorded
    if chosen == "book":
        return "in_cart_booking"
    if slot in month.elsewhere:
        return "other_household"
    if slot in month.held:
        return "held"
    if slot in month.waiting:
        return "waiting"
    return recorded or _offered(slot, book, month)


def _offered(slot: Slot, book: DayAnswer, month: _Month) -> ViewState:
    if isinstance(book.refusal, DeadlinePassed):
        return "past_deadline"
    if isinstance(book.refusal, NotYetOpen):
        return "not_yet_open"
    if book.refusal is not None:
        return "closed"
    return "full" if month.places_left.get(slot) == 0 else "bookable"
