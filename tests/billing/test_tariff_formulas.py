"""What a grid makes of a quotient, of a duration and of reductions."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.money import line_total
from services.billing.domain.prices import Price, price_for
from services.billing.domain.tariffs import Effort, Grid, Modifier, Situation, Tariff, Unit
from services.billing.domain.tariffs.conditions import Conditions, Siblings, Span
from services.billing.domain.tariffs.payers import Child, Enrolled, Offered, Payer, age_on
from tests.billing.samples import FAMILY, LATE_CARE, MEAL, TOWN_ID, brackets, grid, with_quotients

DAY = date(2026, 11, 3)
EFFORT = Effort(percent=Decimal("0.35"), floor_cents=Decimal(120), ceiling_cents=Decimal(450))
QUARTERS = Unit(per="started_unit", minutes=15)
ZOE, HUGO, LOU = "chd_zoe", "chd_hugo", "chd_lou"
CHILDREN = (
    Child(id=HUGO, birth_date=date(2020, 5, 2)),
    Child(id=ZOE, birth_date=date(2017, 3, 9)),
    Child(id=LOU, birth_date=date(2023, 1, 30)),
)
OFFERED = {MEAL: Offered(programme_id="restaurant", minutes=90), LATE_CARE: Offered(programme_id="garderie")}
PAYER = Payer(family=with_quotients(("2026-01-01", "900")), children=CHILDREN, offered=OFFERED)


def rule(**changed: Any) -> Grid:
    return grid("repas", **{"brackets": (), **changed})


def price(*grids: Grid, payer: Payer = PAYER, child: str = ZOE, **asked: Any) -> Price:
    situation = Situation(**{"child_id": child, "activity_id": MEAL, "day": DAY, **asked})
    found = price_for(Tariff(id=TOWN_ID, grids=grids), payer, situation)
    assert found is not None
    return found


def of(quotient: str | None) -> Payer:
    return replace(PAYER, family=with_quotients(("2026-01-01", quotient)) if quotient else FAMILY)


@pytest.mark.parametrize(
    ("quotient", "cents"),
    [("0", "120"), ("342.85", "120"), ("342.86", "120.0010"), ("900", "315"), ("1285.71", "449.9985"), ("9999", "450")],
)
def test_an_effort_rate_is_a_share_of_the_quotient_between_floor_and_ceiling(quotient: str, cents: str) -> None:
    assert price(rule(effort=EFFORT), payer=of(quotient)).cents == Decimal(cents)


def test_without_a_quotient_an_effort_rate_is_its_ceiling_and_is_flagged() -> None:
    found = price(rule(effort=EFFORT), payer=of(None))

    assert (found.cents, found.quotient_known, found.formula) == (450, False, "effort")


def test_a_fixed_price_needs_no_quotient() -> None:
    found = price(rule(fixed=Decimal(250)), payer=of(None))

    assert (found.cents, found.quotient_known, found.quotient) == (250, True, None)


@pytest.mark.parametrize(("quotient", "cents"), [("622", 100), ("622.99", 100), ("623", 330), ("1000.5", 330)])
def test_in_whole_euros_what_is_beyond_them_counts_for_nothing(quotient: str, cents: int) -> None:
    steps = brackets(("0", "622", 100), ("623", "1000", 330), ("1001", None, 415))

    assert price(rule(brackets=steps, precision="euro"), payer=of(quotient)).cents == cents


@pytest.mark.parametrize(("minutes", "cents"), [(1, 35), (15, 35), (16, 70), (46, 140), (0, 0), (None, 35)])
def test_each_quarter_of_an_hour_that_began_is_due(minutes: int | None, cents: int) -> None:
    found = price(rule(fixed=Decimal(35), unit=QUARTERS, charge="late_pickup"), charge="late_pickup", minutes=minutes)

    assert found.cents == cents


def test_at_least_the_minimum_of_units_is_due() -> None:
    late = rule(fixed=Decimal(100), unit=replace(QUARTERS, minimum=2), charge="late_pickup")

    assert price(late, charge="late_pickup", minutes=3).cents == 200
    assert price(late, charge="late_pickup", minutes=0).cents == 0


@pytest.mark.parametrize(("minutes", "cents"), [(60, "150"), (90, "225"), (20, "50"), (7, "17.5")])
def test_by_duration_every_minute_counts_for_its_share(minutes: int, cents: str) -> None:
    assert price(rule(fixed=Decimal(150), unit=Unit(per="duration", minutes=60)), minutes=minutes).cents == Decimal(
        cents
    )


def test_a_share_without_end_is_cut_where_it_says_nothing_any_more() -> None:
    found = price(rule(fixed=Decimal(100), unit=Unit(per="duration", minutes=60)), minutes=20)

    assert found.cents == Decimal("33.333333")
    assert line_total(3, found.cents) == 100


def test_what_nobody_measured_lasted_as_long_as_it_was_planned() -> None:
    found = price(rule(fixed=Decimal(35), unit=QUARTERS))

    assert (found.cents, found.units, found.minutes, found.base_cents) == (210, 6, 90, 35)


def test_nobody_leaves_late_for_as_long_as_the_activity_was_planned() -> None:
    assert price(rule(fixed=Decimal(35), unit=QUARTERS, charge="late_pickup"), charge="late_pickup").units == 1


def test_an_absence_and_a_visit_without_booking_cost_the_booking_unless_they_have_prices_of_their_own() -> None:
    meal, absent = rule(fixed=Decimal(415)), rule(id=f"{TOWN_ID}.absence", fixed=Decimal(299), charge="absence")

    assert [price(meal, charge=charge).cents for charge in ("absence", "unbooked")] == [415, 415]
    assert price(meal, absent, charge="absence").cents == 299
    assert price(meal, absent).cents == 415


def test_leaving_late_costs_nothing_where_the_town_has_no_price_for_it() -> None:
    late = Situation(child_id=ZOE, activity_id=MEAL, day=DAY, charge="late_pickup", minutes=12)

    assert price_for(Tariff(id=TOWN_ID, grids=(rule(fixed=Decimal(415)),)), PAYER, late) is None


SECOND = Conditions(siblings=Siblings(ranks=Span(first=2, last=2)))
THIRD = Conditions(siblings=Siblings(ranks=Span(first=3)))


def test_reductions_follow_each_other_in_the_order_of_the_grid_and_say_what_they_did() -> None:
    halves = Modifier(reason="Deuxième enfant", percent=Decimal(50), when=SECOND)
    solidarity = Modifier(reason="Solidarité", cents=Decimal(100), quotients=(Decimal(0), Decimal(950)))

    found = price(rule(fixed=Decimal(415), modifiers=(halves, solidarity)), child=HUGO)
    other_way = price(rule(fixed=Decimal(415), modifiers=(solidarity, halves)), child=HUGO)

    assert [(step.reason, step.before, step.after) for step in found.steps] == [
        ("Deuxième enfant", Decimal(415), Decimal("207.5")),
        ("Solidarité", Decimal("207.5"), Decimal(100)),
    ]
    assert (found.cents, other_way.cents) == (100, 50)
    assert price(rule(fixed=Decimal(415), modifiers=(halves,)), child=ZOE).steps == ()


def test_a_reduction_by_income_is_for_none_whose_income_is_not_known() -> None:
    solidarity = Modifier(reason="Solidarité", cents=Decimal(100), quotients=(Decimal(0), Decimal(950)))
    found = price(rule(fixed=Decimal(415), modifiers=(solidarity,)), payer=of(None))

    assert (found.cents, found.quotient_known) == (415, False)


@pytest.mark.parametrize(("child", "cents"), [(ZOE, 300), (HUGO, 200), (LOU, 100)])
def test_brothers_and_sisters_rank_by_birth(child: str, cents: int) -> None:
    first = Conditions(siblings=Siblings(ranks=Span(first=1, last=1)))
    grids = [
        rule(id=f"{TOWN_ID}.rang-{at}", fixed=Decimal(amount), when=when)
        for at, (when, amount) in enumerate([(first, 300), (SECOND, 200), (THIRD, 100)])
    ]

    assert price(*grids, child=child).cents == cents


def test_among_those_enrolled_a_child_ranks_only_with_them_and_on_those_days() -> None:
    alone = Conditions(siblings=Siblings(ranks=Span(first=1, last=1), among="enrolled"))
    more = Conditions(siblings=Siblings(ranks=Span(first=2), among="enrolled"))
    grids = (rule(id=f"{TOWN_ID}.un", fixed=Decimal(300), when=alone), rule(fixed=Decimal(200), when=more))
    whole = {"programme_id": "restaurant", "category": "", "starts": date(2026, 9, 1), "ends": date(2027, 7, 1)}
    there = [Enrolled(**{**whole, "child_id": child}) for child in (ZOE, HUGO)]
    left = replace(there[0], ends=date(2026, 10, 31))

    assert price(*grids, payer=replace(PAYER, enrolled=tuple(there)), child=HUGO).cents == 200
    assert price(*grids, payer=replace(PAYER, enrolled=(left, there[1])), child=HUGO).cents == 300
    assert price(*grids, payer=replace(PAYER, enrolled=(there[1],)), child=HUGO).cents == 300


def test_the_category_is_the_one_of_the_enrolment_there_on_that_day() -> None:
    outside = rule(id=f"{TOWN_ID}.ulis", fixed=Decimal(50), when=Conditions(categories=("ulis",)))
    others = rule(fixed=Decimal(415), when=Conditions(other_than=("ulis",)))
    enrolled = Enrolled(
        child_id=ZOE, programme_id="restaurant", category="ulis", starts=date(2026, 9, 1), ends=date(2026, 12, 31)
    )
    payer = replace(PAYER, enrolled=(enrolled,))

    assert price(outside, others, payer=payer).cents == 50
    assert price(outside, others, payer=payer, day=date(2027, 1, 4)).cents == 415
    assert price(outside, others, payer=payer, child=HUGO).cents == 415


def test_a_child_of_no_known_age_pays_the_dearest_it_may_be() -> None:
    small = rule(id=f"{TOWN_ID}.petits", fixed=Decimal(300), when=Conditions(ages=Span(first=0, last=5)))
    tall = rule(fixed=Decimal(415), when=Conditions(ages=Span(first=6)))

    assert [price(small, tall, child=child).cents for child in (LOU, ZOE, "chd_unknown")] == [300, 415, 415]


def test_a_reduction_by_age_is_for_none_whose_age_is_not_known() -> None:
    cheaper = Modifier(reason="Petits", percent=Decimal(50), when=Conditions(ages=Span(first=0, last=5)))
    dearer = Modifier(reason="Grands", percent=Decimal(150), when=Conditions(ages=Span(first=6)))

    assert price(rule(fixed=Decimal(400), modifiers=(cheaper,)), child="chd_unknown").cents == 400
    assert price(rule(fixed=Decimal(400), modifiers=(dearer,)), child="chd_unknown").cents == 600


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2020, 2, 29), date(2026, 2, 28), 5),
        (date(2020, 2, 29), date(2026, 3, 1), 6),
        (date(2020, 11, 3), date(2026, 11, 3), 6),
        (date(2020, 11, 4), date(2026, 11, 3), 5),
    ],
)
def test_a_year_is_completed_on_the_birthday(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@given(
    quantity=st.integers(1, 31),
    quotient=st.decimals(min_value=0, max_value=99_999, places=2),
    percent=st.decimals(min_value=0, max_value=100, places=2),
)
def test_a_line_is_never_more_than_half_a_cent_from_its_exact_amount(
    quantity: int, quotient: Decimal, percent: Decimal
) -> None:
    reduced = Modifier(reason="x", percent=percent)
    found = price(rule(effort=EFFORT, modifiers=(reduced,)), payer=of(str(quotient)))
    exact = min(max(quotient * EFFORT.percent, EFFORT.floor_cents), EFFORT.ceiling_cents) * percent / 100 * quantity

    assert abs(line_total(quantity, found.cents) - exact) <= Decimal("0.5")
    assert EFFORT.floor_cents * percent <= found.cents * 100 <= EFFORT.ceiling_cents * percent


def test_seventeen_meals_at_four_euros_fifteen_are_seventy_euros_fifty_five() -> None:
    assert line_total(17, price(rule(fixed=Decimal(415))).cents) == 7055
