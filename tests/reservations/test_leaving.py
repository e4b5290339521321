"""A household that leaves a town: nothing more to book, and what is booked is not lost from sight."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import permutations
from typing import Any

import pytest

from services.reservations.usecases.keep_roster import end_adhesion
from services.reservations.usecases.mark_attendance import list_attendance
from services.reservations.usecases.show_cart import show_cart
from shared.contracts import Told
from shared.contracts.identity import AdhesionEnded
from shared.errors import NotFound
from tests.reservations.marking import mark
from tests.reservations.rig import ATELIER, MONDAY, NOW, REPAS, SITE, TOWN, TUESDAY, Rig, child_of, household, joined
from tests.reservations.test_waiting import join


async def leave(rig: Rig, family: int = 1, sequence: int = 2) -> None:
    event = AdhesionEnded(household_id=household(family), municipality_id=TOWN, family_file_id="ff_1")
    told = Told(event=event, id="1", subject=event.household_id, sequence=sequence, municipality_id=TOWN, time=NOW)
    await end_adhesion(told, roster=rig.stores.roster, carts=rig.stores.carts, waiting_lists=rig.stores.waiting)


async def mine(rig: Rig, family: int = 1) -> list[str]:
    return [child.child_id for child in await rig.stores.roster.children_of(household(family))]


async def test_a_household_that_left_books_no_more_and_the_others_do(rig: Rig) -> None:
    await leave(rig)

    with pytest.raises(NotFound):
        await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, MONDAY, family=2)
    assert (await mine(rig), len(await mine(rig, 2))) == ([], 2)


async def test_its_cart_and_its_waiting_lists_let_go_of_the_town(rig: Rig) -> None:
    await rig.choose(REPAS, TUESDAY)
    for child in (1, 2):
        await rig.book(ATELIER, MONDAY, family=2, child=child)
    await join(rig, family=1)
    await leave(rig)

    assert (await show_cart(household(1), rig.stores.window(rig.clock))).lines == ()
    assert await rig.stores.waiting.of_child(household(1), child_of(1), [(ATELIER, MONDAY)]) == {}


async def test_what_is_booked_is_still_listed_and_marked(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)
    await leave(rig)
    rig.now = NOW.replace(day=9, hour=12)
    door = rig.stores.door(rig.clock)
    found = await list_attendance(TOWN, REPAS, SITE, MONDAY, door)
    assert found.states[child_of(1)] == "booked"

    done = await mark(rig, MONDAY, chd_1_1="present")
    assert (done.marked, dict(done.refused)) == (1, {})


async def test_it_books_again_once_it_joined_again(rig: Rig) -> None:
    await leave(rig)
    await rig.stores.roster.link_children(joined(1, 2), 3)
    await rig.book(REPAS, MONDAY)

    assert len(await mine(rig)) == 2


Step = Callable[[Rig], Coroutine[Any, Any, None]]
LEFT: list[Step] = [
    lambda rig: rig.stores.roster.link_children(joined(1, 2), 3),
    lambda rig: leave(rig, sequence=4),
    lambda rig: leave(rig, sequence=2),
]
BACK: list[Step] = [
    lambda rig: leave(rig, sequence=2),
    lambda rig: leave(rig, sequence=4),
    lambda rig: rig.stores.roster.link_children(joined(1, 2), 5),
]


@pytest.mark.parametrize("order", [*permutations(range(3)), (0, 1, 2, 2, 1, 0)])
async def test_the_newest_holds_however_messages_arrive(rig: Rig, order: tuple[int, ...]) -> None:
    for number in order:
        await LEFT[number](rig)
    assert await mine(rig) == []


@pytest.mark.parametrize("order", [*permutations(range(3)), (0, 1, 2, 2, 1, 0)])
async def test_a_town_joined_again_stays_joined_however_messages_arrive(rig: Rig, order: tuple[int, ...]) -> None:
    for number in order:
        await BACK[number](rig)
    assert len(await mine(rig)) == 2


async def test_leaving_while_a_day_is_booked_leaves_one_or_the_other_whole(rig: Rig) -> None:
    booked, _ = await asyncio.gather(rig.book(REPAS, MONDAY), leave(rig), return_exceptions=True)

    assert isinstance(booked, NotFound) == (await rig.state(REPAS, MONDAY) is None)
    assert await rig.violations() == []
