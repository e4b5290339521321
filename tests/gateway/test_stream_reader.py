"""The log read from a real broker: by who may only read it, from before it came, and after the broker was away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import aio_pika
import pytest
from aio_pika import Message
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused

from deploy.local import ports, rabbit
from deploy.local.rights import broker_plan
from deploy.local.secrets import Secrets
from services.gateway.stream.facts import Fact
from services.gateway.stream.hub import Hub
from services.gateway.stream.reader import LogReader
from services.gateway.stream.window import Window
from shared.contracts.reservations_of_months import MonthReopened
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.envelope import pack
from tests.backends import RabbitBackend
from tests.gateway.streaming import TOWN
from tests.messaging.things import until

PASSWORD = "of-the-gateway"


class Line:
    """A connection to the broker that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._port = port
        (self.port,) = ports.free(1)
        self._halves: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, ports.LOOPBACK, self.port)

    async def cut(self) -> None:
        self._server.close()
        for half in self._halves:
            half.transport.abort()

    async def _carry(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far, far_out = await asyncio.open_connection(ports.LOOPBACK, self._port)
        self._halves |= {near_out, far_out}
        await asyncio.gather(self._pass_on(near, far_out), self._pass_on(far, near_out))

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await source.read(65_536):
                target.write(chunk)
        target.close()


@dataclass
class Own:
    """A virtual host of one test, with the user a gateway has, on a line that can be cut."""

    admin_url: str
    line: Line
    vhost: str

    @property
    def url(self) -> str:
        return rabbit.url(ports.LOOPBACK, self.line.port, "gateway-of-tests", PASSWORD, self.vhost)


@pytest.fixture
async def own(amqp_url: str, broker_backend: RabbitBackend) -> AsyncIterator[Own]:
    vhost = amqp_url.rpartition("/")[2]
    (user,) = (one for one in broker_plan(Secrets(b"0" * 32)).users if one.name == "gateway")
    rights = {"configure": user.configure, "write": user.write, "read": user.read}
    broker_backend._call("PUT", "users/gateway-of-tests", {"password": PASSWORD, "tags": ""})
    broker_backend._call("PUT", f"permissions/{vhost}/gateway-of-tests", rights)
    async with await aio_pika.connect(amqp_url) as connection:
        await topology.declare(await connection.channel(), [])
    line = Line(broker_backend.port)
    await line.mend()
    yield Own(amqp_url, line, vhost)
    await line.cut()


@asynccontextmanager
async def reading(own: Own, hub: Hub) -> AsyncIterator[LogReader]:
    """As the gateway's own user."""
    reader = LogReader(own.url, hub)
    task = asyncio.create_task(reader.run())
    yield reader
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def new_hub() -> Hub:
    return Hub(Window(most=1_000, milliseconds=900_000, since_ms=1_000), most=10, most_of_account=2)


async def tell(own: Own, *numbers: int) -> None:
    """As a relay does: facts of one moment in one message."""
    facts = [_reopened(number) for number in numbers]
    entries = pack(facts, subject="clo", sequence=1, municipality_id=TOWN, at=datetime.now(UTC))
    async with Broker(own.admin_url) as broker:
        assert all(await broker.publish_all(entries))


def _reopened(number: int) -> MonthReopened:
    closing = f"clo_{number}"
    return MonthReopened(closing_id=closing, municipality_id=TOWN, programme_id=f"{TOWN}.x", month="2026-11")


async def test_facts_told_before_and_after_it_came_are_read_in_order_and_rubbish_is_passed_over(
    own: Own,
) -> None:
    await tell(own, 1, 2)
    async with Broker(own.admin_url) as broker:
        for body in (b"{", b"[]", b"\xff", b'{"type": 3}'):
            await broker.publish(topology.EVENTS, "tests.rubbish.v1", Message(body))
    hub = new_hub()
    async with reading(own, hub):
        await until(lambda: len(hub.window) >= 2)
        await tell(own, 3)
        await until(lambda: len(hub.window) >= 3)

    other = new_hub()
    async with reading(own, other):
        await until(lambda: len(other.window) >= 3)

    # A reader taken over by another replica finds the same ids in the same order there.
    assert list(other.window._place) == list(hub.window._place)


class Stumbling(Hub):
    """Fails at the first fact."""

    stumbled = False

    def tell(self, fact: Fact) -> None:
        if not self.stumbled:
            self.stumbled = True
            raise ValueError(fact.id)
        super().tell(fact)


async def test_a_fact_that_cannot_be_told_does_not_stop_those_after_it(own: Own) -> None:
    hub = Stumbling(Window(most=1_000, milliseconds=900_000, since_ms=1_000), most=10, most_of_account=2)
    async with reading(own, hub):
        await tell(own, 1)
        await tell(own, 2)
        await until(lambda: len(hub.window) >= 1)

    assert hub.stumbled


async def publish(channel: AbstractChannel) -> None:
    exchange = await channel.get_exchange(topology.EVENTS, ensure=False)
    await exchange.publish(Message(b"{}"), "identity.account_closed.v1")


async def declare(channel: AbstractChannel) -> None:
    await channel.declare_queue("gateway.own")


async def consume(channel: AbstractChannel) -> None:
    queue = await channel.get_queue("billing.events", ensure=False)
    await queue.consume(asyncio.Queue[object]().put)


@pytest.mark.parametrize("attempt", [publish, declare, consume])
async def test_the_gateways_user_reads_the_log_and_may_do_nothing_else(
    own: Own, attempt: Callable[[AbstractChannel], Awaitable[None]]
) -> None:
    async with await aio_pika.connect(own.url) as connection:
        channel = await connection.channel()
        with pytest.raises(ChannelAccessRefused):
            await attempt(channel)


async def test_a_broker_that_was_away_costs_no_fact_and_no_restart(own: Own) -> None:
    hub = new_hub()
    async with reading(own, hub) as reader:
        await until(lambda: reader.connected)
        await tell(own, 11)
        await until(lambda: hub.window.newest_ms > 0)

        await own.line.cut()
        await until(lambda: not reader.connected)
        await own.line.mend()
        before = len(hub.window)
        await tell(own, 12)
        await until(lambda: len(hub.window) > before)

    assert len(hub.window) == before + 1
