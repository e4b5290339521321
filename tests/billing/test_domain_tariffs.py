"""Which price applies, and which tariffs may be published."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.families import Family
from services.billing.domain.prices import next_change, price_list
from services.billing.domain.tariffs import Bracket, Grid, Tariff
from services.billing.domain.tariffs.grids import in_force
from services.billing.domain.tariffs.payers import Payer
from services.billing.domain.tariffs.publication import InvalidTariff, Published, UnknownReference, publish
from tests.billing.samples import (
    BY_INCOME,
    FAMILY,
    LATE_CARE,
    MEAL,
    OFFICE,
    OTHER_OFFICE,
    PROGRAMMES,
    TARIFF,
    TOWN_ID,
    brackets,
    grid,
    price_of,
    with_quotients,
)

DAY = date(2026, 11, 3)
TODAY = date(2026, 8, 20)
NEW = Tariff(id=TOWN_ID)
CENTS = st.decimals(min_value=0, max_value=3000, places=2)


def cents(family: Family, activity: str = MEAL, day: date = DAY, tariff: Tariff = TARIFF) -> int:
    found = price_of(tariff, family, activity, day)
    assert found is not None
    return int(found.cents)


def published(*grids: Grid, tariff: Tariff = NEW, offices: tuple[object, ...] = ()) -> Published:
    return publish(
        tariff,
        offices,  # type: ignore[arg-type]  # tests hand cash offices over
        grids,
        programmes={programme.id for programme in PROGRAMMES},
        activities={activity.id for programme in PROGRAMMES for activity in programme.activities},
        today=TODAY,
    )


def faults(*grids: Grid, tariff: Tariff = NEW, offices: tuple[object, ...] = ()) -> list[str]:
    with pytest.raises(InvalidTariff) as refusal:
        published(*grids, tariff=tariff, offices=offices)
    return [error["field"] for error in refusal.value.errors]


@pytest.mark.parametrize(
    ("quotient", "expected"),
    [("0", 100), ("622", 100), ("622.01", 330), ("1000", 330), ("1000.01", 415), ("99999", 415)],
)
def test_bounds_of_a_bracket_are_included_to_the_cent(quotient: str, expected: int) -> None:
    assert cents(with_quotients(("2026-01-01", quotient))) == expected


def test_without_a_quotient_the_dearest_bracket_applies_and_is_flagged() -> None:
    found = price_of(TARIFF, FAMILY, MEAL, DAY)

    assert found is not None
    assert (int(found.cents), found.quotient_known) == (415, False)


def test_the_dearest_bracket_need_not_be_the_last() -> None:
    tariff = Tariff(id=TOWN_ID, grids=(grid("repas", brackets=brackets(("0", "100", 900), ("100.01", None, 300))),))

    assert cents(FAMILY, tariff=tariff) == 900


def test_the_quotient_of_the_day_counts_not_the_one_of_today() -> None:
    family = with_quotients(("2026-01-01", "2000"), ("2026-11-15", "300"))

    assert cents(family, day=date(2026, 11, 14)) == 415
    assert cents(family, day=date(2026, 11, 15)) == 100


def test_a_grid_for_residents_comes_before_one_for_everyone() -> None:
    assert cents(FAMILY) == 415
    assert cents(replace(FAMILY, resident=False)) == 560


def test_a_grid_for_families_from_outside_does_not_concern_residents() -> None:
    tariff = Tariff(
        id=TOWN_ID,
        grids=(grid("repas"), grid("dehors", audience="outside", brackets=brackets(("0", None, 700)))),
    )

    assert cents(FAMILY, tariff=tariff) == 415
    assert cents(replace(FAMILY, resident=False), tariff=tariff) == 700


def test_a_new_version_takes_over_on_its_first_day() -> None:
    dearer = grid("repas", version=2, valid_from=date(2026, 11, 10), brackets=brackets(("0", None, 430)))
    tariff = Tariff(id=TOWN_ID, grids=(grid("repas"), dearer))

    assert cents(FAMILY, day=date(2026, 11, 9), tariff=tariff) == 415
    assert cents(FAMILY, day=date(2026, 11, 10), tariff=tariff) == 430


def test_a_grid_holds_on_its_last_day_and_not_after() -> None:
    ending = (grid("repas", valid_until=date(2026, 11, 10)),)

    assert list(in_force(ending, date(2026, 11, 10))) == list(ending)
    assert not list(in_force(ending, date(2026, 11, 11)))


def test_an_activity_without_a_grid_has_no_price() -> None:
    assert price_of(TARIFF, FAMILY, "sainte-aurore.pai", DAY) is None


def test_a_price_tells_its_reasons() -> None:
    found = price_of(TARIFF, with_quotients(("2026-01-01", "700")), MEAL, DAY)

    assert found is not None
    assert (found.grid_id, found.grid_version) == ("sainte-aurore.repas", 1)
    assert (found.bracket_from, found.bracket_to) == (Decimal("622.01"), Decimal(1000))


@given(quotient=CENTS)
def test_every_quotient_has_its_one_bracket(quotient: Decimal) -> None:
    assert sum(bracket.holds(quotient) for bracket in BY_INCOME) == 1


@st.composite
def partitions(draw: st.DrawFn) -> tuple[Bracket, ...]:
    """Brackets as a town may publish them: from 0 on, each beginning a cent after the one before."""
    ends = sorted(draw(st.sets(st.decimals(min_value=0, max_value=3000, places=2), max_size=6)))
    begins = [Decimal(0), *(end + Decimal("0.01") for end in ends)]
    return tuple(
        Bracket(lowest=low, highest=high, cents=Decimal(draw(st.integers(0, 2000))))
        for low, high in zip(begins, [*ends, None], strict=True)
    )


@given(partitions(), CENTS)
def test_whatever_the_brackets_a_family_pays_the_price_of_the_one_it_falls_in(
    steps: tuple[Bracket, ...], quotient: Decimal
) -> None:
    tariff = published(grid("repas", brackets=steps)).tariff
    expected = [
        step.cents for step in steps if step.lowest <= quotient and (step.highest is None or quotient <= step.highest)
    ]

    assert [Decimal(cents(with_quotients(("2026-01-01", str(quotient))), tariff=tariff))] == expected


@given(partitions().filter(lambda steps: len(steps) > 1), st.data())
def test_moving_any_bound_by_a_cent_makes_a_gap_or_an_overlap(steps: tuple[Bracket, ...], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(steps) - 1))
    step = data.draw(st.sampled_from([Decimal("0.01"), Decimal("-0.01")]))
    moved = list(steps)
    moved[at] = replace(moved[at], lowest=moved[at].lowest + step)

    assert f"grids.0.brackets.{at}.from" in faults(grid("repas", brackets=tuple(moved)))


def wrong_brackets() -> Iterator[tuple[str, tuple[Bracket, ...]]]:
    yield "grids.0.brackets.0.from", brackets(("0.01", None, 1))
    yield "grids.0.brackets.0.to", brackets(("0", "10", 1))
    yield "grids.0.brackets.1.from", brackets(("0", "10", 1), ("10.02", None, 2))
    yield "grids.0.brackets.1.from", brackets(("0", "10", 1), ("10", None, 2))
    yield "grids.0.brackets.1.from", brackets(("0", None, 1), ("10", None, 2))
    yield "grids.0.brackets.1.to", brackets(("0", "10", 1), ("10.01", "9", 2), ("9.01", None, 3))


@pytest.mark.parametrize(("place", "steps"), list(wrong_brackets()))
def test_brackets_begin_at_nothing_end_nowhere_and_touch(place: str, steps: tuple[Bracket, ...]) -> None:
    assert faults(grid("repas", brackets=steps)) == [place]


def test_all_faults_of_a_file_are_told_at_once() -> None:
    gap = brackets(("0", "10", 1), ("12", None, 2))

    assert faults(grid("repas", brackets=gap), grid("soir", LATE_CARE, brackets=gap)) == [
        "grids.0.brackets.1.from",
        "grids.1.brackets.1.from",
    ]


def test_a_programme_or_activity_nobody_published_is_named() -> None:
    with pytest.raises(UnknownReference) as refusal:
        published(grid("cirque", "sainte-aurore.cirque"), offices=(replace(OFFICE, programmes=("sainte-aurore.x",)),))

    assert refusal.value.facts["names"] == "sainte-aurore.cirque, sainte-aurore.x"
    assert refusal.value.retry_after == 1


def test_the_same_file_again_changes_nothing() -> None:
    first = published(grid("repas"), offices=(OFFICE,))
    again = published(grid("repas"), offices=(OFFICE,), tariff=first.tariff)

    assert (again.offices, again.grids) == (("unchanged",), ("unchanged",))
    assert again.tariff == first.tariff


def test_a_published_version_cannot_change() -> None:
    tariff = published(grid("repas")).tariff

    assert faults(grid("repas", brackets=brackets(("0", None, 1))), tariff=tariff) == ["grids.0.version"]


def test_a_new_version_begins_after_the_one_before() -> None:
    tariff = published(grid("repas")).tariff

    assert faults(grid("repas", version=2), tariff=tariff) == ["grids.0.valid_from"]
    assert published(grid("repas", version=2, valid_from=date(2026, 9, 1)), tariff=tariff).grids == ("created",)


def test_a_version_stands_once_in_a_file() -> None:
    assert faults(grid("repas"), grid("repas")) == ["grids.0.version", "grids.1.version"]


def test_a_grid_does_not_end_before_it_begins() -> None:
    assert faults(grid("repas", valid_until=date(2024, 8, 31))) == ["grids.0.valid_until"]


def test_two_grids_may_not_price_the_same_for_the_same_families_at_once() -> None:
    assert faults(grid("repas"), grid("autre")) == ["grids.0.activities"]
    later = grid("autre", valid_from=date(2025, 9, 1))
    assert published(grid("repas", valid_until=date(2025, 8, 31)), later).grids == ("created", "created")


def test_a_price_for_residents_alone_leaves_the_others_without() -> None:
    assert faults(grid("repas", audience="resident")) == ["grids"]
    assert faults(grid("repas", audience="outside")) == ["grids"]


def test_an_activity_may_end_for_everyone() -> None:
    ending = date(2026, 7, 3)
    pair = (
        grid("repas", audience="resident", valid_until=ending),
        grid("repas-exterieurs", audience="outside", valid_until=ending),
    )

    assert published(*pair).grids == ("created", "created")


def test_a_cash_office_is_replaced_by_its_namesake() -> None:
    tariff = published(offices=(OFFICE, OTHER_OFFICE)).tariff
    renamed = replace(OFFICE, payfip_client=None)
    again = published(offices=(renamed,), tariff=tariff)

    assert again.offices == ("updated",)
    assert set(again.tariff.cash_offices) == {renamed, OTHER_OFFICE}


def test_a_programme_has_one_cash_office() -> None:
    twice = replace(OTHER_OFFICE, programmes=OFFICE.programmes)

    assert faults(offices=(OFFICE, twice)) == ["cash_offices.0.programmes", "cash_offices.1.programmes"]
    assert faults(offices=(OFFICE, OFFICE)) == ["cash_offices.0.id", "cash_offices.1.id"]


def test_a_price_list_has_every_activity_that_has_a_price_that_day() -> None:
    listed = price_list(TARIFF, Payer(family=with_quotients(("2026-01-01", "500"))), "hsh_martin", DAY)

    assert {one.activity_id: one.cents for one in listed.prices} == {
        MEAL: 100,
        LATE_CARE: 150,
        "sainte-aurore.mercredi": 1200,
    }
    assert listed.quotient_known


def test_part_cents_are_told_rounded_half_up() -> None:
    tariff = Tariff(id=TOWN_ID, grids=(grid("repas", brackets=brackets(("0", None, "37.5"))),))

    assert [one.cents for one in price_list(tariff, Payer(family=FAMILY), "hsh_martin", DAY).prices] == [38]


def test_the_next_day_prices_may_change_is_known() -> None:
    family = Payer(family=with_quotients(("2026-11-15", "300"), ("2027-01-01", "400")))
    turning = Tariff(id=TOWN_ID, grids=(grid("repas", valid_until=date(2026, 12, 31)),))

    assert next_change(turning, family, date(2026, 11, 3)) == date(2026, 11, 15)
    assert next_change(turning, family, date(2026, 11, 15)) == date(2027, 1, 1)
    assert next_change(turning, Payer(family=FAMILY), date(2026, 11, 15)) == date(2027, 1, 1)
    assert next_change(turning, family, date(2027, 1, 1)) is None
