"""Work that comes back by itself: again and again, in one process at a time, whatever fails."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from services.reservations.app.recurring import Recurring
from services.reservations.store.leases import LeaseStore
from tests.reservations.rig import Rig


def counting(times: int, *, failing: bool = False) -> tuple[Callable[[], Awaitable[int]], asyncio.Event]:
    """Work that says when it was done so many times."""
    done = asyncio.Event()
    left = times

    async def work() -> int:
        nonlocal left
        left -= 1
        if left <= 0:
            done.set()
        if failing:
            raise RuntimeError
        return 1

    return work, done


async def run(recurring: Recurring, done: asyncio.Event) -> None:
    async with recurring.running(web.Application()):
        await asyncio.wait_for(done.wait(), 20)


async def test_it_is_done_again_and_again_though_it_fails(rig: Rig) -> None:
    work, done = counting(3, failing=True)

    await run(Recurring("work", work, rig.stores.leases, 0.01), done)

    assert done.is_set()
    assert await rig.database["leases"].count_documents({}) == 0


async def test_another_process_leaves_it_alone(rig: Rig) -> None:
    mine, done = counting(5)
    theirs, never = counting(1)
    other: Any = LeaseStore(rig.database)

    async with Recurring("work", mine, rig.stores.leases, 0.01).running(web.Application()):
        assert await rig.stores.leases.take("work")
        async with Recurring("work", theirs, other, 0.01).running(web.Application()):
            await asyncio.wait_for(done.wait(), 20)

    assert not never.is_set()
