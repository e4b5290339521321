"""Who comes first on a waiting list, and how long an offer stands."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reservations.domain.bookable import DayAnswer
from services.reservations.domain.waiting import (
    LEAVING,
    OUTCOMES,
    WAITS,
    Entry,
    Offer,
    ends_of,
    in_turn,
    order_of,
    secret_hash,
    standing,
    stands_for,
    with_pools,
)
from services.reservations.domain.waiting_policy import WaitingPolicy
from tests.reservations.sample_town import calendar, paris

DAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ATELIER, STAGE = ("sainte-aurore.atelier", DAY), ("sainte-aurore.stage", DAY)


def entry(position: int, *, pools: tuple[tuple[str, date], ...] = (ATELIER,), rank: str = "", minute: int = 0) -> Entry:
    known = Entry(
        id=f"wtl_{position}",
        household_id="hsh_1",
        municipality_id="sainte-aurore",
        child_id=f"chd_{position}",
        activity_id="sainte-aurore.atelier",
        date=DAY,
        key="k",
        fingerprint="f",
        position=position,
        order=order_of(rank, position),
        at=NOON + timedelta(minutes=minute or position),
    )
    return with_pools(known, pools)


def names(entries: list[Entry]) -> list[int]:
    return [one.position for one in entries]


def test_who_asked_first_comes_first() -> None:
    assert names(in_turn([entry(10), entry(2), entry(1)])) == [1, 2, 10]


def test_whom_the_town_prefers_comes_before_who_asked_first() -> None:
    assert names(in_turn([entry(1, rank="1"), entry(2, rank="0"), entry(3, rank="0")])) == [2, 3, 1]


def test_lists_that_share_a_pool_take_turns_by_when_they_asked() -> None:
    """Each has numbers of its own."""
    shared = ("sainte-aurore.salle", DAY)
    other = (STAGE, shared)
    lines = [
        entry(1, pools=(ATELIER, shared), minute=1),
        entry(2, pools=(ATELIER, shared), minute=5),
        replace(entry(1, pools=other, minute=3), id="wtl_other"),
    ]

    assert [one.id for one in in_turn(lines)] == ["wtl_1", "wtl_other", "wtl_2"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["0", "1"]), st.integers(1, 60), st.booleans()),
        unique_by=lambda one: one[1],
        max_size=12,
    )
)
def test_nobody_is_before_somebody_of_the_same_list_with_a_better_order(
    drawn: list[tuple[str, int, bool]],
) -> None:
    pools = {True: (ATELIER,), False: (STAGE,)}
    found = in_turn(entry(position, rank=rank, pools=pools[here]) for rank, position, here in drawn)

    assert len(found) == len(drawn)
    for line in {one.line for one in found}:
        orders = [one.order for one in found if one.line == line]
        assert orders == sorted(orders)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (("asked",), ""),
        (("resident", "asked"), "1"),
        (("sibling", "resident"), "01"),
        (("prior", "sibling", "resident", "asked"), "001"),
    ],
)
def test_a_standing_has_a_digit_for_each_thing_the_town_looks_at(order: tuple[str, ...], expected: str) -> None:
    policy = WaitingPolicy.model_validate({"order": list(order)})

    assert standing(policy, resident=False, sibling=True, prior=True) == expected


def test_a_plain_list_is_named_like_its_slot_as_before_there_were_pools() -> None:
    assert entry(1).line == replace(entry(1), pools=()).line == "sainte-aurore.atelier|2026-03-09"


def test_children_of_one_slot_that_sit_in_other_pools_wait_in_other_lists() -> None:
    pool = "sainte-aurore.atelier@age=3-5"
    assert entry(1, pools=((pool, DAY),)).line != entry(1).line


def test_an_offer_stands_as_long_as_the_town_says_but_not_past_the_limit() -> None:
    policy = WaitingPolicy(offer=timedelta(hours=24))

    assert stands_for(policy, NOON, NOON + timedelta(days=3)) == timedelta(hours=24)
    assert stands_for(policy, NOON, NOON + timedelta(hours=2)) == timedelta(hours=2)


def test_a_list_ends_with_the_limit_to_book_or_its_late_end_or_the_day() -> None:
    limit, late = paris(2026, 3, 8, 18), paris(2026, 3, 9, 7)
    zone = calendar().zone

    assert ends_of(DAY, DayAnswer(limit=limit), zone) == limit
    assert ends_of(DAY, DayAnswer(limit=limit, late_until=late), zone) == late
    assert ends_of(DAY, DayAnswer(), zone) == paris(2026, 3, 10)


@pytest.mark.parametrize("state", sorted(OUTCOMES))
def test_an_offer_that_ends_is_told_once_and_so_is_leaving_the_list(state: str) -> None:
    offer = Offer(id="wof_1", secret_hash=secret_hash("secret"), until=NOON, made_at=NOON)
    waits = entry(1)

    offered = replace(waits, state="offered", offer=offer).ended(state)  # type: ignore[arg-type]  # drawn from the states
    plain = waits.ended(state)  # type: ignore[arg-type]  # drawn from the states

    assert len(offered) == 1 + (state in LEAVING)
    assert len(plain) == (state in LEAVING)
    assert state not in WAITS
