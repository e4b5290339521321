"""The database of the partners service as `migrate` leaves it, and its door for partners on the real broker."""

from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
import pytest

from deploy.local import ports, rabbit
from services.partners.app.door import Door
from services.partners.store import SCHEMA
from shared import mongo
from shared.mongo import Client, Database
from tests.backends import RabbitBackend
from tests.partners.doors import OpenDoor


@pytest.fixture(scope="session")
async def migrated(mongo_client: Client) -> AsyncIterator[Database]:
    """Made once: its many indexes take longer than most tests."""
    name = f"test_{uuid4().hex}"
    database = mongo.database(mongo_client, name)
    await mongo.apply(database, SCHEMA)
    yield database
    await mongo_client.drop_database(name)


@pytest.fixture
async def db(migrated: Database) -> Database:
    """Without any document."""
    for name in [*SCHEMA.collections, "leases"]:
        await migrated[name].delete_many({})
    return migrated


@pytest.fixture
async def open_door(broker_backend: RabbitBackend) -> AsyncIterator[OpenDoor]:
    """A virtual host for partners, prepared, gone after the test with everybody who was let in."""
    backend, vhost = broker_backend, f"partners-{uuid4().hex}"
    amqp_url = rabbit.url(ports.LOOPBACK, backend.port, backend.user, backend.password, vhost)
    api_url = f"http://{backend.user}:{backend.password}@{ports.LOOPBACK}:{backend.management_port}"
    async with aiohttp.ClientSession() as session:
        door = Door(session, amqp_url=amqp_url, api_url=api_url)
        await door.prepare(queues=3, queue_length=700)
        opened = OpenDoor(door=door, amqp_url=amqp_url, api_url=api_url, port=backend.port, vhost=vhost)
        yield opened
        for name in opened.let_in:
            await door.shut_out(name)
    backend.drop_vhost(vhost)
