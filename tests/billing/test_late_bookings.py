"""What booking late costs, from the regulation's tier to the invoice and its paper; and what cancelling gives back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from services.billing.app.work import Stores, book_of
from services.billing.domain.drafting.lines import lines_of
from services.billing.domain.papers.invoice import Setting, paper
from services.billing.domain.prices import Price, Surcharge, dearer
from services.billing.domain.sheets import ChargeSheet, Day, Fact, What, hear
from services.billing.domain.tariffs import Situation
from services.billing.messages import HANDLERS
from services.billing.usecases.hold_order import hold_order
from shared.contracts import Told
from shared.contracts.billing import RefundDue
from shared.contracts.reservations import BookingCancelled, HeldLine, PlacesHeld, SheetDay
from shared.errors import Unavailable
from shared.mongo import Database
from shared.service import bind
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    CHILD_ID,
    FAMILY,
    HOUSEHOLD,
    HOUSEHOLD_ID,
    LEISURE,
    MEAL,
    NOW,
    OFFICE,
    TARIFF,
    TOWN,
    TOWN_ID,
    WEDNESDAY,
    empty_sheet,
    invoice,
    payment,
    price,
    price_of,
    told,
)
from tests.billing.telling import told_by

HALF = Surcharge(percent=50)
EURO = Surcharge(cents=100)


def pricing(asked: Situation) -> Price | None:
    return price_of(TARIFF, FAMILY, asked.activity_id, asked.day)


def fact(sequence: int, what: What, *days: Day) -> Fact:
    closing = "cls_1" if what == "closed" else None
    return Fact(event_id=f"e{sequence}", sequence=sequence, what=what, at=NOW, days=days, closing_id=closing)


def day(number: int, state: Any = "booked", **more: Any) -> Day:
    return Day(activity_id=MEAL, date=date(2026, 11, number), state=state, **more)


LATE = day(2, late="hors-delai", surcharge=HALF)
IN_TIME = day(3)
FACTS = (
    fact(1, "booked", LATE, IN_TIME),
    fact(2, "marked", day(2, "present"), day(3, "present")),
    fact(3, "closed", replace(LATE, state="present"), replace(IN_TIME, state="present")),
)


def heard(*facts: Fact) -> ChargeSheet:
    sheet = empty_sheet()
    for one in facts:
        sheet = hear(sheet, one, pricing)
    return sheet


@pytest.mark.parametrize(("surcharge", "cents"), [(HALF, "622.5"), (EURO, "515"), (None, "415")])
def test_a_surcharge_is_a_share_or_an_amount_and_is_not_rounded_by_itself(
    surcharge: Surcharge | None, cents: str
) -> None:
    dear = dearer(price(415), surcharge)

    assert (dear.cents, dear.surcharge_cents) == (Decimal(cents), Decimal(cents) - 415)


def test_a_late_day_is_dearer_and_the_others_are_not() -> None:
    late, in_time = heard(*FACTS).lines

    assert late.price is not None
    assert in_time.price is not None
    assert (late.late, late.price.surcharge_cents, late.price.cents) == (
        "hors-delai",
        Decimal("207.5"),
        Decimal("622.5"),
    )
    assert in_time.price.surcharge_cents == 0


def test_the_surcharge_is_there_in_whatever_order_the_facts_arrive() -> None:
    ways = [list(FACTS) for _ in range(6)]
    for seed, way in enumerate(ways):
        Random(seed).shuffle(way)

    assert len({heard(*way).lines for way in ways}) == 1


def test_a_closed_sheet_alone_says_what_was_late() -> None:
    assert heard(FACTS[-1]).lines[0].surcharge == HALF


def test_a_late_booking_cancelled_late_keeps_its_surcharge() -> None:
    gone = fact(2, "cancelled", day(2, "cancelled", cancelled="late"))

    [line] = heard(fact(1, "booked", LATE), gone).lines

    assert line.charged
    assert line.surcharge == HALF


def test_a_day_cancelled_and_booked_again_in_time_costs_what_it_costs() -> None:
    gone = fact(2, "cancelled", day(2, "cancelled", cancelled="in_time"))

    [line] = heard(fact(1, "booked", LATE), gone, fact(3, "booked", day(2))).lines

    assert (line.late, line.surcharge) == ("", None)


def test_late_days_have_their_own_line_on_the_invoice_and_its_paper_says_why() -> None:
    sheet = heard(*FACTS)
    in_time, late = sorted(lines_of([sheet]), key=lambda line: line.unit_cents)

    assert (in_time.total_cents, late.total_cents) == (415, 623)
    assert late.surcharge_cents == Decimal("207.5")
    assert [one.late for one in late.days] == ["hors-delai"]
    assert sum(line.total_cents for line in (in_time, late)) == 1038


def test_the_paper_names_the_surcharge() -> None:
    setting = Setting(town=TOWN, office=OFFICE, household=HOUSEHOLD, programmes=())
    [line] = lines_of([heard(fact(1, "closed", replace(LATE, state="present")))])

    [child] = paper(replace(invoice(), lines=(line,)), setting)["children"]

    note = next(note for note in child["lines"][0]["notes"] if "majoration" in note)
    assert "majoration de 2,075 € comprise" in note.replace("\N{NO-BREAK SPACE}", " ")


# --- orders -----------------------------------------------------------------------------------------------------------


def held(**surcharge: Any) -> Told[PlacesHeld]:
    lines = tuple(
        HeldLine(child_id=CHILD_ID, programme_id=LEISURE, activity_id=WEDNESDAY, date=date(2026, 12, number), **more)
        for number, more in ((9, surcharge), (16, {}))
    )
    event = PlacesHeld(
        order_id="ord_1", municipality_id=TOWN_ID, household_id=HOUSEHOLD_ID, lines=lines, expires_at=NOW
    )
    return told(event, subject="ord_1")


def cancelled(kind: Any, *numbers: int, order_id: str | None = "ord_1") -> Told[BookingCancelled]:
    event = BookingCancelled(
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        child_id=CHILD_ID,
        programme_id=LEISURE,
        month="2026-12",
        billing_mode="prepaid",
        regulation_version=1,
        kind=kind,
        days=tuple(
            SheetDay(activity_id=WEDNESDAY, date=date(2026, 12, number), order_id=order_id) for number in numbers
        ),
    )
    return told(event, event_id=f"gone-{kind}", subject="sht_1", sequence=5)


async def hear_of(message: Told[BookingCancelled], town: Stores, clock: MovableClock) -> None:
    nobody: Any = None
    handlers = {BookingCancelled: HANDLERS[BookingCancelled]}
    await bind(handlers, **vars(town), book=book_of(town), tombstones=nobody, clock=clock)[BookingCancelled](message)


async def paid(town: Stores, **surcharge: Any) -> None:
    await hold_order(held(**surcharge), orders=town.orders, book=book_of(town))
    settled = payment(order_id="ord_1", claims=("ord_1",), state="paid", amount_cents=3000, allocations=(), paid_at=NOW)
    await town.payments.add(settled, [])
    await town.orders.pay(HOUSEHOLD_ID, "ord_1", settled.id, 3000, NOW)


async def test_an_order_is_frozen_with_its_surcharge(town: Stores) -> None:
    await hold_order(held(surcharge_percent=50), orders=town.orders, book=book_of(town))

    order = await town.orders.get(HOUSEHOLD_ID, "ord_1")

    assert order is not None
    assert [(line.cents, line.surcharge_cents) for line in order.lines] == [(1800, 600), (1200, 0)]


@pytest.mark.parametrize(("kind", "why"), [("service", "cancelled-by-town"), ("in_time", "cancelled-in-time")])
async def test_a_prepaid_day_that_was_cancelled_is_due_back_once(
    town: Stores, db: Database, clock: MovableClock, kind: str, why: str
) -> None:
    await paid(town, surcharge_percent=50)

    for _ in range(2):
        await hear_of(cancelled(kind, 9), town, clock)

    [event] = await told_by(db, "payments")
    assert isinstance(event, RefundDue)
    assert (event.amount_cents, event.reason, event.order_id) == (1800, why, "ord_1")


async def test_a_prepaid_day_cancelled_late_is_not_given_back(town: Stores, db: Database, clock: MovableClock) -> None:
    await paid(town)

    await hear_of(cancelled("late", 9), town, clock)

    assert await told_by(db, "payments") == []


async def test_a_cancellation_heard_before_its_payment_is_heard_again(town: Stores, clock: MovableClock) -> None:
    with pytest.raises(Unavailable):
        await hear_of(cancelled("service", 9), town, clock)


async def test_a_prepaid_day_nobody_paid_for_gives_nothing_back(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    await hear_of(cancelled("service", 9, order_id=None), town, clock)

    assert await told_by(db, "payments") == []
