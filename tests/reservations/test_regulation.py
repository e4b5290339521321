"""What a regulation says of one day at one instant: limits, windows, residents, versions."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pydantic import ValidationError

from services.reservations.domain.audience import Who
from services.reservations.domain.regulation import Regulation, Verdict
from tests.reservations.sample_town import (
    EVENING_BEFORE,
    TWO_DAYS_BEFORE,
    WINTER,
    WINTER_WINDOW,
    calendar,
    paris,
    regulation,
)

TUESDAY = date(2026, 3, 10)
WINTER_DAY = date(2026, 2, 18)


def verdict(
    rules: Regulation, now: datetime, day: date = TUESDAY, *, resident: bool = True, action: Any = "book"
) -> Verdict:
    return rules.verdict(action, day, now=now, calendar=calendar(), who=Who(resident=resident))


def test_a_day_is_open_up_to_the_very_instant_of_its_limit() -> None:
    limit = paris(2026, 3, 6, 10, 0)

    assert verdict(regulation(), limit).open
    assert verdict(regulation(), limit + timedelta(microseconds=1)).state == "passed"


def test_a_verdict_names_the_rule_its_version_and_its_limit() -> None:
    found = verdict(regulation(), paris(2026, 3, 9, 8, 0))

    assert (found.rule_id, found.rule_version) == ("j-2", 3)
    assert found.limit == paris(2026, 3, 6, 10, 0)


def test_the_earliest_limit_of_several_rules_wins() -> None:
    found = verdict(regulation(EVENING_BEFORE, TWO_DAYS_BEFORE), paris(2026, 3, 2, 8, 0))

    assert found.rule_id == "j-2"
    assert found.limit == paris(2026, 3, 6, 10, 0)


def test_booking_and_cancelling_have_their_own_rules() -> None:
    rules = regulation(TWO_DAYS_BEFORE, cancelling=[EVENING_BEFORE])
    monday = paris(2026, 3, 9, 17, 0)

    assert not verdict(rules, monday).open
    assert verdict(rules, monday, action="cancel").open


def test_a_window_opens_and_closes_at_its_instants() -> None:
    instants = [
        (paris(2026, 1, 17, 6, 59), "not_yet"),
        (paris(2026, 1, 17, 7, 0), "open"),
        (paris(2026, 1, 31, 23, 59), "open"),
        (paris(2026, 2, 1, 0, 0), "passed"),
    ]

    found = [verdict(regulation(WINTER), now, WINTER_DAY, resident=False).state for now, _ in instants]
    assert found == [state for _, state in instants]


def test_residents_come_first() -> None:
    now = paris(2026, 1, 10, 7, 0)

    assert verdict(regulation(WINTER), now, WINTER_DAY, resident=True).open
    closed = verdict(regulation(WINTER), now, WINTER_DAY, resident=False)
    assert closed.state == "not_yet"
    assert closed.opens == paris(2026, 1, 17, 7, 0)


def test_without_a_date_for_residents_all_start_together() -> None:
    window = {name: value for name, value in WINTER_WINDOW.items() if name != "opens_for_residents"}

    found = verdict(regulation({**WINTER, "windows": [window]}), paris(2026, 1, 10, 7, 0), WINTER_DAY)
    assert found.state == "not_yet"


@pytest.mark.parametrize("day", [date(2026, 2, 15), date(2026, 2, 28)])
def test_a_day_outside_every_window_has_none(day: date) -> None:
    assert verdict(regulation(WINTER), paris(2026, 1, 20, 8, 0), day).state == "no_window"


@pytest.mark.parametrize("day", [date(2026, 2, 16), date(2026, 2, 27)])
def test_both_ends_of_a_window_belong_to_it(day: date) -> None:
    assert verdict(regulation(WINTER), paris(2026, 1, 20, 8, 0), day).open


def test_a_second_window_gives_a_second_chance() -> None:
    again = {**WINTER_WINDOW, "opens": "2026-02-05T07:00", "closes": "2026-02-10T12:00", "opens_for_residents": None}
    rules = regulation({**WINTER, "windows": [WINTER_WINDOW, again]})

    assert verdict(rules, paris(2026, 1, 20, 8, 0), WINTER_DAY).open
    assert verdict(rules, paris(2026, 2, 3, 8, 0), WINTER_DAY).state == "not_yet"
    assert verdict(rules, paris(2026, 2, 6, 8, 0), WINTER_DAY).open
    over = verdict(rules, paris(2026, 2, 11, 8, 0), WINTER_DAY)
    assert over.state == "passed"
    assert over.limit == paris(2026, 2, 10, 12, 0)


def test_a_window_and_a_deadline_must_both_allow_it() -> None:
    rules = regulation(WINTER, {"id": "j-30", "shape": "calendar_days_before", "days": 30, "time": "12:00"})
    now = paris(2026, 1, 18, 8, 0)

    found = verdict(rules, now, WINTER_DAY)
    assert found.open
    assert found.rule_id == "j-30"
    assert verdict(rules, now, date(2026, 2, 17)).open
    assert verdict(rules, now, date(2026, 2, 16)).state == "passed"


def test_wednesdays_and_holidays_can_have_different_rules() -> None:
    rules = regulation({**WINTER, "on": "holiday"}, {**EVENING_BEFORE, "on": "school_day"})
    now = paris(2026, 1, 20, 8, 0)

    assert verdict(rules, now, date(2026, 3, 11)).rule_id == "veille"
    assert verdict(rules, now, WINTER_DAY).rule_id == "fenetre-hiver"


def test_a_day_no_rule_speaks_of_cannot_be_changed() -> None:
    rules = regulation({**EVENING_BEFORE, "on": "holiday"})

    assert verdict(rules, paris(2026, 1, 20, 8, 0), date(2026, 3, 11)).state == "no_window"


def test_a_weekday_left_out_of_the_groups_cannot_be_changed() -> None:
    groups = [{"weekdays": [1], "limit_weekday": 5, "time": "09:00"}]

    found = verdict(regulation({"id": "g", "shape": "weekday_groups", "groups": groups}), paris(2026, 1, 20, 8, 0))
    assert found.state == "no_window"


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_days_of_other_centuries_have_no_window(day: date) -> None:
    assert verdict(regulation(), paris(2026, 1, 20, 8, 0), day).state == "no_window"


@settings(deadline=None)
@given(now=some.datetimes(datetime(2026, 1, 1), datetime(2026, 4, 1), timezones=some.just(UTC)))  # noqa: DTZ001  # hypothesis wants naive bounds
def test_a_verdict_is_open_exactly_between_its_opening_and_its_limit(now: datetime) -> None:
    found = verdict(regulation(WINTER, TWO_DAYS_BEFORE), now, WINTER_DAY)

    assert found.opens is not None
    assert found.limit is not None
    assert found.open == (found.opens <= now <= found.limit)


@pytest.mark.parametrize(
    "change",
    [
        {"shape": "moon_phase"},
        {"days": 0},
        {"days": "2"},
        {"days": True},
        {"time": "25:00"},
        {"time": "10:00+02:00"},
        {"time": 36000},
        {"extra": 1},
        {"id": "J-2"},
        {"on": "sunday"},
    ],
)
def test_a_rule_of_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        regulation({**TWO_DAYS_BEFORE, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"until": "2026-02-15"},
        {"closes": "2026-01-16T07:00"},
        {"closes": "2026-02-17T07:00"},
        {"opens_for_residents": "2026-01-18T07:00"},
        {"opens": "2026-01-17"},
        {"from": 20500},
        {"from": "0001-01-01"},
        {"opens": "0001-01-01T00:00", "opens_for_residents": None},
        {"opens": "2026-02-30T00:00"},
    ],
)
def test_a_window_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        regulation({**WINTER, "windows": [{**WINTER_WINDOW, **change}]})


@pytest.mark.parametrize("change", [{"version": 0}, {"payment_hold": "PT0S"}, {"booking": []}, {"cancelling": []}])
def test_a_regulation_needs_a_version_a_hold_and_rules_both_ways(change: dict[str, Any]) -> None:
    rules = {"version": 1, "booking": [TWO_DAYS_BEFORE], "cancelling": [TWO_DAYS_BEFORE]}

    with pytest.raises(ValidationError):
        Regulation.model_validate({**rules, **change})


def test_a_regulation_survives_being_stored() -> None:
    rules = regulation(WINTER, TWO_DAYS_BEFORE, payment_hold="PT45S", waiting_list=True)

    assert Regulation.model_validate(rules.model_dump(mode="json")) == rules
    assert rules.content() == regulation(WINTER, TWO_DAYS_BEFORE, payment_hold="PT45S", waiting_list=True).content()
