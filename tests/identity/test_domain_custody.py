"""Custody weeks: ISO weeks in every year, changeovers, exceptions, and plans that do not fit."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.custody import ChildNotShared, Custody, CustodyUnfit, check_plan, check_span
from shared.contracts.households import CustodyException, CustodyPlan

CLAIRE, KARIM = "hsh_claire", "hsh_karim"
HOMES = [CLAIRE, KARIM]


def weeks(changeover: int = 1, *exceptions: CustodyException) -> CustodyPlan:
    return CustodyPlan(even_weeks=CLAIRE, odd_weeks=KARIM, changeover=changeover, exceptions=exceptions)


def days(first: str, last: str, household: str = KARIM) -> CustodyException:
    return CustodyException(starts=date.fromisoformat(first), ends=date.fromisoformat(last), household_id=household)


@pytest.mark.parametrize(
    ("day", "household"),
    [
        ("2026-11-16", KARIM),
        ("2026-11-22", KARIM),
        ("2026-11-23", CLAIRE),
        ("2026-11-29", CLAIRE),
        # Week 53 of 2026 and week 1 of 2027 are both odd: two in a row.
        ("2026-12-21", CLAIRE),
        ("2026-12-28", KARIM),
        ("2027-01-01", KARIM),
        ("2027-01-04", KARIM),
        ("2027-01-10", KARIM),
        ("2027-01-11", CLAIRE),
        # A year of 52 weeks goes on in turn: 52 is even, 1 is odd.
        ("2027-12-27", CLAIRE),
        ("2028-01-03", KARIM),
    ],
)
def test_a_day_is_whose_the_number_of_its_week_says(day: str, household: str) -> None:
    assert weeks().household_on(date.fromisoformat(day)) == household


@pytest.mark.parametrize(
    ("day", "household"),
    [("2026-11-19", CLAIRE), ("2026-11-20", KARIM), ("2026-11-26", KARIM), ("2026-11-27", CLAIRE)],
)
def test_with_a_friday_changeover_the_week_that_begins_on_friday_counts(day: str, household: str) -> None:
    """Friday 20 November 2026 is in week 47, Friday 27 in week 48."""
    assert weeks(5).household_on(date.fromisoformat(day)) == household


def test_a_changeover_on_sunday_belongs_to_the_week_it_ends() -> None:
    assert weeks(7).household_on(date(2026, 11, 22)) == KARIM
    assert weeks(7).household_on(date(2026, 11, 28)) == KARIM
    assert weeks(7).household_on(date(2026, 11, 29)) == CLAIRE


@given(st.dates(date(2000, 1, 1), date(2199, 1, 1)), st.integers(1, 7))
def test_a_custody_week_is_whole(day: date, changeover: int) -> None:
    begun = day - timedelta(days=(day.isoweekday() - changeover) % 7)

    assert len({weeks(changeover).household_on(begun + timedelta(days=one)) for one in range(7)}) == 1


@given(st.dates(date(2000, 1, 1), date(2190, 1, 1)), st.integers(0, 400), st.integers(1, 7))
def test_the_ranges_cover_every_day_once_and_say_the_same(start: date, length: int, changeover: int) -> None:
    until, plan = start + timedelta(days=length), weeks(changeover)
    spans = list(plan.spans(start, until))

    covered = [first + timedelta(days=one) for first, last, _ in spans for one in range((last - first).days + 1)]
    assert covered == [start + timedelta(days=one) for one in range(length + 1)]
    assert all(plan.household_on(day) == whose for first, last, whose in spans for day in (first, last))
    assert all(one[2] != other[2] for one, other in itertools.pairwise(spans))


def test_of_two_exceptions_for_a_day_the_later_counts() -> None:
    plan = weeks(1, days("2026-12-19", "2027-01-03", CLAIRE), days("2026-12-26", "2027-01-03", KARIM))

    assert plan.household_on(date(2026, 12, 24)) == CLAIRE
    assert plan.household_on(date(2026, 12, 26)) == KARIM


def test_exceptions_are_put_in_order_of_their_days() -> None:
    later, sooner = days("2026-12-26", "2026-12-27"), days("2026-12-19", "2026-12-20")

    assert check_plan(weeks(1, later, sooner), HOMES).exceptions == (sooner, later)


def test_a_child_of_one_household_has_no_weeks() -> None:
    with pytest.raises(ChildNotShared) as refused:
        check_plan(weeks(), [CLAIRE])
    assert refused.value.facts == {"count": 1}


@pytest.mark.parametrize(
    ("plan", "fields"),
    [
        (CustodyPlan(even_weeks=CLAIRE, odd_weeks="hsh_other"), ["odd_weeks"]),
        (CustodyPlan(even_weeks=CLAIRE, odd_weeks=CLAIRE), ["odd_weeks"]),
        (weeks(1, days("2026-12-20", "2026-12-19")), ["exceptions.0.until"]),
        (weeks(1, days("2026-12-20", "2026-12-20", "hsh_other")), ["exceptions.0.household_id"]),
    ],
)
def test_a_plan_that_does_not_fit_names_its_fields(plan: CustodyPlan, fields: list[str]) -> None:
    with pytest.raises(CustodyUnfit) as refused:
        check_plan(plan, HOMES)
    assert [error["field"] for error in refused.value.errors] == fields


def test_at_most_400_days_are_shown_at_a_time() -> None:
    check_span(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=400))
    for start, until in ((date(2026, 1, 2), date(2026, 1, 1)), (date(2026, 1, 1), date(2027, 2, 6))):
        with pytest.raises(CustodyUnfit):
            check_span(start, until)


def test_the_world_hears_ids_only_and_services_the_plan() -> None:
    world, services = Custody(municipality_id="sainte-aurore", child_id="chd_1", plan=weeks()).told()

    assert (world.exchange, world.household_ids) == ("events", (CLAIRE, KARIM))
    assert (services.exchange, services.plan) == ("profiles", weeks())
    assert "plan" not in world.model_dump()
    gone, _ = Custody(municipality_id="sainte-aurore", child_id="chd_1", plan=None).told()
    assert gone.household_ids == ()
