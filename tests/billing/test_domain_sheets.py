"""What is charged, and that the order in which facts arrive does not matter."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.prices import Price
from services.billing.domain.sheets import (
    Cancelled,
    ChargeLine,
    ChargeSheet,
    Day,
    Fact,
    State,
    What,
    hear,
    priced,
    unpriced,
)
from services.billing.domain.tariffs import Situation
from tests.billing.samples import (
    CHILD_ID,
    LEISURE,
    MEAL,
    NOW,
    TARIFF,
    empty_sheet,
    price,
    price_of,
    with_quotients,
)

FAMILY = with_quotients(("2026-01-01", "500"))
DAYS = [date(2026, 11, number) for number in (2, 3, 5)]


def pricing(asked: Situation) -> Price | None:
    return price_of(TARIFF, FAMILY, asked.activity_id, asked.day)


def fact(sequence: int, what: What, *days: Day, event_id: str = "", at: datetime = NOW) -> Fact:
    return Fact(
        event_id=event_id or f"e{sequence}",
        sequence=sequence,
        what=what,
        at=at,
        days=days,
        regulation_version=None if what == "marked" else 1,
        closing_id="cls_1" if what == "closed" else None,
    )


def day(state: State, number: int = 2, cancelled: Cancelled | None = None) -> Day:
    return Day(activity_id=MEAL, date=date(2026, 11, number), state=state, cancelled=cancelled)


def heard(*facts: Fact, sheet: ChargeSheet | None = None) -> ChargeSheet:
    sheet = sheet or empty_sheet()
    for one in facts:
        sheet = hear(sheet, one, pricing)
    return sheet


def line(state: State, cancelled: Cancelled | None = None) -> ChargeLine:
    return heard(fact(1, "booked", day(state, cancelled=cancelled))).lines[0]


@pytest.mark.parametrize(
    ("state", "charged"),
    [
        ("booked", True),
        ("present", True),
        ("present_unbooked", True),
        ("absent_unjustified", True),
        ("absent_justified", False),
    ],
)
def test_a_day_is_charged_by_what_happened(state: State, charged: bool) -> None:
    assert line(state).charged is charged


@pytest.mark.parametrize(("how", "charged"), [("in_time", False), ("service", False), ("late", True)])
def test_a_cancellation_is_charged_only_when_late(how: Cancelled, charged: bool) -> None:
    assert line("cancelled", how).charged is charged


def test_a_charged_line_bears_its_price_and_the_others_none() -> None:
    sheet = heard(fact(1, "booked", day("booked", 2), day("booked", 3)), fact(2, "marked", day("absent_justified", 3)))

    assert [(one.price.cents if one.price else None) for one in sheet.lines] == [100, None]


def test_a_line_keeps_the_trail_of_what_was_told_about_it() -> None:
    sheet = heard(
        fact(1, "booked", day("booked")),
        fact(2, "booked", day("booked", 3)),
        fact(3, "marked", day("present")),
    )

    assert sheet.lines[0].event_ids == ("e1", "e3")
    assert sheet.lines[0].regulation_version == 1
    assert sheet.lines[0].price == pricing(Situation(child_id=CHILD_ID, activity_id=MEAL, day=date(2026, 11, 2)))


def test_a_closing_tells_the_whole_sheet() -> None:
    sheet = heard(
        fact(1, "booked", day("booked", 2), day("booked", 3)),
        fact(2, "closed", day("present", 3), day("present_unbooked", 5)),
    )

    assert [(one.date.day, one.state) for one in sheet.lines] == [(3, "present"), (5, "present_unbooked")]
    assert sheet.closing_id == "cls_1"


def test_what_was_told_before_the_closing_does_not_undo_it_when_it_comes_late() -> None:
    sheet = heard(
        fact(5, "closed", day("cancelled", 2, "in_time")),
        fact(4, "marked", day("present", 2)),
        fact(3, "booked", day("booked", 3)),
    )

    assert [(one.date.day, one.state) for one in sheet.lines] == [(2, "cancelled")]


def test_a_closing_has_the_last_word_among_facts_of_one_write() -> None:
    closing = fact(5, "closed", day("absent_unjustified", 2), event_id="a")
    marking = fact(5, "marked", day("present", 2), event_id="z")

    assert heard(closing, marking).lines == heard(marking, closing).lines
    assert heard(closing, marking).lines[0].state == "absent_unjustified"


def test_a_fact_told_again_changes_nothing() -> None:
    once = heard(fact(1, "booked", day("booked")))

    assert hear(once, once.facts[0], pricing) is once


PREPAID = empty_sheet(billing_mode="prepaid", programme_id=LEISURE)
PAID = replace(day("booked"), order_id="ord_1")


def test_a_day_an_order_paid_for_bears_no_price() -> None:
    sheet = heard(fact(1, "booked", PAID), fact(2, "closed", replace(PAID, state="present")), sheet=PREPAID)

    assert sheet.lines[0].price is None
    assert unpriced(sheet) == ()


@pytest.mark.parametrize("state", ["present_unbooked", "booked", "present"])
def test_a_prepaid_day_nobody_paid_for_is_charged_at_the_months_end(state: State) -> None:
    sheet = heard(fact(1, "closed", day(state)), sheet=PREPAID)

    assert sheet.lines[0].price is not None


@pytest.mark.parametrize(("how", "charged"), [("in_time", True), ("service", True), ("late", False)])
def test_who_comes_after_cancelling_a_paid_day_owes_it_once_it_was_given_back(how: Cancelled, charged: bool) -> None:
    sheet = heard(
        fact(1, "booked", PAID),
        fact(2, "cancelled", day("cancelled", cancelled=how)),
        fact(3, "closed", replace(PAID, state="present_unbooked")),
        sheet=PREPAID,
    )

    assert sheet.owed(sheet.lines[0]) is charged


def test_a_paid_day_booked_anew_is_paid_by_its_new_order() -> None:
    again = replace(PAID, order_id="ord_2")
    sheet = heard(
        fact(1, "booked", PAID),
        fact(2, "cancelled", day("cancelled", cancelled="in_time")),
        fact(3, "booked", again),
        fact(4, "closed", replace(again, state="absent_justified")),
        sheet=PREPAID,
    )

    assert (sheet.lines[0].order_id, sheet.lines[0].paid_ahead) == ("ord_2", True)
    assert sheet.refundable(sheet.lines[0])


def by_charge(asked: Situation) -> Price | None:
    """An absence costs 2.99, coming unbooked 10.00, each begun minute after the end 0.05."""
    cents = {"booking": 415, "absence": 299, "unbooked": 1000, "late_pickup": 5 * (asked.minutes or 0)}
    return replace(price(), cents=Decimal(cents[asked.charge]), charge=asked.charge)


@pytest.mark.parametrize(
    ("state", "cents"),
    [("booked", 415), ("present", 415), ("absent_unjustified", 299), ("present_unbooked", 1000)],
)
def test_what_happened_has_its_own_price(state: State, cents: int) -> None:
    sheet = hear(empty_sheet(), fact(1, "closed", day(state)), by_charge)

    assert sheet.lines[0].price is not None
    assert sheet.lines[0].price.cents == cents


def test_minutes_after_the_end_are_charged_besides_the_day() -> None:
    late = replace(day("present"), late_minutes=12)
    sheet = empty_sheet()
    for one in (fact(1, "booked", day("booked")), fact(2, "marked", late), fact(3, "closed", day("present"))):
        sheet = hear(sheet, one, by_charge)

    assert sheet.lines[0].late_price is not None
    assert (sheet.lines[0].late_minutes, sheet.lines[0].late_price.cents) == (12, 60)


def test_a_mark_made_again_says_anew_how_late_the_child_left() -> None:
    late = replace(day("present"), late_minutes=12)
    sheet = heard(fact(1, "marked", late), fact(2, "marked", day("present")))

    assert (sheet.lines[0].late_minutes, sheet.lines[0].late_price) == (0, None)


def test_a_day_without_a_price_is_found_and_priced_later() -> None:
    sheet = hear(empty_sheet(), fact(1, "closed", day("present"), day("absent_justified", 3)), lambda *_: None)

    assert [one.date.day for one in unpriced(sheet)] == [2]
    assert unpriced(priced(sheet, pricing)) == ()


PARTIAL: list[What] = ["booked", "cancelled", "marked"]
WHATS = st.sampled_from(PARTIAL)
STATES: dict[str, list[State]] = {
    "booked": ["booked"],
    "cancelled": ["cancelled"],
    "marked": ["present", "absent_justified", "absent_unjustified", "present_unbooked"],
    "closed": list(get_args(State)),
}


@st.composite
def days_of(draw: st.DrawFn, what: str) -> tuple[Day, ...]:
    chosen = draw(st.sets(st.sampled_from(DAYS), min_size=0 if what == "closed" else 1))
    told = []
    for one in sorted(chosen):
        state = draw(st.sampled_from(STATES[what]))
        how = draw(st.sampled_from(get_args(Cancelled))) if state == "cancelled" else None
        told.append(Day(activity_id=MEAL, date=one, state=state, cancelled=how))
    return tuple(told)


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """What reservations may tell of one sheet: some writes, perhaps a closing, perhaps corrections after it."""
    whats = draw(st.lists(WHATS, max_size=6))
    if draw(st.booleans()):
        whats.insert(draw(st.integers(0, len(whats))), "closed")
    return [fact(number, what, *draw(days_of(what))) for number, what in enumerate(whats, start=1)]


@given(histories(), st.randoms(use_true_random=False), st.data())
def test_facts_in_any_order_and_told_twice_come_to_the_same_sheet(
    facts: list[Fact], chance: Random, data: st.DataObject
) -> None:
    twice = [*facts, *data.draw(st.lists(st.sampled_from(facts), max_size=4))] if facts else []
    chance.shuffle(twice)

    assert heard(*twice) == heard(*facts)


@given(histories())
def test_a_line_says_what_was_told_of_it_last(facts: list[Fact]) -> None:
    expected: dict[date, tuple[State, Cancelled | None]] = {}
    for one in facts:
        if one.what == "closed":
            expected = {}
        expected |= {day.date: (day.state, day.cancelled) for day in one.days}

    assert {one.date: (one.state, one.cancelled) for one in heard(*facts).lines} == expected


@given(histories())
def test_every_charged_line_and_no_other_has_a_price(facts: list[Fact]) -> None:
    assert all((one.price is not None) is one.charged for one in heard(*facts).lines)


def test_an_order_that_paid_for_a_day_is_remembered() -> None:
    booked = replace(fact(1, "booked", day("booked")), order_id="ord_1")

    assert heard(booked, fact(2, "marked", day("present"))).lines[0].order_id == "ord_1"
