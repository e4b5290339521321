"""Charge sheets: what one child did in one programme and month, day by day, and what of it is charged.

A sheet keeps every fact it was told and derives its lines from all of them in the order of their sequence, so that
facts may arrive late, twice or in any order and the lines come out the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.billing.domain.copies import BillingMode
from services.billing.domain.prices import Price, Pricing, Surcharge, dearer
from services.billing.domain.tariffs.situations import BOOKING, Charge, Situation

State = Literal["booked", "cancelled", "present", "absent_justified", "absent_unjustified", "present_unbooked"]
Cancelled = Literal["in_time", "late", "service"]
What = Literal["booked", "cancelled", "marked", "closed"]

CHARGED: frozenset[State] = frozenset({"booked", "present", "absent_unjustified", "present_unbooked"})
CHARGED_AS: Mapping[State, Charge] = {"absent_unjustified": "absence", "present_unbooked": "unbooked"}
"""What has a price of its own where the town says so; everything else costs what the booking does."""
THERE: frozenset[State] = frozenset({"present", "present_unbooked"})
GIVEN_BACK: frozenset[Cancelled] = frozenset({"in_time", "service"})
"""Cancelled so, what was paid ahead is due back."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """One activity on one date. `cancelled`: how, when the state is `cancelled`. `late` and `surcharge`: the tier of
    the regulation it was booked under after its deadline, told where the booking is told. `late_minutes`: begun after
    the activity's end before the child was collected; None where it is not spoken of. `order_id`: the prepaid order.
    """

    activity_id: str
    date: date
    state: State
    cancelled: Cancelled | None = None
    late: str = ""
    surcharge: Surcharge | None = None
    late_minutes: int | None = None
    order_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One message about a sheet. `closed` tells every day the sheet has; the others only the days they change."""

    event_id: str
    sequence: int
    what: What
    at: datetime
    days: tuple[Day, ...]
    regulation_version: int | None = None
    order_id: str | None = None
    closing_id: str | None = None
    by: str = ""
    """Who booked: `guardian` or `agent`; empty where it was not told."""


@dataclass(frozen=True, kw_only=True)
class ChargeLine:
    """The last known state of one activity on one date; `price` is None until a grid covers it.

    `late_price`: of the minutes the child stayed after the end, where the town has a price for that. `given_back`: its
    booking was cancelled so that what was paid ahead is due back, and it was not booked again.
    """

    activity_id: str
    date: date
    state: State
    cancelled: Cancelled | None
    event_ids: tuple[str, ...]
    """Every message about this line, oldest first: the trail a family may ask for."""
    regulation_version: int | None
    order_id: str | None
    price: Price | None = None
    late: str = ""
    surcharge: Surcharge | None = None
    late_minutes: int = 0
    late_price: Price | None = None
    given_back: bool = False

    @property
    def charge(self) -> Charge:
        return CHARGED_AS.get(self.state, BOOKING)

    @property
    def paid_ahead(self) -> bool:
        """An order of the family paid for the day, and it was not given back."""
        return self.order_id is not None and not self.given_back

    @property
    def charged(self) -> bool:
        """Whether it costs: what was used, and what was kept for the child without being used or cancelled in time.

        Not cancelled in time or absent without justification is charged; an absence justified, a cancellation in
        time and one by the town never are (domain.md 3.3).
        """
        return self.cancelled == "late" if self.state == "cancelled" else self.state in CHARGED


@dataclass(frozen=True, kw_only=True)
class ChargeSheet:
    """Has the id of the month sheet in reservations. `closing_id`: set once a closing told the sheet whole."""

    id: str
    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    month: str
    billing_mode: BillingMode
    closing_id: str | None = None
    facts: tuple[Fact, ...] = ()
    lines: tuple[ChargeLine, ...] = ()
    version: int = 0

    @property
    def invoiced(self) -> bool:
        """Whether all its days stand on an invoice: those of a prepaid programme are charged through their orders,
        and only what no order paid for is left to the month's end.
        """
        return self.billing_mode == "postpaid"

    def owed(self, line: ChargeLine) -> bool:
        """Whether the day is to be charged at the month's end."""
        return line.charged and (self.invoiced or not line.paid_ahead)

    def refundable(self, line: ChargeLine) -> bool:
        """Paid ahead and then, excused, not used: what the order took is credited at the month's end."""
        return not self.invoiced and line.paid_ahead and line.state == "absent_justified"


def knows(sheet: ChargeSheet, fact: Fact) -> bool:
    return any(known.event_id == fact.event_id for known in sheet.facts)


def hear(sheet: ChargeSheet, fact: Fact, pricing: Pricing) -> ChargeSheet:
    """The sheet after one more fact, its lines derived and priced anew; a fact it knows changes nothing."""
    if knows(sheet, fact):
        return sheet
    facts = tuple(sorted((*sheet.facts, fact), key=_rank))
    closings = [known.closing_id for known in facts if known.what == "closed"]
    derived = replace(sheet, facts=facts, lines=tuple(_lines(facts)), closing_id=closings[-1] if closings else None)
    return priced(derived, pricing)


def _rank(fact: Fact) -> tuple[int, bool, str]:
    # Facts of one write share its sequence; a closing among them has the last word.
    return fact.sequence, fact.what == "closed", fact.event_id


def _lines(facts: Iterable[Fact]) -> Iterator[ChargeLine]:
    lines: dict[tuple[date, str], ChargeLine] = {}
    for fact in facts:
        told = {(day.date, day.activity_id): day for day in fact.days}
        if fact.what == "closed":
            lines = {key: line for key, line in lines.items() if key in told}
        for key, day in told.items():
            lines[key] = _after(lines.get(key), day, fact)
    return (lines[key] for key in sorted(lines))


def _after(line: ChargeLine | None, day: Day, fact: Fact) -> ChargeLine:
    # How late it was booked is told with the booking and at the end; marks and cancellations do not speak of it.
    booked = day if fact.what in ("booked", "closed") else line
    minutes = line.late_minutes if line else 0
    if fact.what == "marked" or day.late_minutes is not None:
        minutes = day.late_minutes or 0
    return ChargeLine(
        activity_id=day.activity_id,
        date=day.date,
        state=day.state,
        cancelled=day.cancelled,
        event_ids=(*(line.event_ids if line else ()), fact.event_id),
        regulation_version=fact.regulation_version or (line.regulation_version if line else None),
        order_id=day.order_id or fact.order_id or (line.order_id if line else None),
        late=booked.late if booked else "",
        surcharge=booked.surcharge if booked else None,
        late_minutes=minutes,
        given_back=_given_back(line, day, fact),
    )


def _given_back(line: ChargeLine | None, day: Day, fact: Fact) -> bool:
    if fact.what == "booked":
        return False
    if day.state == "cancelled" and day.cancelled in GIVEN_BACK:
        return True
    return line.given_back if line else False


def priced(sheet: ChargeSheet, pricing: Pricing) -> ChargeSheet:
    """The sheet with today's price on each line that is charged at the month's end; other lines bear none."""
    return replace(sheet, lines=tuple(_priced(sheet, line, pricing) for line in sheet.lines))


def _priced(sheet: ChargeSheet, line: ChargeLine, pricing: Pricing) -> ChargeLine:
    asked = Situation(child_id=sheet.child_id, activity_id=line.activity_id, day=line.date, charge=line.charge)
    price = pricing(asked) if sheet.owed(line) else None
    late = None
    if line.late_minutes and line.state in THERE:
        late = pricing(replace(asked, charge="late_pickup", minutes=line.late_minutes))
    return replace(line, price=dearer(price, line.surcharge) if price else None, late_price=late)


def unpriced(sheet: ChargeSheet) -> tuple[ChargeLine, ...]:
    """The lines to be charged at the month's end that have no price yet."""
    return tuple(line for line in sheet.lines if sheet.owed(line) and line.price is None)
