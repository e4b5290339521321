"""The least and the most days of a week, judged for all wishes together."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pydantic import ValidationError

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Line
from services.reservations.domain.decision import Decision, decide
from services.reservations.domain.refusals_of_days import DeadlinePassed, RequiredFirst
from services.reservations.domain.refusals_of_weeks import TooFewDays, TooManyDays
from services.reservations.domain.sheet import Entry, Sheet, SheetKey
from services.reservations.domain.town import Town
from services.reservations.domain.weekly import WeeklyRule, broken
from shared.errors import Refused
from tests.reservations.sample_town import EVENING_BEFORE, TOWN, child, paris, regulation, town

NOW = paris(2026, 3, 2, 9)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in range(9, 14))
GARDERIE = f"{TOWN}.garderie"
THREE_OR_NONE = {"id": "trois-jours", "minimum": 3}
TWO_AT_MOST = {"id": "deux-jours", "maximum": 2}


def ruled(*weekly: dict[str, Any]) -> Town:
    known = town()
    programme = replace(known.programmes[GARDERIE], regulation=regulation(EVENING_BEFORE, weekly=weekly))
    return replace(known, programmes={**known.programmes, GARDERIE: programme})


def wish(action: str, day: date, code: str = "avant-repas") -> Line:
    return Line(
        id=f"{action}{code}@{day.isoformat()}",
        child_id="chd_1",
        municipality_id=TOWN,
        programme_id=GARDERIE,
        activity_id=f"{TOWN}.{code}",
        date=day,
        action="book" if action == "+" else "cancel",
        added_at=NOW,
    )


def asked(
    lines: Iterable[Line],
    *weekly: dict[str, Any],
    has: Iterable[date] = (),
    around: Iterable[date] = (),
    who: RosterChild | None = None,
    now: datetime = NOW,
    final: bool = True,
) -> Decision:
    key = SheetKey(household_id="hsh_1", municipality_id=TOWN, child_id="chd_1", programme_id=GARDERIE, month="2026-03")
    sheet = Sheet(
        key=key,
        days={(f"{TOWN}.avant-repas", day): Entry(state="booked") for day in has},
        around=frozenset((f"{TOWN}.avant-repas", day) for day in around),
    )
    return decide(list(lines), sheet=sheet, town=ruled(*weekly), child=who or child(), now=now, full=(), final=final)


def why(decision: Decision) -> dict[int, type[Refused]]:
    return {int(line_id[-2:]): type(refusal) for line_id, refusal in decision.refused.items()}


def test_three_days_of_a_week_are_enough() -> None:
    assert not asked([wish("+", day) for day in (MONDAY, TUESDAY, FRIDAY)], THREE_OR_NONE).refused


def test_two_days_of_a_week_are_too_few_and_both_are_told() -> None:
    decision = asked([wish("+", MONDAY), wish("+", TUESDAY)], THREE_OR_NONE)

    assert why(decision) == {9: TooFewDays, 10: TooFewDays}
    (refusal, _) = decision.refused.values()
    assert refusal.facts["week"] == MONDAY
    assert (refusal.facts["minimum"], refusal.facts["rule"]) == (3, "trois-jours")


def test_days_already_booked_count() -> None:
    assert not asked([wish("+", FRIDAY)], THREE_OR_NONE, has=(MONDAY, TUESDAY)).refused


def test_a_cart_is_filled_day_by_day_before_it_is_judged() -> None:
    assert not asked([wish("+", MONDAY)], THREE_OR_NONE, final=False).refused


def test_each_week_is_judged_by_itself() -> None:
    next_week = [date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 20)]

    assert why(asked([wish("+", day) for day in (MONDAY, *next_week)], THREE_OR_NONE)) == {9: TooFewDays}


def test_cancelling_leaves_enough_or_nothing() -> None:
    has = (MONDAY, TUESDAY, FRIDAY)

    assert why(asked([wish("-", MONDAY)], THREE_OR_NONE, has=has)) == {9: TooFewDays}
    assert not asked([wish("-", day) for day in has], THREE_OR_NONE, has=has).refused


def test_a_day_is_swapped_for_another_of_the_same_week() -> None:
    lines = [wish("-", MONDAY), wish("+", THURSDAY)]

    assert not asked(lines, THREE_OR_NONE, has=(MONDAY, TUESDAY, FRIDAY)).refused


def test_a_second_activity_of_a_day_that_counts_changes_nothing() -> None:
    lines = [wish("+", MONDAY, "soir-1")]

    assert not asked(lines, THREE_OR_NONE, has=(MONDAY,)).refused
    assert not asked(lines, {"id": "un-jour", "maximum": 1}, has=(MONDAY,)).refused


def test_of_a_week_with_fewer_open_days_all_of_them_are_enough() -> None:
    """Ascension is on a Thursday and the town bridges to the Friday: three days are left."""
    week = [date(2026, 5, 11), date(2026, 5, 12), date(2026, 5, 13)]
    four = {"id": "quatre-jours", "minimum": 4}
    key = SheetKey(household_id="hsh_1", municipality_id=TOWN, child_id="chd_1", programme_id=GARDERIE, month="2026-05")

    def judged(days: list[date]) -> dict[int, type[Refused]]:
        lines = [wish("+", day) for day in days]
        return why(decide(lines, sheet=Sheet(key=key), town=ruled(four), child=child(), now=NOW, final=True))

    assert judged(week) == {}
    assert judged(week[:2]) == {11: TooFewDays, 12: TooFewDays}


def test_a_child_that_joins_within_the_week_is_asked_for_what_is_left_of_it() -> None:
    joins = tuple(replace(one, starts=THURSDAY) for one in child().enrolments)

    assert not asked([wish("+", day) for day in (THURSDAY, FRIDAY)], THREE_OR_NONE, who=child(enrolments=joins)).refused


def test_days_whose_deadline_has_passed_are_not_asked_for() -> None:
    wednesday = paris(2026, 3, 11, 9)

    assert not asked([wish("+", day) for day in (THURSDAY, FRIDAY)], THREE_OR_NONE, now=wednesday).refused


def test_the_days_of_a_week_that_lie_in_another_month_count() -> None:
    """The week of 30 March ends on 5 April."""
    lines = [wish("+", date(2026, 3, 30)), wish("+", date(2026, 3, 31))]

    assert not asked(lines, THREE_OR_NONE, around=[date(2026, 4, 2)]).refused
    assert why(asked(lines, TWO_AT_MOST, around=[date(2026, 4, 2)])) == {31: TooManyDays}


def test_the_last_days_beyond_the_most_are_refused() -> None:
    lines = [wish("+", day) for day in (FRIDAY, MONDAY, TUESDAY)]

    assert why(asked(lines, TWO_AT_MOST)) == {10: TooManyDays}
    assert why(asked(lines, TWO_AT_MOST, final=False)) == {10: TooManyDays}
    assert why(asked(lines[:1], TWO_AT_MOST, has=(MONDAY, TUESDAY))) == {13: TooManyDays}


def test_a_cancelled_day_makes_room_for_another() -> None:
    lines = [wish("-", MONDAY), wish("+", FRIDAY)]

    assert not asked(lines, TWO_AT_MOST, has=(MONDAY, TUESDAY)).refused


def test_cancelling_is_never_too_much() -> None:
    assert not asked([wish("-", MONDAY)], {"id": "un", "maximum": 1}, has=(MONDAY, TUESDAY, FRIDAY)).refused


def test_what_falls_out_of_a_week_takes_along_what_needs_it() -> None:
    evenings = {"id": "deux-soirs", "maximum": 1, "activities": ["soir-1"]}
    lines = [wish("+", MONDAY, "soir-1"), wish("+", TUESDAY, "soir-1"), wish("+", TUESDAY, "soir-2")]

    decision = asked(lines, evenings)
    assert {line_id: type(found) for line_id, found in decision.refused.items()} == {
        "+soir-1@2026-03-10": TooManyDays,
        "+soir-2@2026-03-10": RequiredFirst,
    }


def test_a_day_refused_for_another_reason_does_not_count() -> None:
    lines = [wish("+", day) for day in (date(2026, 3, 2), date(2026, 3, 5), date(2026, 3, 6))]

    # Of this week Tuesday, Thursday and Friday could still be booked.
    assert why(asked(lines, THREE_OR_NONE)) == {2: DeadlinePassed, 5: TooFewDays, 6: TooFewDays}


def test_a_rule_counts_the_days_weekdays_activities_and_families_it_names() -> None:
    lines = [wish("+", MONDAY), wish("+", TUESDAY)]

    for narrowed in (
        {"on": "holiday"},
        {"weekdays": [4, 5]},
        {"activities": ["soir-1"]},
        {"from": "2026-04-01"},
        {"audience": {"residents": False}},
    ):
        assert not asked(lines, {**THREE_OR_NONE, **narrowed}).refused


def test_two_rules_of_a_week_both_count() -> None:
    lines = [wish("+", day) for day in (MONDAY, TUESDAY, THURSDAY)]

    assert why(asked(lines, THREE_OR_NONE, TWO_AT_MOST)) == {9: TooFewDays, 10: TooFewDays, 12: TooManyDays}


@pytest.mark.parametrize(
    "rule",
    [{"id": "rien"}, {"id": "huit", "maximum": 8}, {"id": "envers", "minimum": 3, "maximum": 2}, {"minimum": 2}],
)
def test_a_weekly_rule_that_means_nothing_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        regulation(EVENING_BEFORE, weekly=[rule])


@settings(deadline=None)
@given(minimum=some.integers(1, 7), counted=some.integers(0, 7), open_days=some.integers(0, 7))
def test_no_day_and_all_open_days_are_always_enough(minimum: int, counted: int, open_days: int) -> None:
    rule = WeeklyRule.model_validate({"id": "moins", "minimum": minimum})

    assert broken(rule, 0, open_days) is None
    assert (broken(rule, counted, counted)) is None
    assert (broken(rule, counted, 7) == "minimum") == (0 < counted < minimum)


WEEKDAYS = some.sampled_from([MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY])


@settings(deadline=None)
@given(
    has=some.sets(WEEKDAYS),
    wished=some.permutations([MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY]).flatmap(
        lambda days: some.integers(0, 5).map(lambda count: days[:count])
    ),
    minimum=some.integers(1, 5),
    most=some.integers(0, 4),
)
def test_whatever_is_wished_a_changed_week_ends_with_none_or_enough_and_never_too_many(
    has: set[date], wished: list[date], minimum: int, most: int
) -> None:
    maximum = min(5, minimum + most)
    lines = [wish("-" if day in has else "+", day) for day in wished]

    decision = asked(lines, {"id": "semaine", "minimum": minimum, "maximum": maximum}, has=has)
    after = has ^ {line.date for line in decision.possible}
    assert len(after) <= max(maximum, len(has))
    assert len(after) == len(has) or not after or len(after) >= minimum
