"""A broker that goes away and comes back: nothing told is lost, nobody has to be restarted."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aio_pika
import pytest

from deploy.local import ports, rabbit
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.consumer import Consumer
from tests.messaging.things import EVENTS, PROFILES, Listener, ThingHappened, entries, until


@dataclass
class OwnBroker:
    """A RabbitMQ of this test alone, on one port and one folder through all its lives."""

    folder: Path
    port: int
    server: rabbit.Server | None = None

    @property
    def url(self) -> str:
        return rabbit.url("127.0.0.1", self.port, rabbit.ADMIN, "secret")

    async def start(self) -> None:
        plan = rabbit.Plan([rabbit.admin("secret")], topology.policies(["billing"]))
        self.server = await rabbit.start(self.folder, self.port, log=self.folder.parent / "broker.log", plan=plan)

    async def kill(self) -> None:
        if self.server is not None:
            await self.server.kill()
            self.server = None


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[OwnBroker]:
    (port,) = ports.free(1)
    own = OwnBroker(tmp_path / "rabbit", port)
    await own.start()
    async with await aio_pika.connect(own.url) as connection:
        await topology.declare(await connection.channel(), [EVENTS, PROFILES])
    yield own
    await own.kill()


async def test_after_a_restart_of_the_broker_facts_are_told_and_heard_again(own: OwnBroker) -> None:
    listener = Listener()
    async with Broker(own.url) as broker:
        consumer = Consumer(broker, EVENTS, {ThingHappened: listener})
        await consumer.start()
        assert await broker.publish_all(entries(1)) == [True]
        await listener.wait_for(1)

        await own.kill()
        await until(lambda: not broker.connected)
        await own.start()

        (after,) = entries(2)
        async with asyncio.timeout(40):
            while not all(await broker.publish_all([after])):
                continue
        await listener.wait_for(2)
        await consumer.stop()

    assert set(listener.numbers) == {1, 2}


async def test_a_fact_taken_when_the_broker_went_away_is_heard_again_and_the_service_can_still_stop(
    own: OwnBroker,
) -> None:
    may_end = asyncio.Event()
    listener = Listener(lambda _: may_end.wait())
    async with Broker(own.url) as broker:
        consumer = Consumer(broker, EVENTS, {ThingHappened: listener})
        await consumer.start()
        await broker.publish_all(entries(1))
        await listener.wait_for(1)

        await own.kill()
        may_end.set()
        async with asyncio.timeout(40):
            await consumer.stop()

    await own.start()
    async with Broker(own.url) as broker:
        consumer = Consumer(broker, EVENTS, {ThingHappened: listener})
        await consumer.start()
        await listener.wait_for(2)
        await consumer.stop()

    assert listener.numbers == [1, 1]
