"""The school-year change: who goes where, what stays, and that twice is once."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.calendar import Period, PeriodKind
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.enrolments import Enrolled
from services.reservations.domain.school_year import (
    Advanced,
    Move,
    OneChild,
    SchoolYear,
    UnusableYear,
    advance,
    checked,
    end_of_school_year,
    last_day_of_class,
)
from tests.reservations.sample_town import TOWN, calendar, town

PROGRAMMES = town().programmes
TILLEULS, MACE = f"{TOWN}.ecole-des-tilleuls", f"{TOWN}.ecole-jean-mace"
MEALS, CARE = f"{TOWN}.restaurant", f"{TOWN}.garderie"
NEXT_GROUP = Move(site_id=TILLEULS, group="CE1", to_group="CE2")


def year(*moves: Move, children: tuple[OneChild, ...] = (), **changes: Any) -> SchoolYear:
    asked = SchoolYear(
        starts=date(2026, 9, 1),
        ends=date(2027, 7, 2),
        enrolled_on=date(2026, 7, 3),
        programme_ids=frozenset({MEALS, CARE}),
        moves=moves or (NEXT_GROUP,),
        exceptions={one.reference: one for one in children},
    )
    return replace(asked, **changes)


def enrolment(programme_id: str = MEALS, **changes: Any) -> Enrolment:
    old = Enrolment(
        programme_id=programme_id,
        site_id=TILLEULS,
        group="CE1",
        starts=date(2025, 9, 1),
        ends=date(2026, 7, 3),
        category="personnel",
        diet="sans-porc",
        id="enr_1",
    )
    return replace(old, **changes)


def moved(*enrolments: Enrolment, asked: SchoolYear | None = None, reference: str = "E1") -> Advanced:
    known = Enrolled(version=2, enrolments=enrolments or (enrolment(),))
    return advance(reference, known, asked or year(), PROGRAMMES)


def faults(asked: SchoolYear) -> list[str]:
    catalogue = Catalogue(programmes=PROGRAMMES, sites=town().sites)
    with pytest.raises(UnusableYear) as refused:
        checked(asked, catalogue)
    return [error["field"] for error in refused.value.errors]


def test_the_next_class_begins_beside_the_old_one() -> None:
    done = moved()

    old, new = done.enrolled.enrolments
    assert old == enrolment()
    assert new == enrolment(group="CE2", starts=date(2026, 9, 1), ends=date(2027, 7, 2))
    assert (new.id, done.outcomes) == ("", {"created": 1})


def test_each_programme_of_the_child_is_moved() -> None:
    assert moved(enrolment(), enrolment(CARE)).outcomes == {"created": 2}


def test_a_programme_that_is_not_named_stays_as_it_is() -> None:
    done = moved(asked=year(programme_ids=frozenset({CARE})))

    assert (done.outcomes, done.enrolled.enrolments) == ({}, (enrolment(),))


def test_the_same_again_finds_the_child_moved() -> None:
    once = moved().enrolled
    again = advance("E1", once, year(), PROGRAMMES)

    assert (again.enrolled, again.outcomes) == (once, {"unchanged": 1})
    assert again.enrolled is once


def test_an_enrolment_made_by_hand_for_the_new_year_is_kept() -> None:
    by_hand = enrolment(site_id=MACE, group="CE2", starts=date(2026, 9, 7), ends=date(2027, 7, 2))

    assert moved(enrolment(), by_hand).outcomes == {"unchanged": 1}


def test_a_long_enrolment_ends_when_the_new_one_begins() -> None:
    old, _ = moved(enrolment(ends=date(2028, 8, 31))).enrolled.enrolments

    assert (old.starts, old.ends, old.id) == (date(2025, 9, 1), date(2026, 8, 31), "enr_1")


def test_who_leaves_keeps_the_past_and_gets_nothing_new() -> None:
    leaves = year(Move(site_id=TILLEULS, group="CE1", leaves=True))
    done = moved(enrolment(ends=date(2028, 8, 31)), asked=leaves)

    assert (done.outcomes, done.enrolled.enrolments) == ({"left": 1}, (enrolment(ends=date(2026, 8, 31)),))
    assert advance("E1", done.enrolled, leaves, PROGRAMMES).outcomes == {"left": 1}


def test_who_left_during_the_year_is_not_brought_back() -> None:
    assert moved(enrolment(ends=date(2026, 2, 10))).outcomes == {}


def test_the_class_that_counts_that_day_is_the_one_that_moves() -> None:
    later = enrolment(group="CM1", starts=date(2026, 1, 5))

    assert moved(enrolment(), later).outcomes == {"unplaced": 1}


def test_one_who_repeats_the_class_stays_in_it() -> None:
    repeats = year(NEXT_GROUP, children=(OneChild(reference="E1"), OneChild(reference="E2", leaves=True)))

    assert moved(asked=repeats).enrolled.enrolments[1].group == "CE1"
    assert moved(asked=repeats, reference="E2").outcomes == {"left": 1}
    assert moved(asked=repeats, reference="E3").enrolled.enrolments[1].group == "CE2"


def test_a_move_of_every_group_holds_where_no_other_does() -> None:
    asked = year(NEXT_GROUP, Move(site_id=TILLEULS, group="*", to_site_id=MACE))

    assert moved(asked=asked).enrolled.enrolments[1].site_id == TILLEULS
    other = moved(enrolment(group="CM2"), asked=asked).enrolled.enrolments[1]
    assert (other.site_id, other.group) == (MACE, "CM2")


def test_a_child_without_a_class_can_be_moved_into_one() -> None:
    asked = year(Move(site_id=TILLEULS, group="", to_group="PS"))

    assert moved(enrolment(group=""), asked=asked).enrolled.enrolments[1].group == "PS"


def test_a_child_no_move_names_is_reported_and_left_alone() -> None:
    done = moved(enrolment(group="CM2", ends=date(2028, 8, 31)))

    assert done.enrolled.enrolments == (enrolment(group="CM2", ends=date(2028, 8, 31)),)
    assert [(one.reference, one.group, one.reason) for one in done.unplaced] == [
        ("E1", "CM2", "No move names this site and group.")
    ]


def test_a_site_the_programme_has_not_is_reported() -> None:
    asked = year(Move(site_id=TILLEULS, group="CE1", to_site_id=f"{TOWN}.college"))

    assert moved(asked=asked).unplaced[0].reason == "The programme does not take place at the new site."


def test_what_is_wrong_with_a_school_year_is_named_by_field() -> None:
    assert faults(year(ends=date(2026, 8, 31))) == ["until"]
    assert faults(year(ends=date(2028, 9, 1))) == ["until"]
    assert faults(year(enrolled_on=date(2026, 9, 1))) == ["enrolled_on"]
    assert faults(year(programme_ids=frozenset({f"{TOWN}.piscine"}))) == ["programme_ids"]
    assert faults(year(NEXT_GROUP, NEXT_GROUP)) == ["moves"]
    assert faults(year(Move(site_id=TILLEULS, group="CE1", to_site_id="ailleurs.ecole"))) == ["moves"]


def test_the_last_day_of_class_is_the_one_before_the_summer() -> None:
    summer = Period(kind=PeriodKind.HOLIDAY, starts=date(2026, 7, 4), ends=date(2026, 8, 31), label="Vacances d'été")

    assert last_day_of_class(calendar(periods=(summer,)), date(2026, 9, 1)) == date(2026, 7, 3)


def test_a_calendar_without_a_day_of_class_answers_a_summer_back() -> None:
    endless = Period(kind=PeriodKind.HOLIDAY, starts=date(2026, 1, 1), ends=date(2026, 12, 31), label="Vacances")

    assert last_day_of_class(calendar(periods=(endless,)), date(2026, 9, 1)) == date(2026, 5, 4)


def test_a_school_year_ends_in_august() -> None:
    assert end_of_school_year(date(2026, 9, 1)) == date(2027, 8, 31)
    assert end_of_school_year(date(2027, 3, 1)) == date(2027, 8, 31)
