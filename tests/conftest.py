"""Backends for every test that asks; nothing starts before the first one does."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from shared import mongo
from shared.mongo import Client, Database
from tests import backends
from tests.backends import RabbitBackend


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        backends.open_session()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        backends.close_session()


@pytest.fixture(scope="session")
def mongo_url() -> str:
    """An administrator's URL of a replica set of one node."""
    return backends.ask_mongo().url


@pytest.fixture(scope="session")
async def mongo_client(mongo_url: str) -> AsyncIterator[Client]:
    client = mongo.connect(mongo_url)
    yield client
    client.close()


@pytest.fixture
async def database(mongo_client: Client) -> AsyncIterator[Database]:
    """An empty database, gone after the test."""
    name = f"test_{uuid4().hex}"
    yield mongo.database(mongo_client, name)
    await mongo_client.drop_database(name)


@pytest.fixture(scope="session")
def broker_backend() -> RabbitBackend:
    return backends.ask_rabbit()


@pytest.fixture
def amqp_url(broker_backend: RabbitBackend) -> Iterator[str]:
    """An administrator's URL of an empty virtual host with the house's policies, gone after the test."""
    name = f"test-{uuid4().hex}"
    yield broker_backend.new_vhost(name)
    broker_backend.drop_vhost(name)


@pytest.fixture(scope="module")
def module_amqp_url(broker_backend: RabbitBackend) -> Iterator[str]:
    """The same for all tests of a module."""
    name = f"test-{uuid4().hex}"
    yield broker_backend.new_vhost(name)
    broker_backend.drop_vhost(name)
