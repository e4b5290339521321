"""The embedded RabbitMQ: the house's users and policies from its first moment, nothing left behind."""

import asyncio

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused

from deploy.local import ports, rabbit, rights
from deploy.local.secrets import Secrets
from shared.messaging import topology
from shared.messaging.topology import Queue
from tests.local.watching import families, left_over

SECRETS = Secrets(b"0" * 32)
PLAN = rights.broker_plan(SECRETS)
QUEUE = Queue("billing", "events", ("reservations.booking_confirmed.v1",))


async def start(folder):
    (port,) = ports.free(1)
    return await rabbit.start(folder / "rabbit", port, log=folder / "broker.log", plan=PLAN)


def address(server, user):
    return rabbit.url(ports.LOOPBACK, server.port, user, SECRETS.of("amqp", user))


async def declare(server):
    async with await aio_pika.connect(address(server, rabbit.ADMIN)) as connection:
        await topology.declare(await connection.channel(), [QUEUE])


@pytest.fixture(scope="module")
async def broker(tmp_path_factory):
    server = await start(tmp_path_factory.mktemp("broker"))
    await declare(server)
    yield server
    await server.kill()


async def test_it_keeps_its_messages_and_leaves_no_process(tmp_path):
    server = await start(tmp_path)
    await declare(server)
    async with await aio_pika.connect(address(server, "reservations")) as connection:
        channel = await connection.channel()
        events = await channel.get_exchange(topology.EVENTS, ensure=False)
        await events.publish(aio_pika.Message(b"{}", delivery_mode=2), QUEUE.topics[0], timeout=10)
    found = families(server.broker, server.mapper)
    assert {"beam.smp", "epmd"} <= {each.name() for each in found}
    await server.stop()
    assert left_over(found) == []
    again = await start(tmp_path)
    await rabbit.until_queues_answer(address(again, rabbit.ADMIN), [topology.LOG, QUEUE.name, "nobody.events"])
    async with await aio_pika.connect(address(again, rabbit.ADMIN)) as connection:
        assert await rabbit.count(connection, QUEUE.name) == 1
        assert await rabbit.count(connection, "nobody.events") is rabbit.Unavailable.EVER
    await again.stop()


async def test_two_brokers_live_side_by_side(broker, tmp_path):
    other = await start(tmp_path)
    async with await aio_pika.connect(address(other, "billing")):
        assert other.port != broker.port
    await other.stop()
    async with await aio_pika.connect(address(broker, "billing")) as connection:
        assert not connection.is_closed


async def test_a_service_publishes_and_reads_its_own_queue(broker):
    async with await aio_pika.connect(address(broker, "billing")) as connection:
        channel = await connection.channel()
        events = await channel.get_exchange(topology.EVENTS, ensure=False)
        await events.publish(aio_pika.Message(b"{}"), QUEUE.topics[0], timeout=10)
        queue = await channel.get_queue(QUEUE.name)
        message = await queue.get(timeout=10)
        await message.ack()
        assert message.body == b"{}"


async def test_a_service_declares_nothing(broker):
    async with await aio_pika.connect(address(broker, "billing")) as connection:
        channel = await connection.channel()
        with pytest.raises(ChannelAccessRefused):
            await channel.declare_queue("billing.mine", durable=True)


async def test_a_service_cannot_read_anothers_queue(broker):
    async with await aio_pika.connect(address(broker, "identity")) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(QUEUE.name, ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await queue.get(timeout=10, fail=False)


async def test_a_service_cannot_write_into_a_queue_past_the_exchanges(broker):
    async with await aio_pika.connect(address(broker, "identity")) as connection:
        channel = await connection.channel()
        with pytest.raises(ChannelAccessRefused):
            await asyncio.wait_for(channel.default_exchange.publish(aio_pika.Message(b""), QUEUE.name), 10)


async def test_nobody_comes_in_with_another_password(broker):
    wrong = rabbit.url(ports.LOOPBACK, broker.port, "billing", "guess")
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(wrong)
