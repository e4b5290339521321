"""Kinds of days, working days, wall clocks."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.reservations.domain.calendar import DayKind
from shared.public_holidays import SETS, public_holidays
from tests.reservations.sample_town import TOWN, calendar

JEAN_MACE = f"{TOWN}.ecole-jean-mace"
TILLEULS = f"{TOWN}.ecole-des-tilleuls"
PLAIN = calendar(periods=())

# Easter Monday, Ascension, Whit Monday as printed in calendars.
MOVABLE = {
    2024: (date(2024, 4, 1), date(2024, 5, 9), date(2024, 5, 20)),
    2025: (date(2025, 4, 21), date(2025, 5, 29), date(2025, 6, 9)),
    2026: (date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25)),
    2027: (date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)),
    2028: (date(2028, 4, 17), date(2028, 5, 25), date(2028, 6, 5)),
}


@pytest.mark.parametrize("year", MOVABLE)
def test_a_year_has_the_eleven_public_holidays_of_the_law(year: int) -> None:
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}

    assert set(public_holidays("metropole", year)) == {date(year, *day) for day in fixed} | set(MOVABLE[year])


@pytest.mark.parametrize("year", MOVABLE)
def test_reunion_adds_the_abolition_day_to_the_mainland_days(year: int) -> None:
    added = public_holidays("la-reunion", year).keys() - public_holidays("metropole", year).keys()

    assert added == {date(year, 12, 20)}


def test_alsace_moselle_adds_good_friday_and_the_second_day_of_christmas() -> None:
    added = public_holidays("alsace-moselle", 2026).keys() - public_holidays("metropole", 2026).keys()

    assert added == {date(2026, 4, 3), date(2026, 12, 26)}


@pytest.mark.parametrize("of", SETS)
def test_every_part_of_france_has_at_least_the_mainland_days(of: str) -> None:
    assert public_holidays(of, 2026).keys() >= public_holidays("metropole", 2026).keys()


def test_no_public_holiday_is_guessed_for_other_centuries() -> None:
    assert not public_holidays("metropole", 1850)
    assert not public_holidays("metropole", 2300)


@pytest.mark.parametrize(
    ("day", "kind", "label"),
    [
        (date(2026, 3, 10), DayKind.SCHOOL_DAY, ""),
        (date(2026, 3, 11), DayKind.SCHOOL_DAY, ""),
        (date(2026, 3, 14), DayKind.WEEKEND, ""),
        (date(2026, 2, 16), DayKind.HOLIDAY, "Vacances d'hiver"),
        (date(2026, 2, 21), DayKind.WEEKEND, ""),
        (date(2026, 5, 14), DayKind.PUBLIC_HOLIDAY, "Ascension"),
        (date(2026, 5, 15), DayKind.CLOSURE, "Pont de l'Ascension"),
    ],
)
def test_a_day_has_one_kind_and_says_why(day: date, kind: DayKind, label: str) -> None:
    found = calendar().kind_of(day, TILLEULS)

    assert (found.kind, found.label) == (kind, label)


def test_both_ends_of_a_period_belong_to_it() -> None:
    assert calendar().kind_of(date(2026, 2, 13)).kind is DayKind.SCHOOL_DAY
    assert calendar().kind_of(date(2026, 2, 27)).kind is DayKind.HOLIDAY
    assert calendar().kind_of(date(2026, 3, 2)).kind is DayKind.SCHOOL_DAY


def test_a_closure_of_one_site_leaves_the_others_open() -> None:
    day = date(2026, 3, 12)

    assert calendar().kind_of(day, JEAN_MACE).kind is DayKind.CLOSURE
    assert calendar().kind_of(day, TILLEULS).kind is DayKind.SCHOOL_DAY
    assert calendar().kind_of(day).kind is DayKind.SCHOOL_DAY


def test_a_school_day_moved_to_a_wednesday_stands_for_an_ordinary_school_day() -> None:
    moved = calendar().kind_of(date(2026, 5, 20))

    assert moved.kind is DayKind.SCHOOL_DAY
    assert moved.weekdays == {1, 2, 4, 5}


def test_working_days_are_monday_to_friday_without_public_holidays() -> None:
    week_of_ascension = [date(2026, 5, day) for day in range(11, 18)]

    assert [PLAIN.is_working_day(day) for day in week_of_ascension] == [True, True, True, False, True, False, False]


def test_school_holidays_and_closures_are_working_days() -> None:
    assert calendar().is_working_day(date(2026, 2, 16))
    assert calendar().is_working_day(date(2026, 5, 15))


def test_half_past_two_on_the_night_of_the_spring_change_is_the_one_instant_half_past_three() -> None:
    found = PLAIN.at(date(2026, 3, 29), time(2, 30))

    assert found.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert found.isoformat() == "2026-03-29T03:30:00+02:00"


def test_half_past_two_on_the_night_of_the_autumn_change_is_the_second_one() -> None:
    found = PLAIN.at(date(2026, 10, 25), time(2, 30))

    assert found.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert found.isoformat() == "2026-10-25T02:30:00+01:00"


def test_reunion_is_three_hours_ahead_of_a_winter_day_in_paris() -> None:
    reunion = calendar("Indian/Reunion", "la-reunion", ())

    assert reunion.at(date(2026, 1, 12), time(10)).astimezone(UTC).hour == 6
    assert PLAIN.at(date(2026, 1, 12), time(10)).astimezone(UTC).hour == 9


def test_today_is_the_date_of_the_towns_clocks() -> None:
    late = datetime(2026, 1, 12, 21, 30, tzinfo=UTC)

    assert PLAIN.today(late) == date(2026, 1, 12)
    assert calendar("Indian/Reunion", "la-reunion", ()).today(late) == date(2026, 1, 13)


@settings(deadline=None)
@given(
    day=some.dates(date(2024, 1, 1), date(2028, 12, 31)),
    minutes=some.integers(0, 24 * 60 - 1),
    zone=some.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Miquelon", "America/Cayenne"]),
)
def test_a_wall_clock_is_exactly_one_instant_and_shown_again_as_itself_or_later(
    day: date, minutes: int, zone: str
) -> None:
    wall = time(minutes // 60, minutes % 60)
    found = calendar(zone, periods=()).at(day, wall)

    shown = found.replace(tzinfo=None)
    assert (shown - datetime.combine(day, wall)).total_seconds() in (0, 3600)
    assert found.astimezone(UTC).astimezone(found.tzinfo).isoformat() == found.isoformat()
