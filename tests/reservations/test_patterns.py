"""Patterns of weekdays, periods and where they are clipped, and the usual week the last weeks show."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reservations.domain.pattern import Wanted, Weeks, days_between, monday_of, pattern_of, slots_of
from services.reservations.domain.period import Dropped, Period, clip
from services.reservations.domain.refusals_of_days import (
    ClosedThen,
    DeadlinePassed,
    NotEnrolled,
    NotYetOpen,
    SchoolHolidayThen,
)
from services.reservations.domain.usual_week import UsualWeek, learned
from shared.errors import Refused

MONDAY = date(2026, 3, 9)
REPAS, SOIR = "t.repas", "t.soir"


def wanted(*weekdays: int, weeks: Weeks = "every", activity: str = REPAS) -> Wanted:
    return Wanted(activity_id=activity, weekdays=frozenset(weekdays), weeks=weeks)


def dropped(day: date, refusal: Refused) -> Dropped:
    return Dropped(slot=(REPAS, day), refusal=refusal)


def test_a_pattern_is_every_one_of_its_days_by_date() -> None:
    found = slots_of((wanted(1, 2), wanted(2, activity=SOIR)), MONDAY, date(2026, 3, 17))

    assert found == (
        (REPAS, date(2026, 3, 9)),
        (REPAS, date(2026, 3, 10)),
        (SOIR, date(2026, 3, 10)),
        (REPAS, date(2026, 3, 16)),
        (REPAS, date(2026, 3, 17)),
        (SOIR, date(2026, 3, 17)),
    )


def test_a_pattern_of_one_day_is_a_pattern_and_a_day_asked_for_twice_is_one() -> None:
    assert slots_of((wanted(1), wanted(1, 2)), MONDAY, MONDAY) == ((REPAS, MONDAY),)


@pytest.mark.parametrize(
    ("weeks", "days"),
    [
        ("odd", [date(2026, 3, 9), date(2026, 3, 23)]),
        ("even", [date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 30)]),
    ],
)
def test_every_other_week_goes_by_the_number_of_the_iso_week(weeks: Weeks, days: list[date]) -> None:
    assert [day for _, day in slots_of((wanted(1, weeks=weeks),), date(2026, 3, 1), date(2026, 3, 31))] == days


def test_weeks_53_and_1_are_both_odd() -> None:
    found = slots_of((wanted(1, weeks="odd"),), date(2026, 12, 21), date(2027, 1, 17))

    assert [day for _, day in found] == [date(2026, 12, 28), date(2027, 1, 4)]


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 60))
def test_odd_and_even_weeks_together_are_every_week(start: date, length: int) -> None:
    until = start + timedelta(days=length)
    every, odd, even = (set(slots_of((wanted(1, 4, weeks=w),), start, until)) for w in ("every", "odd", "even"))

    assert odd | even == every
    assert not odd & even


@given(st.sets(st.integers(0, 6)))
def test_the_pattern_of_a_week_gives_the_week_back(offsets: set[int]) -> None:
    week = {(REPAS, MONDAY + timedelta(days=offset)) for offset in offsets}

    assert set(slots_of(pattern_of(week), MONDAY, MONDAY + timedelta(days=6))) == week


def test_the_monday_of_a_day() -> None:
    assert {monday_of(day) for day in days_between(MONDAY, date(2026, 3, 15))} == {MONDAY}


def test_a_period_ends_where_the_open_window_does_and_says_why_once() -> None:
    period = Period.asked(MONDAY, date(2026, 4, 30))
    why = NotYetOpen()
    late = [dropped(date(2026, 3, 9), DeadlinePassed()), dropped(date(2026, 3, 16), ClosedThen())]
    beyond = [dropped(date(2026, 4, day), why) for day in (6, 7, 9)]

    clipped, left = clip(period, [(REPAS, date(2026, 3, 12))], [*late, *beyond])

    assert (clipped.start, clipped.until, clipped.clipped) == (MONDAY, date(2026, 4, 5), why)
    assert list(left) == late


def test_closed_days_among_days_not_yet_open_do_not_move_the_end() -> None:
    period = Period.asked(MONDAY, date(2026, 4, 30))
    days = [
        dropped(date(2026, 4, 6), NotYetOpen()),
        dropped(date(2026, 4, 13), SchoolHolidayThen()),
        dropped(date(2026, 4, 27), NotYetOpen()),
    ]

    clipped, left = clip(period, [(REPAS, MONDAY)], days)

    assert (clipped.until, left) == (date(2026, 4, 5), ())


def test_a_period_is_clipped_at_the_end_of_the_enrolment() -> None:
    clipped, _ = clip(
        Period.asked(MONDAY, date(2026, 4, 30)), [(REPAS, MONDAY)], [dropped(date(2026, 4, 6), NotEnrolled())]
    )

    assert isinstance(clipped.clipped, NotEnrolled)


def test_a_window_that_opens_between_days_that_can_be_booked_clips_nothing() -> None:
    days = [dropped(date(2026, 3, 16), NotYetOpen())]
    period = Period.asked(MONDAY, date(2026, 4, 30))

    assert clip(period, [(REPAS, MONDAY), (REPAS, date(2026, 3, 23))], days) == (period, tuple(days))


def test_a_period_wholly_beyond_the_window_says_so_of_each_day() -> None:
    days = [dropped(date(2026, 3, 16), NotYetOpen())]
    period = Period.asked(MONDAY, date(2026, 4, 30))

    assert clip(period, [], days) == (period, tuple(days))


def usual(*parts: Wanted, starts: date = date(2025, 9, 1), ends: date = date(2026, 7, 3)) -> UsualWeek:
    return UsualWeek(
        household_id="h", municipality_id="t", child_id="c", programme_id="t.r", pattern=parts, starts=starts, ends=ends
    )


def test_a_usual_week_holds_between_its_own_dates_only() -> None:
    week = usual(wanted(1), starts=date(2026, 3, 10), ends=date(2026, 3, 23))

    assert [day for _, day in week.slots(date(2026, 3, 1), date(2026, 3, 31))] == [date(2026, 3, 16), date(2026, 3, 23)]
    assert week.slots(date(2026, 5, 1), date(2026, 5, 31)) == ()


def mondays(count: int, *, activity: str = REPAS) -> list[tuple[str, date]]:
    """Newest first."""
    return [(activity, MONDAY - timedelta(weeks=back)) for back in range(1, count + 1)]


@pytest.mark.parametrize(("had", "is_usual"), [(4, True), (3, True), (2, False), (0, False)])
def test_three_of_the_last_four_open_weeks_make_a_usual_day(had: int, is_usual: bool) -> None:
    found = learned(set(mondays(4)[:had]), mondays(8))

    assert found == ((wanted(1),) if is_usual else ())


def test_what_was_four_open_weeks_ago_is_forgotten() -> None:
    assert learned(set(mondays(8)[4:]), mondays(8)) == ()


def test_a_child_that_came_for_less_than_three_weeks_has_no_usual_week_yet() -> None:
    assert learned(set(mondays(2)), mondays(2)) == ()


def test_each_activity_and_weekday_is_learned_by_itself() -> None:
    evenings = mondays(4, activity=SOIR)

    assert learned({*mondays(4), evenings[0]}, [*mondays(4), *evenings]) == (wanted(1),)
