"""School holidays as published, zone by zone."""

from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest
from vacances_scolaires_france import SchoolHolidayDates

from services.reservations.domain.calendar import PeriodKind
from services.reservations.domain.school_holidays import SchoolYearUnknown, first_day_of, known, school_holidays

# Class is held on that Tuesday; the other source has it among the holidays.
LAST_EVENING = {date(2028, 7, 4)}
# A bridge is listed by the order and not by the other source, or the other way round with the public holiday itself.
BRIDGES = {date(2026, 5, 15), date(2026, 5, 16), date(2026, 5, 17), date(2027, 5, 9), date(2028, 5, 28)}


@cache
def other_source() -> SchoolHolidayDates:
    """It reads its whole table when made."""
    return SchoolHolidayDates()


def days(zone: str, year: str) -> set[date]:
    return {day for period in school_holidays(zone, year) for day in period.days()}


@pytest.mark.parametrize("year", ["2025-2026", "2026-2027", "2027-2028"])
@pytest.mark.parametrize("zone", ["A", "B", "C"])
def test_the_three_zones_are_those_of_another_source(zone: str, year: str) -> None:
    first = date(int(year[:4]), 9, 1)
    other = {
        day
        for calendar_year in (first.year, first.year + 1)
        for day in other_source().holidays_for_year_and_zone(calendar_year, zone)
        if first <= day < date(first.year + 1, 9, 1)
    }

    assert days(zone, year) ^ other <= LAST_EVENING | BRIDGES


def test_holidays_begin_on_a_saturday_and_end_the_day_before_class() -> None:
    autumn = school_holidays("A", "2026-2027")[0]

    assert (autumn.starts, autumn.ends) == (date(2026, 10, 17), date(2026, 11, 1))
    assert (autumn.kind, autumn.label, autumn.site_ids) == (
        PeriodKind.HOLIDAY,
        "Vacances de la Toussaint",
        frozenset(),
    )


def test_class_is_held_on_the_weekday_that_is_named() -> None:
    assert first_day_of(date(2025, 12, 19)) == date(2025, 12, 20)
    assert first_day_of(date(2025, 12, 20)) == date(2025, 12, 20)


def test_reunion_has_its_summer_in_january() -> None:
    assert date(2027, 1, 15) in days("la-reunion", "2026-2027")
    assert date(2027, 2, 1) not in days("la-reunion", "2026-2027")


@pytest.mark.parametrize(("zone", "year"), list(known()))
def test_no_two_periods_of_a_year_meet(zone: str, year: str) -> None:
    periods = school_holidays(zone, year)

    assert all(before.ends + timedelta(days=1) < after.starts for before, after in pairwise(periods))


@pytest.mark.parametrize(("zone", "year"), [("A", "2031-2032"), ("guyane", "2026-2027"), ("", "2026-2027")])
def test_what_nobody_published_is_refused_with_what_is_known(zone: str, year: str) -> None:
    with pytest.raises(SchoolYearUnknown) as refused:
        school_holidays(zone, year)

    assert "B 2027-2028" in refused.value.facts["known"]
