"""Until when a day can be changed: the shapes of real regulations."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.deadlines import working_days_before
from tests.reservations.sample_town import calendar, paris, regulation

MONDAY = date(2026, 3, 9)
PLAIN = calendar(periods=())
REUNION = calendar("Indian/Reunion", "la-reunion", ())
ALSACE = calendar(public_holidays="alsace-moselle", periods=())
EARLY = paris(2024, 1, 1)
BIG_DAYS = some.dates(date(2024, 1, 1), date(2028, 12, 31))


def limit_of(day: date, of: TownCalendar = PLAIN, **rule: object) -> datetime:
    verdict = regulation({"id": "regle", **rule}).verdict("book", day, now=EARLY, calendar=of)
    assert verdict.limit is not None
    return verdict.limit


def days_before(day: date, count: int, of: TownCalendar = PLAIN) -> str:
    found = limit_of(day, of, shape="working_days_before", days=count, time="12:00")
    return f"{found:%A %d/%m %H:%M}"


# Cruas: two days before, week-ends not counted, noon.
@pytest.mark.parametrize(
    ("day", "limit"),
    [
        (date(2026, 3, 9), "Thursday 05/03 12:00"),
        (date(2026, 3, 10), "Friday 06/03 12:00"),
        (date(2026, 3, 11), "Monday 09/03 12:00"),
        (date(2026, 3, 12), "Tuesday 10/03 12:00"),
        (date(2026, 3, 13), "Wednesday 11/03 12:00"),
    ],
)
def test_two_working_days_before(day: date, limit: str) -> None:
    assert days_before(day, 2) == limit


# Villes-Sœurs: three days before.
@pytest.mark.parametrize(
    ("day", "limit"),
    [
        (date(2026, 3, 9), "Wednesday 04/03 12:00"),
        (date(2026, 3, 10), "Thursday 05/03 12:00"),
        (date(2026, 3, 11), "Friday 06/03 12:00"),
        (date(2026, 3, 12), "Monday 09/03 12:00"),
        (date(2026, 3, 13), "Tuesday 10/03 12:00"),
    ],
)
def test_three_working_days_before(day: date, limit: str) -> None:
    assert days_before(day, 3) == limit


@pytest.mark.parametrize(
    ("count", "day", "limit"),
    [
        (2, date(2025, 5, 2), "Tuesday 29/04 12:00"),
        (2, date(2025, 5, 5), "Wednesday 30/04 12:00"),
        (3, date(2025, 5, 2), "Monday 28/04 12:00"),
        (3, date(2025, 5, 6), "Wednesday 30/04 12:00"),
    ],
)
def test_the_first_of_may_on_a_thursday_is_not_counted(count: int, day: date, limit: str) -> None:
    assert days_before(day, count) == limit


@pytest.mark.parametrize(
    ("tuesday", "limit"),
    [
        (date(2024, 4, 2), "Thursday 28/03 12:00"),
        (date(2025, 4, 22), "Thursday 17/04 12:00"),
        (date(2026, 4, 7), "Thursday 02/04 12:00"),
        (date(2027, 3, 30), "Thursday 25/03 12:00"),
        (date(2028, 4, 18), "Thursday 13/04 12:00"),
    ],
)
def test_the_tuesday_after_easter_closes_on_the_thursday_before(tuesday: date, limit: str) -> None:
    assert days_before(tuesday, 2) == limit


def test_good_friday_is_not_counted_where_it_is_a_public_holiday() -> None:
    assert days_before(date(2026, 4, 7), 2, ALSACE) == "Wednesday 01/04 12:00"


def test_a_limit_falls_before_christmas_and_new_year_when_both_are_on_weekdays() -> None:
    assert days_before(date(2027, 1, 4), 2) == "Wednesday 30/12 12:00"
    assert days_before(date(2026, 12, 28), 2) == "Wednesday 23/12 12:00"


def test_reunion_does_not_count_its_abolition_day() -> None:
    day = date(2027, 12, 22)

    assert days_before(day, 2, REUNION) == "Friday 17/12 12:00"
    assert days_before(day, 2, PLAIN) == "Monday 20/12 12:00"


def test_a_limit_is_on_the_clock_of_the_town() -> None:
    rule = {"shape": "calendar_days_before", "days": 1, "time": "18:00"}

    assert limit_of(MONDAY, REUNION, **rule).isoformat() == "2026-03-08T18:00:00+04:00"
    assert limit_of(MONDAY, PLAIN, **rule).isoformat() == "2026-03-08T18:00:00+01:00"


def test_calendar_days_count_week_ends_and_public_holidays() -> None:
    found = limit_of(date(2026, 4, 7), shape="calendar_days_before", days=2, time="10:00")

    assert found.isoformat() == "2026-04-05T10:00:00+02:00"


def test_zero_days_before_is_the_morning_of_the_day_itself() -> None:
    assert (
        limit_of(MONDAY, shape="calendar_days_before", days=0, time="08:30").isoformat() == "2026-03-09T08:30:00+01:00"
    )


@pytest.mark.parametrize("weekday", range(5))
def test_a_whole_week_closes_on_the_thursday_of_the_week_before(weekday: int) -> None:
    day = date(2026, 3, 9 + weekday)

    found = limit_of(day, shape="week_before", weeks=1, weekday=4, time="23:59")
    assert found.date() == date(2026, 3, 5)


# Vailhauques: Monday and Tuesday until Friday 9:00, Thursday and Friday until Tuesday 9:00.
@pytest.mark.parametrize(
    ("day", "limit"),
    [
        (date(2026, 3, 9), date(2026, 3, 6)),
        (date(2026, 3, 10), date(2026, 3, 6)),
        (date(2026, 3, 12), date(2026, 3, 10)),
        (date(2026, 3, 13), date(2026, 3, 10)),
    ],
)
def test_groups_of_weekdays_close_together(day: date, limit: date) -> None:
    groups = [
        {"weekdays": [1, 2], "limit_weekday": 5, "time": "09:00"},
        {"weekdays": [4, 5], "limit_weekday": 2, "time": "09:00"},
    ]

    assert limit_of(day, shape="weekday_groups", groups=groups).date() == limit


def test_a_group_that_closes_on_its_own_weekday_closes_a_week_before() -> None:
    groups = [{"weekdays": [1], "limit_weekday": 1, "time": "09:00"}]

    assert limit_of(MONDAY, shape="weekday_groups", groups=groups).date() == date(2026, 3, 2)


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_limit_in_the_night_the_clocks_change_is_one_instant(night: date) -> None:
    day = date.fromordinal(night.toordinal() + 1)

    found = limit_of(day, shape="calendar_days_before", days=1, time="02:30")
    assert found.timestamp() == datetime.fromisoformat(f"{night}T01:30:00+00:00").timestamp()


@settings(deadline=None)
@given(day=BIG_DAYS, count=some.integers(1, 20), town=some.sampled_from([PLAIN, REUNION, ALSACE]))
def test_counting_back_lands_on_a_working_day_before_the_day(day: date, count: int, town: TownCalendar) -> None:
    found = working_days_before(day, count, town)

    assert found < day
    assert town.is_working_day(found)


@settings(deadline=None)
@given(day=BIG_DAYS, count=some.integers(1, 20))
def test_one_more_working_day_before_is_always_earlier(day: date, count: int) -> None:
    assert working_days_before(day, count + 1, PLAIN) < working_days_before(day, count, PLAIN)


@settings(deadline=None)
@given(day=BIG_DAYS, later=some.integers(0, 30), count=some.integers(1, 20))
def test_a_later_day_never_closes_earlier(day: date, later: int, count: int) -> None:
    other = date.fromordinal(day.toordinal() + later)

    assert working_days_before(day, count, PLAIN) <= working_days_before(other, count, PLAIN)


@settings(deadline=None)
@given(day=BIG_DAYS, count=some.integers(1, 20))
def test_exactly_that_many_working_days_lie_from_the_limit_to_the_day(day: date, count: int) -> None:
    first = working_days_before(day, count, PLAIN)

    between = [date.fromordinal(number) for number in range(first.toordinal(), day.toordinal())]
    assert sum(PLAIN.is_working_day(one) for one in between) == count


SHAPES = some.one_of(
    some.fixed_dictionaries({"shape": some.just("working_days_before"), "days": some.integers(1, 60)}),
    some.fixed_dictionaries({"shape": some.just("calendar_days_before"), "days": some.integers(1, 366)}),
    some.fixed_dictionaries(
        {"shape": some.just("week_before"), "weeks": some.integers(1, 52), "weekday": some.integers(1, 7)}
    ),
)


@settings(deadline=None)
@given(day=BIG_DAYS, rule=SHAPES, minutes=some.integers(0, 1439))
def test_every_limit_is_before_the_day_begins(day: date, rule: dict[str, object], minutes: int) -> None:
    found = limit_of(day, PLAIN, **rule, time=f"{minutes // 60:02}:{minutes % 60:02}")

    assert found.date() < day
