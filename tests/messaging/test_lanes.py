"""One piece of work per key at a time, and work that wants the floor for itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.messaging.consumer import Lanes


class Floor:
    """Work that starts when its lane lets it and ends when told."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self.started: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def begin(self, name: str, key: str, *, alone: bool = False) -> None:
        self._ends[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._work(name, key, alone))
        await settled()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await settled()

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await settled()

    async def _work(self, name: str, key: str, alone: bool) -> None:
        async with self.lanes.lane(key, alone=alone):
            self.started.append(name)
            await self._ends[name].wait()

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


async def settled() -> None:
    """Until every task that can go on has."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    async with closing(Floor()) as floor:
        yield floor


@asynccontextmanager
async def closing(floor: Floor) -> AsyncIterator[Floor]:
    yield floor
    await floor.close()


async def test_work_of_different_keys_overlaps(floor: Floor) -> None:
    await floor.begin("a1", "a")
    await floor.begin("b1", "b")

    assert floor.started == ["a1", "b1"]


async def test_work_of_one_key_waits_its_turn_in_order(floor: Floor) -> None:
    for name in ("a1", "a2", "a3"):
        await floor.begin(name, "a")
    assert floor.started == ["a1"]

    await floor.end("a1")
    assert floor.started == ["a1", "a2"]

    await floor.end("a2")
    assert floor.started == ["a1", "a2", "a3"]


async def test_alone_waits_for_everyone(floor: Floor) -> None:
    await floor.begin("a1", "a")
    await floor.begin("b1", "b")
    await floor.begin("alone", "c", alone=True)

    await floor.end("a1")
    assert "alone" not in floor.started

    await floor.end("b1")
    assert "alone" in floor.started


async def test_nobody_starts_beside_alone(floor: Floor) -> None:
    await floor.begin("alone", "c", alone=True)
    await floor.begin("a1", "a")
    assert floor.started == ["alone"]

    await floor.end("alone")
    assert floor.started == ["alone", "a1"]


async def test_newcomers_do_not_overtake_who_waits_to_be_alone(floor: Floor) -> None:
    await floor.begin("a1", "a")
    await floor.begin("alone", "c", alone=True)
    await floor.begin("b1", "b")

    assert floor.started == ["a1"]

    await floor.end("a1")
    assert floor.started == ["a1", "alone"]


async def test_several_who_want_to_be_alone_come_one_after_the_other(floor: Floor) -> None:
    for name in ("x", "y"):
        await floor.begin(name, name, alone=True)
    assert floor.started == ["x"]

    await floor.end("x")
    assert floor.started == ["x", "y"]


async def test_who_gives_up_waiting_to_be_alone_lets_the_others_in(floor: Floor) -> None:
    await floor.begin("a1", "a")
    await floor.begin("alone", "c", alone=True)
    await floor.begin("b1", "b")

    await floor.cancel("alone")

    assert floor.started == ["a1", "b1"]


async def test_work_that_fails_leaves_its_lane(floor: Floor) -> None:
    await floor.begin("a1", "a")
    await floor.begin("a2", "a")

    await floor.cancel("a1")

    assert floor.started == ["a1", "a2"]
