"""G12: places that many families ask for in the same instant."""

import asyncio
from datetime import date

import pytest

from services.reservations.app.stores import Stores
from services.reservations.domain.places import Claim
from services.reservations.domain.refusals import NoPlaceLeft
from services.reservations.store.places import PlaceStore
from services.reservations.usecases.book_day import Booked
from shared.mongo import Database
from tests.reservations.rig import ATELIER, JOURNEE, MONDAY, TUESDAY, Rig, set_up, sheet_key, slots

MANY = 64


@pytest.fixture
async def crowd(books: Database, places: int) -> Rig:
    return await set_up(books, places=places, families=MANY, children=1)


@pytest.mark.parametrize("places", [1, 10])
async def test_as_many_are_confirmed_as_there_are_places(crowd: Rig, places: int) -> None:
    for family in range(1, MANY + 1):
        await crowd.choose(ATELIER, MONDAY, family=family)

    validations = await asyncio.gather(*(crowd.validate(family=family) for family in range(1, MANY + 1)))

    outcomes = [validation.outcomes[0] for validation in validations]
    assert sum(outcome.outcome == "confirmed" for outcome in outcomes) == places
    assert all(isinstance(outcome.refusal, NoPlaceLeft) for outcome in outcomes if outcome.refused)
    assert await crowd.places(ATELIER, MONDAY) == ["confirmed"] * places
    assert len(await crowd.told()) == places
    assert await crowd.violations() == []


@pytest.mark.parametrize("places", [10])
async def test_one_tap_by_a_crowd_fills_exactly_the_places(crowd: Rig, places: int) -> None:
    answers = await asyncio.gather(
        *(crowd.book(ATELIER, MONDAY, family=family) for family in range(1, MANY + 1)), return_exceptions=True
    )

    assert sum(isinstance(answer, Booked) for answer in answers) == places
    assert sum(isinstance(answer, NoPlaceLeft) for answer in answers) == MANY - places
    assert await crowd.violations() == []


@pytest.mark.parametrize("places", [10])
async def test_places_come_back_and_go_again_while_a_crowd_asks(crowd: Rig, places: int) -> None:
    async def book_and_cancel(family: int) -> None:
        try:
            await crowd.book(ATELIER, MONDAY, family=family)
        except NoPlaceLeft:
            return
        if family % 2:
            await crowd.choose(ATELIER, MONDAY, action="cancel", family=family)
            await crowd.validate(family=family)

    await asyncio.gather(*(book_and_cancel(family) for family in range(1, MANY + 1)))

    assert len(await crowd.places(ATELIER, MONDAY)) <= places
    assert await crowd.violations() == []


async def test_the_memory_of_a_full_slot_is_forgotten_when_a_place_comes_back(rig: Rig) -> None:
    await rig.book(ATELIER, MONDAY)
    await rig.book(ATELIER, MONDAY, child=2)
    with pytest.raises(NoPlaceLeft):
        await rig.book(ATELIER, MONDAY, family=2)

    await rig.choose(ATELIER, MONDAY, action="cancel")
    await rig.validate()

    assert (await rig.book(ATELIER, MONDAY, family=2)).outcome == "confirmed"


async def test_a_full_slot_is_remembered_for_a_quarter_of_a_second(books: Database) -> None:
    now = 100.0
    places = PlaceStore(books, monotonic=lambda: now)
    (slot,) = slots(ATELIER, MONDAY)

    def claim(family: int) -> Claim:
        return Claim(key=sheet_key(ATELIER, MONDAY, family=family), attempt=f"a{family}", capacities={slot: 1})

    assert await places.claim([slot], claim(1)) == frozenset()
    assert await places.claim([slot], claim(2)) == {slot}
    await PlaceStore(books).free([slot], claim(1))

    assert await places.claim([slot], claim(2)) == {slot}
    now += 0.3
    assert await places.claim([slot], claim(2)) == frozenset()


async def test_a_lowered_limit_sells_nothing_until_enough_came_back(books: Database) -> None:
    rig = await set_up(books, families=4, children=1)
    places, (slot,) = rig.stores.places, slots(ATELIER, MONDAY)

    def claim(family: int, capacity: int) -> Claim:
        return Claim(key=sheet_key(ATELIER, MONDAY, family=family), attempt=f"a{family}", capacities={slot: capacity})

    for family in (1, 2, 3):
        await places.claim([slot], claim(family, 4))
    await rig.database["places"].update_one({"n": 0}, {"$set": {"state": "free"}, "$unset": {"child_id": ""}})
    taken = await rig.database["places"].count_documents({"state": "held"})

    lowered = PlaceStore(books)
    assert await lowered.claim([slot], claim(4, taken)) == {slot}
    assert await rig.database["places"].count_documents({"state": "held"}) == taken

    raised = PlaceStore(books)
    assert await raised.claim([slot], claim(4, 5)) == frozenset()


async def test_those_who_booked_before_the_number_was_limited_keep_their_places(rig: Rig) -> None:
    await rig.book(ATELIER, TUESDAY)
    await rig.database["places"].delete_many({})
    after = Rig(rig.database, Stores(rig.database, lambda _: None))

    assert (await after.book(ATELIER, TUESDAY, family=2, key="a-key-of-its-own")).outcome == "confirmed"
    with pytest.raises(NoPlaceLeft):
        await after.book(ATELIER, TUESDAY, family=2, child=2)
    assert await after.violations() == []


async def test_places_left_are_counted_per_day(rig: Rig) -> None:
    await rig.book(ATELIER, MONDAY)
    await rig.book(JOURNEE, date(2026, 3, 11))

    left = await rig.stores.places.left({(ATELIER, MONDAY): 2, (ATELIER, TUESDAY): 2, (JOURNEE, date(2026, 3, 11)): 2})

    assert list(left.values()) == [1, 2, 1]
