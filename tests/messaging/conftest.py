"""An empty virtual host with the topology of these tests, and a broker that speaks to it."""

from collections.abc import AsyncIterator

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from shared.messaging import topology
from shared.messaging.broker import Broker
from tests.messaging.things import EVENTS, PROFILES


@pytest.fixture
async def channel(amqp_url: str) -> AsyncIterator[AbstractChannel]:
    """An administrator's channel; the queues of these tests are declared."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await topology.declare(channel, [EVENTS, PROFILES])
        yield channel


@pytest.fixture
async def broker(amqp_url: str, channel: AbstractChannel) -> AsyncIterator[Broker]:
    async with Broker(amqp_url) as broker:
        yield broker
