"""From when a day can be changed, for whom first, and for whom at all."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pydantic import ValidationError

from services.reservations.domain.audience import Audience, Who
from services.reservations.domain.verdict import Verdict
from tests.reservations.sample_town import calendar, paris, regulation

DAY = date(2026, 3, 10)
EVENING = {"id": "veille", "shape": "calendar_days_before", "days": 1, "time": "18:00"}
BORN = date(2020, 3, 11)
RESIDENT, OUTSIDER = Who(resident=True), Who(resident=False)


def opening(opens: dict[str, Any], day: date = DAY) -> str:
    found = regulation({**EVENING, "opens": opens}).verdict("book", day, now=paris(2023, 1, 1), calendar=calendar())
    assert found.state == "not_yet"
    assert found.opens is not None
    return f"{found.opens:%a %d/%m/%y %H:%M}"


@pytest.mark.parametrize(
    ("opens", "instant"),
    [
        ({"days_before": 60}, "Fri 09/01/26 00:00"),
        ({"days_before": 365, "time": "07:00"}, "Mon 10/03/25 07:00"),
        ({"weeks_before": 2}, "Mon 23/02/26 00:00"),
        ({"weeks_before": 1, "weekday": 5, "time": "12:00"}, "Fri 06/03/26 12:00"),
        ({"months_before": 1, "day": 15, "time": "08:00"}, "Sun 15/02/26 08:00"),
        ({"months_before": 1, "day": 31}, "Sat 28/02/26 00:00"),
        ({"months_before": 3}, "Mon 01/12/25 00:00"),
        ({"at": "2026-02-21T07:00"}, "Sat 21/02/26 07:00"),
    ],
)
def test_a_rule_of_any_shape_can_open_later(opens: dict[str, Any], instant: str) -> None:
    assert opening(opens) == instant


def test_an_opening_the_night_the_clocks_change_is_one_instant() -> None:
    assert opening({"days_before": 1, "time": "02:30"}, date(2026, 3, 30)) == "Sun 29/03/26 03:30"


@pytest.mark.parametrize(
    "opens",
    [
        {},
        {"days_before": 0},
        {"days_before": 60, "weeks_before": 2},
        {"weeks_before": 1, "day": 3},
        {"at": "2026-02-21"},
        {"at": 20},
        "demain",
    ],
)
def test_an_opening_is_told_in_one_way(opens: Any) -> None:
    with pytest.raises(ValidationError):
        regulation({**EVENING, "opens": opens})


# Saint-Jean-Bonnefonds: residents from 21 August 7:00, others from 28 August 7:00.
def test_residents_of_saint_jean_bonnefonds_book_a_week_before_the_others() -> None:
    rules = regulation(
        {
            **EVENING,
            "opens": {"at": "2026-08-28T07:00"},
            "openings": [{"audience": {"residents": True}, "opens": {"at": "2026-08-21T07:00"}}],
        }
    )

    def state(now: Any, who: Who) -> str:
        return rules.verdict("book", date(2026, 9, 7), now=now, calendar=calendar(), who=who).state

    assert state(paris(2026, 8, 21, 6, 59), RESIDENT) == "not_yet"
    assert state(paris(2026, 8, 21, 7), RESIDENT) == "open"
    assert state(paris(2026, 8, 21, 7), OUTSIDER) == "not_yet"
    assert state(paris(2026, 8, 28, 7), OUTSIDER) == "open"


def test_of_several_openings_for_a_child_the_first_counts() -> None:
    window = {
        "from": "2026-02-16",
        "until": "2026-02-27",
        "opens": "2026-01-20T07:00",
        "opens_for_residents": "2026-01-18T07:00",
        "closes": "2026-01-31T23:59",
        "openings": [
            {"audience": {"groups": ["CP", "CE1"]}, "opens": "2026-01-16T07:00"},
            {"audience": {"enrolled_before": "2025-09-01"}, "opens": "2026-01-14T07:00"},
        ],
    }
    rules = regulation({"id": "hiver", "shape": "absolute_window", "windows": [window]})

    def opens(**who: Any) -> int:
        found = rules.verdict("book", DAY_OF_WINTER, now=paris(2026, 1, 1), calendar=calendar(), who=Who(**who))
        assert found.opens is not None
        return found.opens.day

    assert opens(resident=False) == 20
    assert opens(resident=True) == 18
    assert opens(resident=True, group="CE1") == 16
    assert opens(resident=False, group="CM2", enrolled=date(2024, 9, 1)) == 14
    assert opens(resident=False, group="CM2", enrolled=date(2025, 9, 1)) == 20


DAY_OF_WINTER = date(2026, 2, 18)


def test_what_opens_earlier_for_some_opens_for_all_at_some_time() -> None:
    with pytest.raises(ValidationError, match="give “opens”"):
        regulation({**EVENING, "openings": [{"audience": {"residents": True}, "opens": {"days_before": 60}}]})


def test_a_day_that_would_open_after_its_deadline_has_no_window() -> None:
    rules = regulation({**EVENING, "opens": {"at": "2026-03-09T18:01"}})

    for now in (paris(2026, 3, 9, 18), paris(2026, 3, 9, 18, 1)):
        assert rules.verdict("book", DAY, now=now, calendar=calendar()).state == "no_window"


def for_whom(audience: dict[str, Any], **who: Any) -> bool:
    return Audience.model_validate(audience).fits(Who(**who), DAY)


@pytest.mark.parametrize(
    ("audience", "who", "fits"),
    [
        ({"residents": True}, {"resident": False}, False),
        ({"residents": False}, {"resident": False}, True),
        ({"groups": ["CP"]}, {"group": "CP"}, True),
        ({"groups": ["CP"]}, {"group": ""}, False),
        ({"categories": ["interne"]}, {"category": "interne"}, True),
        ({"categories": ["interne"]}, {}, False),
        ({"ages": {"from": 3, "to": 5}}, {"birth_date": BORN}, True),
        ({"ages": {"from": 6}}, {"birth_date": BORN}, False),
        ({"ages": {"to": 5}}, {"birth_date": date(2020, 3, 10)}, False),
        ({"ages": {"from": 6}}, {"birth_date": date(2020, 3, 10)}, True),
        ({"ages": {"from": 0}}, {"birth_date": None}, False),
        ({"enrolled_before": "2025-09-01"}, {"enrolled": date(2025, 8, 31)}, True),
        ({"enrolled_before": "2025-09-01"}, {"enrolled": None}, False),
        ({"enrolled_since": "2025-09-01"}, {"enrolled": date(2025, 9, 1)}, True),
        ({"enrolled_since": "2025-09-01"}, {"enrolled": date(2024, 9, 2)}, False),
        ({"residents": True, "groups": ["CP"]}, {"resident": False, "group": "CP"}, False),
    ],
)
def test_an_audience_is_all_that_it_says(audience: dict[str, Any], who: dict[str, Any], fits: bool) -> None:
    assert for_whom(audience, **who) == fits


def test_age_is_counted_on_the_day_itself() -> None:
    six = Audience.model_validate({"ages": {"from": 6}})

    assert not six.fits(Who(birth_date=BORN), date(2026, 3, 10))
    assert six.fits(Who(birth_date=BORN), date(2026, 3, 11))


def test_a_child_of_the_29th_of_february_grows_older_on_the_first_of_march() -> None:
    six = Audience.model_validate({"ages": {"from": 6}})
    born = Who(birth_date=date(2020, 2, 29))

    assert not six.fits(born, date(2026, 2, 28))
    assert six.fits(born, date(2026, 3, 1))


# Children enrolled after the deadline of a holiday period are exempt from it.
def test_who_came_after_the_deadline_can_have_a_rule_of_their_own() -> None:
    window = {"from": "2026-02-16", "until": "2026-02-27", "closes": "2026-01-31T23:59"}
    rules = regulation(
        {
            "id": "fenetre",
            "shape": "absolute_window",
            "windows": [window],
            "audience": {"enrolled_before": "2026-02-01"},
        },
        {**EVENING, "audience": {"enrolled_since": "2026-02-01"}},
    )

    def found(enrolled: date) -> Verdict:
        who = Who(enrolled=enrolled)
        return rules.verdict("book", DAY_OF_WINTER, now=paris(2026, 2, 10), calendar=calendar(), who=who)

    assert found(date(2025, 9, 1)).state == "passed"
    assert found(date(2026, 2, 2)).open


OPENINGS = some.one_of(
    some.fixed_dictionaries({"days_before": some.integers(1, 200)}),
    some.fixed_dictionaries({"weeks_before": some.integers(1, 30), "weekday": some.integers(1, 7)}),
    some.fixed_dictionaries({"months_before": some.integers(1, 12), "day": some.integers(1, 31)}),
)


@settings(deadline=None)
@given(day=some.dates(date(2025, 1, 1), date(2027, 12, 31)), general=OPENINGS, own=OPENINGS)
def test_nobody_waits_longer_for_being_named(day: date, general: dict[str, Any], own: dict[str, Any]) -> None:
    rules = regulation(
        {
            "id": "veille",
            "shape": "hours_before",
            "hours": 0,
            "opens": general,
            "openings": [{"audience": {"residents": True}, "opens": own}],
        }
    )

    def opens(who: Who) -> float:
        found = rules.verdict("book", day, now=paris(2020, 1, 1), calendar=calendar(), who=who).opens
        assert found is not None
        return found.timestamp()

    assert opens(RESIDENT) <= opens(OUTSIDER)


def test_a_day_whose_rules_are_for_others_says_for_whom() -> None:
    rules = regulation({**EVENING, "id": "habitants", "audience": {"residents": True}})

    found = rules.verdict("book", DAY, now=paris(2026, 3, 1), calendar=calendar(), who=OUTSIDER)
    assert (found.state, found.rule_id) == ("no_window", "habitants")
    assert found.audience == Audience(residents=True)
    assert rules.verdict("book", DAY, now=paris(2026, 3, 1), calendar=calendar(), who=RESIDENT).audience is None
