"""Why a day can or cannot be booked, in the order a family can do least about."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from services.reservations.domain.audience import Audience
from services.reservations.domain.bookable import Enrolment, left_alone, refused_together
from services.reservations.domain.refusals_of_days import (
    ClosedThen,
    DeadlinePassed,
    ExcludedBy,
    NotEnrolled,
    NotForThisChild,
    NotThatWeekday,
    NotYetOpen,
    NoWindow,
    OnlyInHolidays,
    PublicHolidayThen,
    RequiredFirst,
    SchoolHolidayThen,
    StillRequired,
)
from services.reservations.domain.regulation import Action
from shared.errors import NotFound, Refused
from tests.reservations.sample_town import TOWN, ask, child, paris, town

NOW = paris(2026, 3, 2, 8, 0)
JANUARY = paris(2026, 1, 12, 8, 0)


def refusal(activity: str, day: date, *, now: datetime = NOW) -> type[Refused] | None:
    found = ask(activity, day, now=now).refusal
    return type(found) if found else None


def test_a_meal_is_bookable_on_a_school_day_before_its_deadline() -> None:
    answer = ask("repas", date(2026, 3, 10), now=NOW)

    assert answer.allowed
    assert answer.limit == paris(2026, 3, 6, 10, 0)
    assert (answer.rule_id, answer.rule_version) == ("j-2", 3)


@pytest.mark.parametrize(
    ("activity", "day", "reason"),
    [
        ("repas", date(2025, 8, 31), NotEnrolled),
        ("repas", date(2026, 7, 4), NotEnrolled),
        ("repas", date(2026, 3, 11), NotThatWeekday),
        ("repas", date(2026, 3, 14), NotThatWeekday),
        ("repas", date(2026, 5, 14), PublicHolidayThen),
        ("repas", date(2026, 2, 17), SchoolHolidayThen),
        ("repas", date(2026, 5, 15), ClosedThen),
        ("stage", date(2026, 3, 10), OnlyInHolidays),
        ("stage", date(2026, 2, 20), NotThatWeekday),
        ("journee", date(2026, 3, 10), NotThatWeekday),
        ("journee", date(2026, 2, 28), NotThatWeekday),
    ],
)
def test_a_day_says_why_it_is_shut(activity: str, day: date, reason: type[Refused]) -> None:
    assert refusal(activity, day) is reason


def test_a_shut_day_says_so_even_when_its_deadline_has_passed() -> None:
    assert refusal("repas", date(2026, 5, 14), now=paris(2026, 6, 1, 8, 0)) is PublicHolidayThen


def test_the_early_club_runs_on_a_wednesday_though_no_meal_is_served() -> None:
    wednesday = date(2026, 3, 11)

    assert refusal("avant-repas", wednesday) is None
    assert refusal("repas", wednesday) is NotThatWeekday


def test_a_school_day_moved_to_a_wednesday_serves_meals_and_shuts_the_leisure_centre() -> None:
    moved = date(2026, 5, 20)

    assert refusal("repas", moved) is None
    assert refusal("avant-repas", moved) is None
    assert refusal("journee", moved) is NotThatWeekday


def test_a_closure_of_the_childs_own_school_counts_for_that_child_only() -> None:
    day = date(2026, 3, 12)
    elsewhere = ask("repas", day, now=NOW, who=child(site="ecole-jean-mace"))

    assert isinstance(elsewhere.refusal, ClosedThen)
    assert refusal("repas", day) is None


def test_a_window_says_from_when() -> None:
    answer = ask("journee", date(2026, 2, 18), now=JANUARY, who=child(resident=False))

    assert isinstance(answer.refusal, NotYetOpen)
    assert answer.refusal.facts["opens"] == answer.opens == paris(2026, 1, 17, 7, 0)


def test_residents_book_while_others_wait() -> None:
    assert ask("journee", date(2026, 2, 18), now=JANUARY).allowed


def test_a_holiday_without_a_window_says_so() -> None:
    one_more_week = child(enrolments=tuple(replace(one, ends=date(2026, 12, 31)) for one in child().enrolments))

    assert ask("stage", date(2026, 2, 16), now=JANUARY, who=one_more_week).allowed
    assert isinstance(
        town().answer(f"{TOWN}.stage", date(1, 1, 1), action="cancel", child=one_more_week, now=JANUARY).refusal,
        NoWindow,
    )


def test_a_passed_deadline_tells_the_rule_the_limit_and_whom_to_ask() -> None:
    found = ask("repas", date(2026, 3, 10), now=paris(2026, 3, 6, 10, 1)).refusal

    assert isinstance(found, DeadlinePassed)
    assert found.facts["rule"] == "j-2"
    assert found.facts["rule_version"] == 3
    assert found.facts["limit"].isoformat() == "2026-03-06T10:00:00+01:00"
    assert found.facts["contact"] == "Sainte-Aurore, 02 61 91 20 00, enfance@sainte-aurore.example"


def test_what_is_booked_can_be_cancelled_though_the_child_left_or_the_day_closed() -> None:
    left = child(enrolments=())

    assert ask("repas", date(2026, 3, 10), now=NOW, action="cancel", who=left).allowed
    assert ask("repas", date(2026, 5, 15), now=NOW, action="cancel").allowed


@pytest.mark.parametrize("action", ["book", "cancel"])
def test_an_unknown_activity_is_not_found(action: Action) -> None:
    with pytest.raises(NotFound):
        ask("piscine", date(2026, 3, 10), now=NOW, action=action)


def test_a_new_class_replaces_the_old_one_by_starting() -> None:
    old = child().enrolments[0]
    new = Enrolment(
        programme_id=old.programme_id,
        site_id=f"{TOWN}.ecole-jean-mace",
        group="CE2",
        starts=date(2026, 1, 5),
        ends=date(2026, 7, 3),
    )
    moved = child(enrolments=(new, old))

    assert moved.enrolment_on(old.programme_id, date(2026, 1, 4)) == old
    assert moved.enrolment_on(old.programme_id, date(2026, 1, 5)) == new


MEALS = {activity.id: activity for activity in town().programme(f"{TOWN}.restaurant").activities}
CLUB = {activity.id: activity for activity in town().programme(f"{TOWN}.garderie").activities}
REPAS, PAI = MEALS[f"{TOWN}.repas"], MEALS[f"{TOWN}.pai"]
SOIR_1, SOIR_2 = CLUB[f"{TOWN}.soir-1"], CLUB[f"{TOWN}.soir-2"]


def test_a_meal_and_a_special_diet_exclude_each_other_both_ways() -> None:
    assert isinstance(refused_together(REPAS, {PAI.id}, MEALS), ExcludedBy)
    assert isinstance(refused_together(PAI, {REPAS.id}, MEALS), ExcludedBy)
    assert refused_together(REPAS, set(), MEALS) is None


def test_the_second_evening_needs_the_first() -> None:
    assert isinstance(refused_together(SOIR_2, set(), CLUB), RequiredFirst)
    assert refused_together(SOIR_2, {SOIR_1.id}, CLUB) is None


def test_the_first_evening_stays_while_the_second_needs_it() -> None:
    assert isinstance(left_alone(SOIR_1, {SOIR_2.id}, CLUB), StillRequired)
    assert left_alone(SOIR_2, {SOIR_1.id}, CLUB) is None


def test_an_activity_for_others_is_refused_and_what_is_booked_can_be_cancelled() -> None:
    small = {"residents": True, "ages": {"from": 3, "to": 5}}
    known = town()
    meals = known.programmes[f"{TOWN}.restaurant"]
    activities = tuple(replace(one, audience=Audience.model_validate(small)) for one in meals.activities)
    place = replace(known, programmes={**known.programmes, meals.id: replace(meals, activities=activities)})

    def refusal(action: Action, day: date, **who: Any) -> Refused | None:
        now = paris(2026, 3, 2, 9)
        return place.answer(f"{TOWN}.repas", day, action=action, child=child(**who), now=now).refusal

    assert isinstance(refusal("book", date(2026, 3, 10)), NotForThisChild)
    assert refusal("cancel", date(2026, 3, 10)) is None
    born = date(2020, 3, 12)
    assert refusal("book", date(2026, 3, 10), birth_date=born) is None
    assert isinstance(refusal("book", date(2026, 3, 12), birth_date=born), NotForThisChild)
    assert isinstance(refusal("book", date(2026, 3, 10), birth_date=born, resident=False), NotForThisChild)
    assert isinstance(refusal("book", date(2026, 3, 10), birth_date=None), NotForThisChild)


def test_rules_are_asked_about_the_class_the_category_and_the_first_day_of_a_child() -> None:
    enrolment = replace(child().enrolments[0], group="CP", category="interne", starts=date(2026, 2, 1))
    before = replace(enrolment, starts=date(2025, 9, 1), ends=date(2026, 1, 31), group="GS")

    who = child(enrolments=(before, enrolment)).who_on(enrolment.programme_id, enrolment)
    assert (who.group, who.category, who.enrolled) == ("CP", "interne", date(2025, 9, 1))
