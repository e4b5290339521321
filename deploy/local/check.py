"""Hold the running Préau against its invariants."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractConnection

from deploy.local import mongo, rabbit
from deploy.local.environment import KEEPING
from deploy.local.installation import of_running
from deploy.local.invariants import FIGURES, INVARIANTS, Figure, Invariant, System
from deploy.local.running import Running
from shared import mongo as driver


async def check(running: Running, say: Callable[[str], None], invariants: Sequence[Invariant] = ()) -> bool:
    """Say of each invariant whether it holds; True when all do."""
    async with opened(running) as system:
        held = await hold_against(system, say, invariants or INVARIANTS)
        if not invariants:
            await tell_figures(system, say, FIGURES)
        return held


async def hold_against(system: System, say: Callable[[str], None], invariants: Sequence[Invariant]) -> bool:
    outcomes = [(invariant.name, await invariant.broken(system)) for invariant in invariants]
    for name, broken in outcomes:
        say(f"{'broken' if broken else 'holds ':<7} {name}")
        for line in broken:
            say(f"          {line}")
    return not any(broken for _, broken in outcomes)


async def tell_figures(system: System, say: Callable[[str], None], figures: Sequence[Figure]) -> None:
    """What is worth knowing and breaks nothing; what there is none of is not mentioned."""
    for figure in figures:
        if count := await figure.count(system):
            say(f"{count:>7} {figure.name}")


@asynccontextmanager
async def opened(running: Running) -> AsyncIterator[System]:
    """The databases and queues of that run, with an administrator's rights."""
    place, secrets = of_running(running)
    database = mongo.url(*place.inner("mongo"), mongo.ADMIN, secrets.of("mongo", mongo.ADMIN))
    broker = rabbit.url(*place.inner("amqp"), rabbit.ADMIN, secrets.of("amqp", rabbit.ADMIN))
    async with mongo.connected(database) as client, await aio_pika.connect(broker) as connection:
        databases = {service: driver.database(client, service) for service in KEEPING}
        yield System(databases, lambda queue: _waiting(connection, queue))


async def _waiting(connection: AbstractConnection, queue: str) -> int | None:
    waiting = await rabbit.count(connection, queue)
    return waiting if isinstance(waiting, int) else None
