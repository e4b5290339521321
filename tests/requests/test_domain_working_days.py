"""Working days of a town hall, against the calendar of 2026 and 2027."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.domain.working_days import Office

AURORE = Office(zone=ZoneInfo("Europe/Paris"), holidays="metropole")
DORE = Office(zone=ZoneInfo("Indian/Reunion"), holidays="la-reunion")
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "working_days", "due"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 20), 5, date(2026, 11, 27)),
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2027, 5, 5), 2, date(2027, 5, 10)),
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 21), 0, date(2026, 11, 23)),
    ],
)
def test_weekends_and_holidays_are_not_counted(day: date, working_days: int, due: date) -> None:
    assert AURORE.after(day, working_days) == due


def test_each_part_of_france_has_its_own_holidays() -> None:
    abolition = date(2027, 12, 20)

    assert AURORE.works_on(abolition)
    assert not DORE.works_on(abolition)


def test_today_is_the_towns() -> None:
    evening = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)

    assert (AURORE.today(evening), DORE.today(evening)) == (date(2026, 11, 20), date(2026, 11, 21))


@given(DAYS, st.integers(1, 60))
def test_counting_back_what_was_counted_gives_the_same_number(day: date, working_days: int) -> None:
    due = AURORE.after(day, working_days)

    assert AURORE.works_on(due)
    assert AURORE.between(day, due) == working_days
    assert AURORE.between(due, day) == 0
