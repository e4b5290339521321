"""Public holidays of every part of France, against the texts that set them (docs/calendars.md)."""

from datetime import date
from typing import get_args

import pytest

from services.identity.domain.municipalities import PublicHolidays
from shared.public_holidays import SETS, public_holidays


def own(of: str, year: int) -> set[date]:
    """What a set has that the mainland has not."""
    return set(public_holidays(of, year).keys() - public_holidays("metropole", year).keys())


@pytest.mark.parametrize(
    ("of", "day"),
    [
        ("mayotte", date(2026, 4, 27)),
        ("martinique", date(2026, 5, 22)),
        ("guadeloupe", date(2026, 5, 27)),
        ("saint-martin", date(2026, 5, 28)),
        ("guyane", date(2026, 6, 10)),
        ("saint-barthelemy", date(2026, 10, 9)),
        ("la-reunion", date(2026, 12, 20)),
    ],
)
def test_the_abolition_of_slavery_is_commemorated_on_each_territorys_day(of: str, day: date) -> None:
    assert own(of, 2026) == {day}
    assert public_holidays(of, 2026)[day] == "Abolition de l'esclavage"


def test_saint_martin_had_the_day_of_guadeloupe_before_2018() -> None:
    assert own("saint-martin", 2017) == {date(2017, 5, 27)}


def test_new_caledonia_celebrates_its_citizenship() -> None:
    assert own("nouvelle-caledonie", 2026) == {date(2026, 9, 24)}


def test_wallis_and_futuna_have_their_saint_and_their_territory() -> None:
    assert own("wallis-et-futuna", 2026) == {date(2026, 4, 28), date(2026, 7, 29)}


def test_polynesia_has_the_good_friday_and_the_arrival_of_the_gospel() -> None:
    assert own("polynesie-francaise", 2024) == {date(2024, 3, 5), date(2024, 3, 29), date(2024, 6, 29)}


def test_polynesia_celebrates_matarii_instead_of_autonomy_from_2026_on() -> None:
    assert own("polynesie-francaise", 2025) == {date(2025, 3, 5), date(2025, 4, 18), date(2025, 6, 29)}
    assert own("polynesie-francaise", 2026) == {date(2026, 3, 5), date(2026, 4, 3), date(2026, 11, 20)}


def test_saint_pierre_and_miquelon_have_the_mainlands_days() -> None:
    assert own("saint-pierre-et-miquelon", 2026) == set()


@pytest.mark.parametrize("of", SETS)
def test_the_days_of_a_year_come_in_order(of: str) -> None:
    days = list(public_holidays(of, 2026))

    assert days == sorted(days)


def test_a_town_can_be_given_every_set_there_is() -> None:
    assert set(get_args(PublicHolidays)) == set(SETS)
