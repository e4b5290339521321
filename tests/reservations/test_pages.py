"""What a month shows, read in one round trip for several who ask at once: each gets its own and nobody else's."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from services.reservations.domain.sheet import SheetKey
from services.reservations.store.pages import PageStore
from shared.errors import NotFound
from tests.reservations.rig import MONDAY, REPAS, TOWN, Rig, child_of, household, sheet_key


def key(family: int = 1, child: int = 1) -> SheetKey:
    return sheet_key(REPAS, MONDAY, family=family, child=child)


async def test_sheet_cart_and_prices_come_with_the_child(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.choose(REPAS, MONDAY.replace(day=10))
    await rig.stores.prices.set(household(1), TOWN, {REPAS: 415}, sequence=1)

    page = await rig.stores.pages.page(key())

    assert (page.child.child_id, page.child.household_id) == (child_of(1), household(1))
    assert page.sheet.state((REPAS, MONDAY)) == "booked"
    assert [line.date.day for line in page.cart.lines] == [10]
    assert page.prices == {REPAS: 415}


async def test_nothing_written_is_an_empty_page(rig: Rig) -> None:
    page = await rig.stores.pages.page(key())

    assert (page.sheet.is_new, page.sheet.key, page.cart.lines, page.prices) == (True, key(), (), {})


async def test_whoever_asks_at_the_same_time_gets_their_own(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, MONDAY.replace(day=10), family=2)
    strange = replace(key(), household_id=household(2))

    pages = await asyncio.gather(
        *(rig.stores.pages.page(one) for one in (key(), key(2), key(1, 2), strange)), return_exceptions=True
    )

    states = [None if isinstance(one, BaseException) else sorted(day for _, day in one.sheet.days) for one in pages]
    assert states == [[MONDAY], [MONDAY.replace(day=10)], [], None]
    assert isinstance(pages[3], NotFound)


class Counting:
    """A database whose roster says how often it was asked."""

    def __init__(self, database: Any) -> None:
        self.asked = 0
        self._roster = database["roster"]

    def __getitem__(self, name: str) -> "Counting":
        return self

    def aggregate(self, pipeline: Any) -> Any:
        self.asked += 1
        return self._roster.aggregate(pipeline)


async def test_all_who_ask_at_the_same_time_are_answered_by_one_reading(rig: Rig) -> None:
    counting: Any = Counting(rig.database)
    pages = PageStore(counting, rig.stores.roster)

    await asyncio.gather(*(pages.page(key(family, child)) for family in (1, 2) for child in (1, 2)))

    assert counting.asked == 1


@pytest.mark.parametrize("change", [{"child_id": "chd_9"}, {"municipality_id": "ailleurs"}, {"household_id": "hsh_9"}])
async def test_a_child_that_is_not_the_households_is_not_found(rig: Rig, change: dict[str, str]) -> None:
    await rig.book(REPAS, MONDAY)

    with pytest.raises(NotFound):
        await rig.stores.pages.page(replace(key(), **change))
