"""The broker and the database go away while families book: nothing acknowledged is lost, nothing is done twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local import mongo, ports, processes, rabbit
from deploy.local.environment import DOMAIN, QUEUES
from deploy.local.rabbit import Plan
from deploy.local.secrets import kept_in
from shared.messaging import topology
from tests.faults.ledger import Ledger
from tests.invariants.holding import all_hold_again
from tests.journeys.clock import MovableClock
from tests.journeys.fixtures import opened
from tests.journeys.people import PROBLEM
from tests.journeys.sample import AURORE
from tests.journeys.town import Preau, running

FAMILIES = ("F0001", "F0002", "F0003", "F0005")
DAYS = 6

pytestmark = pytest.mark.skipif(
    not rabbit.SERVER.exists(), reason="a broker in a container comes back under another port: install the package"
)


@dataclass
class Backends:
    """A database and a broker of our own, which go and come back where they were."""

    folder: Path
    mongo_port: int
    amqp_port: int

    def __post_init__(self) -> None:
        secrets = kept_in(self.folder)
        self.password = secrets.of("amqp", rabbit.ADMIN)
        self.admin, self.key = secrets.of("mongo", mongo.ADMIN), secrets.of("mongo", "replica set")

    @property
    def mongo_url(self) -> str:
        return mongo.url(ports.LOOPBACK, self.mongo_port, mongo.ADMIN, self.admin)

    @property
    def amqp_url(self) -> str:
        return rabbit.url(ports.LOOPBACK, self.amqp_port, rabbit.ADMIN, self.password)

    async def start_database(self) -> None:
        log = self.folder / "mongod.log"
        self.database = await mongo.start(
            self.folder / "mongo", self.mongo_port, log=log, admin_password=self.admin, key=self.key
        )

    async def start_broker(self) -> None:
        plan = Plan([rabbit.admin(self.password)], topology.policies(DOMAIN))
        log = self.folder / "broker.log"
        self.broker = await rabbit.start(self.folder / "rabbit", self.amqp_port, log=log, plan=plan)
        await rabbit.until_queues_answer(self.amqp_url, QUEUES)


@pytest.fixture(scope="module")
async def backends(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backends]:
    mongo_port, amqp_port = ports.free(2)
    own = Backends(tmp_path_factory.mktemp("backends"), mongo_port, amqp_port)
    await asyncio.gather(own.start_database(), own.start_broker())
    yield own
    await asyncio.gather(processes.kill(own.database.child), own.broker.kill())


@pytest.fixture(scope="module")
async def preau(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Preau]:
    folder, clock = tmp_path_factory.mktemp("preau"), MovableClock()
    async with AsyncExitStack() as stack:
        started = await stack.enter_async_context(running(backends.mongo_url, backends.amqp_url, folder, clock=clock))
        yield started
        await all_hold_again(started)


@pytest.fixture(scope="module")
async def ledger(preau: Preau) -> Ledger:
    hall = await opened(preau, AURORE)
    return Ledger(preau, [await hall.welcome(reference) for reference in FAMILIES])


async def test_without_a_broker_families_book_on_and_everything_is_told_afterwards(
    backends: Backends, preau: Preau, ledger: Ledger
) -> None:
    before = ledger.answers.copy()
    await ledger.book(2)
    await backends.broker.stop()

    await ledger.book(DAYS)

    assert set(ledger.answers - before) == {201}
    await backends.start_broker()
    await ledger.is_balanced(logged=False)


async def test_a_broker_killed_in_the_middle_of_a_burst_loses_nothing(
    backends: Backends, preau: Preau, ledger: Ledger
) -> None:
    async def kill_and_start() -> None:
        await backends.broker.kill()
        await backends.start_broker()

    before = ledger.answers.copy()
    await ledger.book(DAYS, kill_and_start)

    assert set(ledger.answers - before) == {201}
    await ledger.is_balanced(logged=False)


async def test_a_database_killed_in_the_middle_of_a_burst_is_said_to_be_away_and_loses_nothing(
    backends: Backends, preau: Preau, ledger: Ledger
) -> None:
    async def kill_and_start() -> None:
        await processes.kill(backends.database.child)
        refused = await ledger.families[0].ask("GET", "/children")
        assert (refused.status, refused.json["type"]) == (503, "/problems/unavailable")
        assert refused.headers["Content-Type"].startswith(PROBLEM)
        assert int(refused.headers["Retry-After"]) <= 5
        await backends.start_database()

    await ledger.book(DAYS, kill_and_start)

    await ledger.is_balanced(logged=False)
