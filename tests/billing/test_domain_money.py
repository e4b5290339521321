"""Amounts are exact until a line is complete, then rounded half up, once."""

from decimal import ROUND_DOWN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.money import euros, half_up, line_total

CENTS = st.decimals(min_value=0, max_value=100_000, places=4)


def test_seventeen_meals_at_4_15_cost_70_55() -> None:
    assert line_total(17, Decimal(415)) == 7055


def test_part_cents_are_kept_until_the_line_is_complete() -> None:
    assert line_total(4, Decimal("37.5")) == 150
    assert line_total(3, Decimal("37.5")) == 113


@pytest.mark.parametrize(("cents", "whole"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.4999", 2), ("0", 0)])
def test_half_a_cent_goes_up(cents: str, whole: int) -> None:
    assert half_up(Decimal(cents)) == whole


@given(CENTS)
def test_rounding_moves_an_amount_by_half_a_cent_at_most(cents: Decimal) -> None:
    assert abs(half_up(cents) - cents) <= Decimal("0.5")


@given(CENTS)
def test_whole_cents_are_never_touched(cents: Decimal) -> None:
    whole = cents.quantize(Decimal(1), ROUND_DOWN)

    assert half_up(whole) == whole


@given(st.integers(0, 400), st.integers(0, 100_000))
def test_a_line_of_whole_cents_is_a_plain_product(quantity: int, cents: int) -> None:
    assert line_total(quantity, Decimal(cents)) == quantity * cents


@given(st.integers(0, 400), CENTS)
def test_a_line_is_within_half_a_cent_of_its_exact_amount(quantity: int, unit: Decimal) -> None:
    assert abs(line_total(quantity, unit) - quantity * unit) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("cents", "shown"), [("415", "4.15"), ("400", "4.00"), ("37.5", "0.375"), ("0", "0.00"), ("1200", "12.00")]
)
def test_a_unit_price_shows_all_its_digits(cents: str, shown: str) -> None:
    assert euros(Decimal(cents)) == shown
