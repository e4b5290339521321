"""Counters: how many places for which activities, for whom and when; and from which pool a place is taken."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reservations.domain.capacity import (
    Counter,
    Limit,
    Seat,
    Split,
    age_on,
    all_pools,
    counter_of,
    full_slots,
    left_for,
    pools,
)
from services.reservations.domain.places import nobody_needs
from services.reservations.domain.sheet import Entry, Sheet, SheetState
from tests.reservations.rig import MONDAY, SOIR_1, SOIR_2, TOWN, TUESDAY, sheet_key

TILLEULS, JEAN_MACE = f"{TOWN}.ecole-des-tilleuls", f"{TOWN}.ecole-jean-mace"
CE1 = Seat(site_id=TILLEULS, group="CE1", age=7)
HALL = f"{TOWN}.salle"


def counter(*limits: Limit, split_by: frozenset[Split] = frozenset(), name: str = HALL) -> Counter:
    return Counter(id=name, activity_ids=frozenset({SOIR_1, SOIR_2}), limits=limits, split_by=split_by)


def places(found: Counter, day: date = MONDAY, seat: Seat = CE1) -> int | None:
    pool = found.pool(day, seat)
    return pool[1] if pool else None


def test_all_activities_of_a_counter_take_their_places_from_one_pool() -> None:
    hall = counter(Limit(places=30))

    assert pools([hall], SOIR_1, MONDAY, CE1) == pools([hall], SOIR_2, MONDAY, CE1) == {(HALL, MONDAY): 30}
    assert pools([hall], f"{TOWN}.repas", MONDAY, CE1) == {}


def test_a_day_takes_a_place_in_each_counter_that_covers_it() -> None:
    yard = counter(Limit(places=10), name=f"{TOWN}.cour")

    assert pools([counter(Limit(places=30)), yard], SOIR_1, MONDAY, CE1) == {
        (HALL, MONDAY): 30,
        (f"{TOWN}.cour", MONDAY): 10,
    }


def test_of_the_limits_that_hold_the_last_one_counts_and_where_none_does_places_are_not_limited() -> None:
    found = counter(
        Limit(places=30),
        Limit(places=20, weekdays=frozenset({3})),
        Limit(places=5, starts=date(2026, 3, 9), ends=date(2026, 3, 9)),
    )

    assert [places(found, date(2026, 3, day)) for day in (8, 9, 10, 11)] == [30, 5, 30, 20]
    assert places(counter(Limit(places=3, weekdays=frozenset({3})))) is None


@pytest.mark.parametrize(
    ("seat", "expected"),
    [
        (CE1, 30),
        (Seat(site_id=JEAN_MACE, group="CE1", age=7), 12),
        (Seat(site_id=TILLEULS, group="PS", age=7), 8),
        (Seat(site_id=TILLEULS, group="CE1", age=5), 6),
        (Seat(site_id=TILLEULS, group="CE1"), 30),
    ],
)
def test_a_limit_may_be_for_some_sites_classes_or_ages(seat: Seat, expected: int) -> None:
    found = counter(
        Limit(places=30),
        Limit(places=12, site_ids=frozenset({JEAN_MACE})),
        Limit(places=8, groups=frozenset({"PS"})),
        Limit(places=6, ages=(3, 5)),
    )

    assert places(found, seat=seat) == expected


def test_a_split_counter_has_a_pool_for_each_part_named_after_it() -> None:
    split = counter(Limit(places=9, ages=(6, 8)), split_by=frozenset({"site", "group", "age"}))

    (pool,) = pools([split], SOIR_1, MONDAY, CE1)

    assert pool == (f"{HALL}@site=ecole-des-tilleuls@group=CE1@age=6-8", MONDAY)
    assert counter_of(pool[0]) == HALL


@given(
    split_by=st.frozensets(st.sampled_from(["site", "group", "age"])),
    seat=st.builds(
        Seat,
        site_id=st.sampled_from(["", TILLEULS, JEAN_MACE]),
        group=st.sampled_from(["", "CE1", "CE2"]),
        age=st.none() | st.integers(0, 18),
    ),
    numbers=st.lists(st.integers(0, 50), min_size=1, max_size=4),
    shift=st.integers(0, 400),
)
def test_a_child_is_in_one_pool_of_a_counter_whose_day_and_counter_can_be_read_off_it(
    split_by: frozenset[Split], seat: Seat, numbers: list[int], shift: int
) -> None:
    day = MONDAY + timedelta(days=shift)
    found = counter(*(Limit(places=number) for number in numbers), split_by=split_by)

    ((pool, places),) = pools([found], SOIR_1, day, seat).items()

    assert (counter_of(pool[0]), pool[1], places) == (HALL, day, numbers[-1])
    assert found.pool(day, seat) == (pool, places)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2020, 3, 9), MONDAY, 6),
        (date(2020, 3, 10), MONDAY, 5),
        (date(2020, 2, 29), date(2026, 2, 28), 5),
        (date(2020, 2, 29), date(2026, 3, 1), 6),
        (None, MONDAY, None),
    ],
)
def test_ages_are_completed_years_on_the_day(birth: date | None, day: date, age: int | None) -> None:
    assert age_on(birth, day) == age


def test_a_day_has_as_many_places_left_as_its_scarcest_pool_and_is_full_with_any_of_them() -> None:
    needed = {(SOIR_1, MONDAY): {(HALL, MONDAY): 30, (SOIR_1, MONDAY): 5}, (SOIR_2, MONDAY): {(HALL, MONDAY): 30}}
    left = {(HALL, MONDAY): 2, (SOIR_1, MONDAY): 0}

    assert all_pools(needed) == {(HALL, MONDAY): 30, (SOIR_1, MONDAY): 5}
    assert left_for(needed, left) == {(SOIR_1, MONDAY): 0, (SOIR_2, MONDAY): 2}
    assert left_for(needed, left, own={(SOIR_1, MONDAY)}) == {(SOIR_1, MONDAY): 1, (SOIR_2, MONDAY): 2}
    assert full_slots(needed, {(SOIR_1, MONDAY)}) == {(SOIR_1, MONDAY)}


def sheet(*days: tuple[str, date, SheetState, tuple[str, ...]]) -> Sheet:
    found = {(activity, day): Entry(state=state, pools=noted) for activity, day, state, noted in days}
    return Sheet(key=sheet_key(SOIR_1, MONDAY), days=found)


@pytest.mark.parametrize(
    ("found", "free"),
    [
        (sheet(), True),
        (sheet((SOIR_1, MONDAY, "cancelled", (HALL,))), True),
        (sheet((SOIR_1, TUESDAY, "booked", (HALL,))), True),
        (sheet((SOIR_1, MONDAY, "booked", (SOIR_1,))), True),
        (sheet((SOIR_1, MONDAY, "booked", (HALL,))), False),
        (sheet((SOIR_1, MONDAY, "held", (HALL,))), False),
        # Booked before its places were limited: it may have one there.
        (sheet((SOIR_1, MONDAY, "booked", ())), False),
    ],
)
def test_a_place_may_go_when_no_day_of_the_sheet_can_have_it(found: Sheet, free: bool) -> None:
    assert nobody_needs((HALL, MONDAY), found) is free
