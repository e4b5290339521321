"""A child's month as a family reads it."""

from datetime import date, datetime
from typing import Any

import pytest

from services.reservations.domain.month_view import DayView, days_of, month_view
from services.reservations.domain.refusals_of_days import DeadlinePassed, PublicHolidayThen
from shared.errors import NotFound
from tests.reservations.sample_town import TOWN, child, paris, town

NOW = paris(2026, 3, 2, 8, 0)
REPAS = f"{TOWN}.repas"
JOURNEE = f"{TOWN}.journee"
TUESDAY = date(2026, 3, 10)
WEDNESDAY = date(2026, 3, 11)


def view(day: date, activity_id: str = REPAS, now: datetime = NOW, **known: Any) -> DayView:
    facts: dict[str, Any] = {
        "sheet": {},
        "cart": {},
        "held": set(),
        "waiting": set(),
        "places_left": {},
        "prices": {},
        **known,
    }
    programme = town().programme_of(activity_id)
    month = month_view(child=child(), programme=programme, town=town(), month=f"{day:%Y-%m}", now=now, **facts)
    row = next(row for row in month.rows if row.activity_id == activity_id)
    return row.days[day.day - 1]


def test_a_month_has_a_row_per_activity_and_every_day() -> None:
    found = month_view(
        child=child(),
        programme=town().programme(f"{TOWN}.restaurant"),
        town=town(),
        month="2026-02",
        now=NOW,
        sheet={},
        cart={},
        held=set(),
        waiting=set(),
        places_left={},
        prices={REPAS: 415},
    )

    assert [(row.name, row.price_cents, len(row.days)) for row in found.rows] == [("REPAS", 415, 28), ("PAI", None, 28)]


def test_a_free_day_is_bookable_until_its_limit() -> None:
    found = view(TUESDAY)

    assert (found.state, found.can_book, found.can_cancel) == ("bookable", True, False)
    assert found.book_until == found.cancel_until == paris(2026, 3, 6, 10, 0)
    assert (found.rule, found.rule_version) == ("j-2", 3)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 3, 2), "past_deadline"),
        (date(2026, 3, 11), "closed"),
        (date(2026, 3, 14), "closed"),
        (date(2026, 2, 18), "closed"),
    ],
)
def test_a_day_that_cannot_be_booked_says_why(day: date, state: str) -> None:
    found = view(day)

    assert found.state == state
    assert not found.can_book
    assert found.refusal is not None


def test_a_public_holiday_is_named() -> None:
    found = view(date(2026, 5, 14)).refusal

    assert isinstance(found, PublicHolidayThen)
    assert found.facts["label"] == "Ascension"


def test_a_window_that_is_not_open_yet_says_when() -> None:
    found = view(date(2026, 2, 18), JOURNEE, paris(2026, 1, 5, 8, 0))

    assert found.state == "not_yet_open"
    assert found.opens == paris(2026, 1, 10, 7, 0)


def test_a_booked_day_can_be_cancelled_until_its_limit() -> None:
    found = view(TUESDAY, sheet={(REPAS, TUESDAY): "booked"})

    assert (found.state, found.can_book, found.can_cancel) == ("booked", False, True)
    assert found.cancel_until == paris(2026, 3, 6, 10, 0)
    assert found.refusal is None


def test_a_booked_day_past_its_limit_stays_booked_and_says_so() -> None:
    found = view(TUESDAY, now=paris(2026, 3, 9, 8, 0), sheet={(REPAS, TUESDAY): "booked"})

    assert (found.state, found.can_cancel) == ("booked", False)
    assert isinstance(found.refusal, DeadlinePassed)


def test_what_is_in_the_cart_shows_on_the_day() -> None:
    added = view(TUESDAY, cart={(REPAS, TUESDAY): "book"})
    removed = view(TUESDAY, sheet={(REPAS, TUESDAY): "booked"}, cart={(REPAS, TUESDAY): "cancel"})

    assert (added.state, added.can_book) == ("in_cart_booking", False)
    assert (removed.state, removed.can_cancel) == ("in_cart_cancelling", False)


def test_a_cart_line_that_came_too_late_says_so() -> None:
    found = view(TUESDAY, now=paris(2026, 3, 9, 8, 0), cart={(REPAS, TUESDAY): "book"})

    assert found.state == "in_cart_booking"
    assert isinstance(found.refusal, DeadlinePassed)


@pytest.mark.parametrize("outcome", ["present", "absent_justified", "absent_unjustified", "present_unbooked"])
def test_what_happened_is_shown_and_stays(outcome: str) -> None:
    found = view(TUESDAY, sheet={(REPAS, TUESDAY): outcome})

    assert (found.state, found.can_book, found.can_cancel) == (outcome, False, False)


def test_a_cancelled_day_can_be_booked_again() -> None:
    found = view(TUESDAY, sheet={(REPAS, TUESDAY): "cancelled"})

    assert (found.state, found.can_book) == ("cancelled", True)


def test_places_are_counted_down_to_full() -> None:
    slot = (JOURNEE, WEDNESDAY)
    free = view(WEDNESDAY, JOURNEE, places_left={slot: 1})
    full = view(WEDNESDAY, JOURNEE, places_left={slot: 0})

    assert (free.state, free.places_left, free.can_book, free.can_wait) == ("bookable", 1, True, False)
    assert (full.state, full.places_left, full.can_book, full.can_wait) == ("full", 0, False, True)


@pytest.mark.parametrize("state", ["held", "waiting"])
def test_a_place_held_or_waited_for_cannot_be_asked_for_again(state: str) -> None:
    slot = (JOURNEE, WEDNESDAY)
    found = view(WEDNESDAY, JOURNEE, NOW, places_left={slot: 0}, **{state: {slot}})

    assert (found.state, found.can_book, found.can_wait) == (state, False, False)


def test_a_booking_counts_more_than_the_place_it_was_held_with() -> None:
    slot = (JOURNEE, WEDNESDAY)

    assert view(WEDNESDAY, JOURNEE, sheet={slot: "booked"}, held={slot}).state == "booked"


def test_a_final_month_changes_no_more() -> None:
    free = view(TUESDAY, final=True)
    booked = view(TUESDAY, sheet={(REPAS, TUESDAY): "booked"}, final=True)

    assert not free.can_book
    assert not booked.can_cancel


def test_a_month_is_all_its_days() -> None:
    assert len(days_of("2028-02")) == 29
    assert days_of("2026-12")[-1] == date(2026, 12, 31)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "1999-01", "9999-01", "", "2026-01-01"])
def test_what_is_no_month_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        days_of(text)
