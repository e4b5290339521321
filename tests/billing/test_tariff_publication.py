"""Which grids may stand side by side, and from when."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.tariffs import Effort, Grid, Modifier, Tariff, Unit
from services.billing.domain.tariffs.conditions import Conditions, Siblings, Span
from services.billing.domain.tariffs.coverage import representatives
from services.billing.domain.tariffs.grids import fitting
from services.billing.domain.tariffs.publication import InvalidTariff, Published, publish
from services.billing.domain.tariffs.situations import Facts
from shared.i18n import Catalogues
from shared.problems import field_error
from tests.billing.samples import LATE_CARE, MEAL, TOWN_ID, brackets, grid

TODAY = date(2026, 11, 20)
NEW = Tariff(id=TOWN_ID)
CATALOGUES = Catalogues(Path("services/billing"))


def named(name: str, **changed: Any) -> Grid:
    return grid(name, **changed)


def published(*grids: Grid, tariff: Tariff = NEW, today: date = TODAY) -> Published:
    return publish(tariff, (), grids, programmes=set(), activities={MEAL, LATE_CARE}, today=today)


def faults(*grids: Grid, tariff: Tariff = NEW, language: str = "en") -> list[tuple[str, str]]:
    with pytest.raises(InvalidTariff) as refusal:
        published(*grids, tariff=tariff)
    shown = [field_error(error, CATALOGUES, language) for error in refusal.value.errors]
    return [(error["field"], error["message"]) for error in shown]


def ranks(first: int, last: int | None = None, among: Any = "household") -> Conditions:
    return Conditions(siblings=Siblings(ranks=Span(first=first, last=last), among=among))


def ages(first: int, last: int | None = None) -> Conditions:
    return Conditions(ages=Span(first=first, last=last))


def test_every_rank_has_its_grid_or_the_one_without_is_named() -> None:
    first, second = named("un", when=ranks(1, 1)), named("deux", when=ranks(2, 2))

    assert published(first, second, named("trois", when=ranks(3))).grids == ("created",) * 3
    assert faults(first, second) == [
        (
            "grids",
            f"No grid prices {MEAL} for this child from Sunday 1 September 2024 on: lives in the town, "
            "number 3 of the children of the household.",
        )
    ]
    assert faults(first, second, language="fr")[0][1] == (
        f"Aucune grille ne donne de prix à {MEAL} pour cet enfant à partir du dimanche 1er septembre 2024 : "
        "habite la commune, enfant n° 3 du foyer."
    )


def test_two_grids_for_the_same_child_are_refused_with_the_child() -> None:
    small, tall = named("petits", when=ages(0, 6)), named("grands", when=ages(6))

    assert faults(small, tall) == [
        (
            "grids.0.activities",
            f"The grids {TOWN_ID}.grands and {TOWN_ID}.petits both price {MEAL} on Sunday 1 September 2024 for this "
            "child: lives in the town, 6 years old.",
        )
    ]
    assert published(replace(small, when=ages(0, 5)), tall)


def test_categories_need_a_grid_for_every_other_one() -> None:
    ulis = named("ulis", when=Conditions(categories=("ulis", "segpa")))

    assert "in none of the categories named" in faults(ulis)[0][1]
    assert published(ulis, named("autres", when=Conditions(other_than=("ulis", "segpa"))))
    assert "category segpa" in faults(ulis, named("autres", when=Conditions(other_than=("ulis",))))[0][1]


def test_ranks_in_the_household_and_among_those_enrolled_are_told_apart() -> None:
    assert (
        "number 2 of the household's children enrolled there"
        in faults(named("un", when=ranks(1, 1)), named("deux", when=ranks(2, None, "enrolled")))[0][1]
    )


def test_conditions_hold_beside_the_residence() -> None:
    first = named("un", when=ranks(1, 1), audience="resident")
    more = named("plus", when=ranks(2), audience="resident")

    assert published(first, more, named("dehors", audience="everyone"))
    assert "lives outside the town" in faults(first, more)[0][1]


def test_a_special_price_for_residents_falls_back_to_the_one_of_everyone() -> None:
    assert published(named("jumeaux", when=ranks(3), audience="resident"), named("tous"))


def test_each_charge_of_an_activity_is_priced_for_itself() -> None:
    late = named("retard", charge="late_pickup", unit=Unit(per="started_unit", minutes=15))

    assert published(named("repas"), late).grids == ("created", "created")
    assert "late pick-up" in faults(named("repas"), replace(late, audience="resident"))[0][1]
    assert faults(named("repas"), late, named("retard-2", charge="late_pickup"))[0][0] == "grids.2.activities"


def test_a_tariff_that_tells_thousands_of_kinds_of_children_apart_is_refused() -> None:
    named_ages = [named(f"age-{age}", when=replace(ages(age, age), categories=(f"c{age}",))) for age in range(26)]
    many = [*named_ages, *(named(f"rang-{one}", when=ranks(one, one)) for one in range(1, 10))]

    assert faults(*many) == [("grids", f"The conditions on {MEAL} tell too many kinds of children apart.")]


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("grids.0", {"brackets": ()}),
    ("grids.0", {"fixed": Decimal(1)}),
    (
        "grids.0.effort.ceiling_cents",
        {
            "brackets": (),
            "effort": Effort(percent=Decimal(1), floor_cents=Decimal(2), ceiling_cents=Decimal(1)),
        },
    ),
    ("grids.0.unit", {"unit": Unit(minutes=15)}),
    ("grids.0.unit.minutes", {"unit": Unit(per="duration")}),
    ("grids.0.when.ages", {"when": ages(6, 5)}),
    ("grids.0.when.siblings", {"when": ranks(2, 1)}),
    ("grids.0.when", {"when": Conditions(categories=("a",), other_than=("b",))}),
    ("grids.0.modifiers.0", {"modifiers": (Modifier(reason="x"),)}),
    ("grids.0.modifiers.0", {"modifiers": (Modifier(reason="x", cents=Decimal(1), percent=Decimal(1)),)}),
    (
        "grids.0.modifiers.0.quotients",
        {"modifiers": (Modifier(reason="x", cents=Decimal(1), quotients=(Decimal(2), Decimal(1))),)},
    ),
    ("grids.0.modifiers.0.when.ages", {"modifiers": (Modifier(reason="x", cents=Decimal(1), when=ages(3, 2)),)}),
    ("grids.0.brackets.0.to", {"precision": "euro", "brackets": brackets(("0", "622.5", 1), ("623", None, 2))}),
    ("grids.0.brackets.1.from", {"precision": "euro", "brackets": brackets(("0", "622", 1), ("624", None, 2))}),
    ("grids.0.brackets.1.from", {"precision": "euro", "brackets": brackets(("0", "622", 1), ("622", None, 2))}),
]


@pytest.mark.parametrize(("place", "changed"), WRONG)
def test_what_is_wrong_with_a_grid_is_told_where_it_stands(place: str, changed: dict[str, Any]) -> None:
    assert place in [found for found, _ in faults(named("repas", **changed))]


def test_in_whole_euros_six_hundred_and_twenty_three_follows_six_hundred_and_twenty_two() -> None:
    steps = brackets(("0", "622", 100), ("623", "1000", 330), ("1001", None, 415))

    assert published(named("repas", brackets=steps, precision="euro")).grids == ("created",)
    assert faults(named("repas", brackets=steps))[0][0] == "grids.0.brackets.1.from"


FIRST = published(named("repas")).tariff
"""In force since 2024."""


@pytest.mark.parametrize("begins", [TODAY, date(2026, 11, 1)])
def test_what_an_activity_cost_until_today_stays(begins: date) -> None:
    assert faults(named("repas", version=2, valid_from=begins), tariff=FIRST) == [
        (
            "grids.0.valid_from",
            f"{MEAL} already has a price: another takes effect on a day after Friday 20 November 2026.",
        )
    ]


def test_a_new_version_takes_effect_tomorrow_at_the_earliest() -> None:
    assert published(named("repas", version=2, valid_from=date(2026, 11, 21)), tariff=FIRST).grids == ("created",)


def test_the_first_price_of_an_activity_may_begin_in_the_past() -> None:
    evening = grid("soir", LATE_CARE, valid_from=date(2026, 9, 1))

    assert published(evening, tariff=FIRST).grids == ("created",)


def test_a_price_of_an_absence_changes_what_absences_cost_until_then() -> None:
    absence = named("absence", charge="absence", valid_from=date(2026, 9, 1))
    late = named("retard", charge="late_pickup", valid_from=date(2026, 9, 1))

    assert [place for place, _ in faults(absence, tariff=FIRST)] == ["grids.0.valid_from"]
    assert published(late, tariff=FIRST).grids == ("created",)


def test_the_same_file_again_later_is_no_change_of_the_past() -> None:
    assert published(named("repas"), tariff=FIRST, today=date(2027, 5, 1)).grids == ("unchanged",)


@st.composite
def conditioned(draw: st.DrawFn) -> list[Grid]:
    """Any few grids with any conditions."""
    found = []
    for at in range(draw(st.integers(1, 4))):
        first, last = draw(st.integers(0, 6)), draw(st.none() | st.integers(6, 9))
        rank = draw(st.none() | st.integers(1, 4))
        when = Conditions(
            ages=draw(st.none() | st.just(Span(first=first, last=last))),
            siblings=Siblings(ranks=Span(first=rank, last=draw(st.none() | st.just(rank)))) if rank else None,
            categories=draw(st.sampled_from([(), ("a",), ("a", "b")])),
        )
        found.append(named(f"grille-{at}", when=when, audience=draw(st.sampled_from(["resident", "everyone"]))))
    return found


@given(
    conditioned(),
    st.builds(
        Facts,
        resident=st.booleans(),
        age=st.integers(0, 20),
        rank=st.integers(1, 8),
        category=st.sampled_from(["", "a", "b", "c"]),
    ),
)
def test_whatever_the_child_one_of_its_kind_was_tried(grids: list[Grid], facts: Facts) -> None:
    alike = [fitting(grids, one) for one in representatives(grids)]

    assert fitting(grids, facts) in alike
