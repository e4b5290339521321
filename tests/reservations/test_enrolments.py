"""What an agent's change makes of a child's enrolments, and what is told of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.enrolments import (
    AlreadyEnrolled,
    Enrolled,
    UnusableEnrolment,
    checked,
    ended,
    find,
    told,
    with_changed,
    with_new,
)
from shared.errors import NotFound
from tests.reservations.sample_town import TOWN, child, town

CATALOGUE = Catalogue(programmes=town().programmes)
SEPTEMBER, JANUARY, JULY = date(2025, 9, 1), date(2026, 1, 5), date(2026, 7, 3)


def enrolment(starts: date = SEPTEMBER, name: str = "enr_1", **changes: Any) -> Enrolment:
    first = Enrolment(
        programme_id=f"{TOWN}.restaurant",
        site_id=f"{TOWN}.ecole-des-tilleuls",
        group="CE1",
        starts=starts,
        ends=JULY,
        id=name,
    )
    return replace(first, **changes)


KNOWN = Enrolled(version=3, enrolments=(enrolment(),), child_ids=frozenset({"chd_1"}))


def faults(one: Enrolment) -> list[str]:
    with pytest.raises(UnusableEnrolment) as refused:
        checked(one, CATALOGUE)
    return [error["field"] for error in refused.value.errors]


def events(after: Enrolled, before: Enrolled = KNOWN) -> list[tuple[str, str]]:
    """Kind and enrolment of what is told."""
    return [(type(event).__name__, name) for name, event in told(TOWN, "E1", before, after).items()]


def test_what_is_wrong_with_an_enrolment_is_named_by_field() -> None:
    assert faults(enrolment(programme_id=f"{TOWN}.piscine")) == ["programme_id"]
    assert faults(enrolment(site_id=f"{TOWN}.piscine")) == ["site_id"]
    assert faults(enrolment(ends=date(2025, 8, 31))) == ["until"]
    assert faults(enrolment(starts=date(1900, 1, 1))) == ["from"]
    assert faults(enrolment(diet="sans-sel")) == ["diet"]
    assert checked(enrolment(diet="sans-porc"), CATALOGUE).diet == "sans-porc"


def test_a_town_with_diets_of_its_own_has_no_others() -> None:
    with pytest.raises(UnusableEnrolment):
        checked(enrolment(diet="sans-porc"), replace(CATALOGUE, diets={"vegetarien": "Végétarien"}))


def test_a_new_class_begins_beside_the_old_one() -> None:
    after = with_new(KNOWN, enrolment(JANUARY, name="", group="CE2"))

    assert [one.group for one in after.enrolments] == ["CE1", "CE2"]
    assert child(enrolments=after.enrolments).enrolment_on(f"{TOWN}.restaurant", JANUARY) == after.enrolments[1]


def test_the_same_enrolment_again_changes_nothing() -> None:
    assert with_new(KNOWN, enrolment(name="")) is KNOWN


def test_another_enrolment_of_the_same_day_is_refused() -> None:
    with pytest.raises(AlreadyEnrolled):
        with_new(KNOWN, enrolment(name="", group="CE2"))
    both = with_new(KNOWN, enrolment(JANUARY, name="enr_2"))
    with pytest.raises(AlreadyEnrolled):
        with_changed(both, "enr_2", enrolment(SEPTEMBER, group="CE2"))


def test_a_changed_enrolment_keeps_its_name() -> None:
    after = with_changed(KNOWN, "enr_1", enrolment(name="", group="CE2"))

    assert (after.enrolments[0].group, after.enrolments[0].id) == ("CE2", "enr_1")


def test_an_ended_enrolment_keeps_the_days_until_then() -> None:
    after = ended(KNOWN, "enr_1", date(2025, 12, 19))

    assert [(one.starts, one.ends) for one in after.enrolments] == [(SEPTEMBER, date(2025, 12, 19))]
    assert ended(after, "enr_1", JULY) is after


def test_an_enrolment_that_never_began_is_gone() -> None:
    assert ended(KNOWN, "enr_1", date(2025, 8, 31)).enrolments == ()


def test_unknown_enrolments_are_not_found() -> None:
    for change in (
        lambda: find(KNOWN, "enr_9"),
        lambda: with_changed(KNOWN, "enr_9", enrolment()),
        lambda: ended(KNOWN, "enr_9", JULY),
    ):
        with pytest.raises(NotFound):
            change()


def test_a_child_of_two_enrolments_is_covered_on_the_days_of_both() -> None:
    both = with_new(ended(KNOWN, "enr_1", date(2025, 10, 1)), enrolment(JANUARY))

    assert both.covers(f"{TOWN}.restaurant", date(2025, 10, 1))
    assert not both.covers(f"{TOWN}.restaurant", date(2025, 10, 2))
    assert not both.covers(f"{TOWN}.garderie", date(2025, 10, 1))


def test_new_and_changed_enrolments_are_told_whole_without_the_diet() -> None:
    after = with_new(KNOWN, enrolment(JANUARY, name="enr_2", diet="sans-porc", category="personnel"))
    (event,) = told(TOWN, "E1", KNOWN, after).values()

    assert event.model_dump(mode="json") == {
        "municipality_id": TOWN,
        "enrolment_id": "enr_2",
        "reference": "E1",
        "child_ids": ["chd_1"],
        "programme_id": f"{TOWN}.restaurant",
        "site_id": f"{TOWN}.ecole-des-tilleuls",
        "group": "CE1",
        "category": "personnel",
        "starts": "2026-01-05",
        "ends": "2026-07-03",
    }
    assert events(with_changed(KNOWN, "enr_1", enrolment(group="CE2"))) == [("ChildEnrolled", "enr_1")]


def test_an_end_is_told_as_one() -> None:
    (event,) = told(TOWN, "E1", KNOWN, ended(KNOWN, "enr_1", date(2025, 12, 19))).values()

    assert event.model_dump(mode="json")["last_day"] == "2025-12-19"
    assert events(ended(KNOWN, "enr_1", date(2025, 8, 31))) == [("EnrolmentEnded", "enr_1")]


def test_a_move_with_an_earlier_end_is_told_as_the_change_it_is() -> None:
    after = with_changed(KNOWN, "enr_1", enrolment(group="CE2", ends=date(2026, 6, 1)))

    assert events(after) == [("ChildEnrolled", "enr_1")]


def test_a_prior_enrolment_is_one_that_began_before() -> None:
    assert child().enrolled_before(date(2025, 9, 2))
    assert not child().enrolled_before(SEPTEMBER)
