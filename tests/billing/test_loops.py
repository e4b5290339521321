"""Loops take their step when woken and by themselves, and survive a step that fails."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from aiohttp import web

from services.billing.app.loops import Loop, until_none_is_left
from shared.errors import Conflict


class Steps:
    """Counts the steps taken and fails as told. `reached(n)` waits for the n-th."""

    def __init__(self, *failures: Exception) -> None:
        self.taken = 0
        self._failures = list(failures)
        self._changed = asyncio.Condition()

    async def __call__(self) -> None:
        async with self._changed:
            self.taken += 1
            self._changed.notify_all()
        if self._failures:
            raise self._failures.pop(0)

    async def reached(self, number: int) -> None:
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(lambda: self.taken >= number)


def running(step: Callable[[], Awaitable[None]], seconds: float) -> tuple[Loop, AbstractAsyncContextManager[None]]:
    loop = Loop("test", step, seconds)
    return loop, loop.running(web.Application())


async def test_a_loop_begins_at_once_and_goes_on_by_itself() -> None:
    steps = Steps()
    _, context = running(steps, 0.001)
    async with context:
        await steps.reached(3)

    assert steps.taken >= 3


async def test_a_loop_that_is_woken_does_not_wait() -> None:
    steps = Steps()
    loop, context = running(steps, 3600)
    async with context:
        await steps.reached(1)
        loop.wake()
        await steps.reached(2)

    assert steps.taken >= 2


async def test_a_step_that_fails_is_taken_again() -> None:
    steps = Steps(RuntimeError("broken"), Conflict())
    _, context = running(steps, 0.001)
    async with context:
        await steps.reached(3)

    assert steps.taken >= 3


async def test_a_hint_during_a_step_is_not_lost() -> None:
    loop: Loop
    taken: list[int] = []
    twice = asyncio.Event()

    async def step() -> None:
        taken.append(1)
        if len(taken) == 1:
            loop.wake()
        else:
            twice.set()

    loop, context = running(step, 3600)
    async with context, asyncio.timeout(5):
        await twice.wait()

    assert len(taken) >= 2


async def test_a_step_is_repeated_until_it_finds_nothing() -> None:
    left = [True, True, False]

    async def step() -> bool:
        return left.pop(0)

    await until_none_is_left(step)()

    assert left == []
