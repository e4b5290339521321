"""Many families at once on few places and a list: whatever the order, nothing is oversold, lost or overtaken."""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any

import pytest

from services.reservations.app.stores import Stores
from services.reservations.domain.refusals import NoPlaceLeft
from services.reservations.usecases.answer_offer import accept_offer, decline_offer
from services.reservations.usecases.offer_places import offer_kept
from services.reservations.usecases.tend_waiting_lists import tend_waiting_lists
from shared.errors import Refused
from shared.mongo import Database
from tests.reservations.rig import ATELIER, JOURNEE, MONDAY, WEDNESDAY, Rig, household, set_up
from tests.reservations.test_waiting import join

FAMILIES, PLACES = 24, 3
SLOTS = {ATELIER: MONDAY, JOURNEE: WEDNESDAY}


class Crowd:
    """Each family does one thing at a time; two processes serve them, and both tend the lists."""

    def __init__(self, database: Database, activity: str, seed: int) -> None:
        self.activity, self.day = activity, SLOTS[activity]
        self.rigs = [Rig(database, Stores(database, lambda _: None), _keys=1_000 * n) for n in (1, 2)]
        self.random = random.Random(seed)

    async def act(self, family: int) -> None:
        rig = self.random.choice(self.rigs)
        doing = self.random.choice([self.book, self.cancel, self.wait, self.answer, self.answer])
        try:
            await doing(rig, family)
        except Refused:
            return

    async def book(self, rig: Rig, family: int) -> None:
        booked = await rig.book(self.activity, self.day, family=family)
        if booked.order and self.random.random() < 0.7:
            await rig.pay(booked.order.id, family=family, payment=f"pay_{booked.order.id}")

    async def cancel(self, rig: Rig, family: int) -> None:
        await rig.choose(self.activity, self.day, action="cancel", family=family)
        await rig.validate(family=family)

    async def wait(self, rig: Rig, family: int) -> None:
        await join(rig, self.activity, self.day, family=family)

    async def answer(self, rig: Rig, family: int) -> None:
        entries = await rig.stores.waiting.of_household(household(family), self.day)
        for entry in (entry for entry in entries if entry.state == "offered"):
            say = accept_offer if self.random.random() < 0.6 else decline_offer
            answered: Any = await say(entry, rig.stores.lectern(rig.clock))
            order = getattr(answered, "order", None)
            if order and self.random.random() < 0.7:
                await rig.pay(order.id, family=family, payment=f"pay_{order.id}")

    async def tend(self) -> None:
        async def do(work: Awaitable[Any]) -> None:
            await work

        for rig in self.rigs:
            await tend_waiting_lists(rig.stores.bench(rig.clock), do)

    async def settle(self) -> None:
        rig = self.rigs[0]
        for _ in range(4):
            await rig.let_holds_end()
            await rig.sweep()

    async def states(self) -> list[str]:
        slot = {"slot": f"{self.activity}|{self.day.isoformat()}"}
        return sorted([one["state"] async for one in self.rigs[0].database["places"].find(slot)])


@pytest.mark.parametrize("activity", [ATELIER, JOURNEE])
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_places_are_all_there_and_those_who_wait_come_first(books: Database, activity: str, seed: int) -> None:
    places = PLACES if activity == ATELIER else 2
    await set_up(books, places=PLACES, families=FAMILIES, children=1)
    crowd = Crowd(books, activity, seed)

    for _ in range(8):
        acts = [crowd.act(family) for family in crowd.random.sample(range(1, FAMILIES + 1), 10)]
        await asyncio.gather(*acts, crowd.tend(), crowd.tend())
        await crowd.settle()

        found = await crowd.states()
        waiting = await books["waiting"].count_documents({"state": "waiting"})
        assert len(found) in (0, places)
        assert not (waiting and "free" in found), (found, waiting)
        assert set(found) <= {"free", "confirmed", "offered"}
        assert await crowd.rigs[0].violations() == []


async def test_several_sweepers_and_families_ask_for_one_place_that_came_back(books: Database) -> None:
    rig = await set_up(books, places=1, families=12, children=1)
    await rig.book(ATELIER, MONDAY)
    await join(rig, family=2)
    await rig.choose(ATELIER, MONDAY, action="cancel")

    answers = await asyncio.gather(
        rig.validate(),
        *(offer_kept((ATELIER, MONDAY), rig.stores.bench(rig.clock)) for _ in range(3)),
        *(rig.book(ATELIER, MONDAY, family=family) for family in range(3, 13)),
        return_exceptions=True,
    )
    await rig.sweep()

    assert all(isinstance(answer, NoPlaceLeft) for answer in answers[4:])
    assert await rig.places(ATELIER, MONDAY) == ["offered"]
    assert await rig.violations() == []
