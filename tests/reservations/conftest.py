"""What several test files of reservations ask for."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer

import services.reservations
from services.reservations.app import set_parts
from services.reservations.http import ROUTES
from services.reservations.store import SCHEMA
from shared import mongo
from shared.mongo import Client, Database
from shared.service import new_app
from tests.callers import Issuer
from tests.emptying import empty
from tests.reservations.asking import Http
from tests.reservations.rig import Rig, set_up
from tests.reservations.sample_town import TOWN


@pytest.fixture(scope="session")
async def migrated(mongo_client: Client) -> AsyncIterator[Database]:
    """A database at the service's schema: building its indexes takes longer than most tests."""
    name = f"test_reservations_{uuid4().hex}"
    db = mongo.database(mongo_client, name)
    await mongo.apply(db, SCHEMA)
    yield db
    await mongo_client.drop_database(name)


@pytest.fixture
async def books(migrated: Database) -> AsyncIterator[Database]:
    """The same, empty."""
    yield migrated
    await empty(migrated)


@pytest.fixture
async def rig(books: Database) -> Rig:
    """The sample town with two families of two children."""
    return await set_up(books)


@pytest.fixture
async def issuer(rig: Rig) -> AsyncIterator[Issuer]:
    issuer = Issuer(rig.clock)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def http(rig: Rig, issuer: Issuer) -> AsyncIterator[Http]:
    """The service's doors over the rig, without messaging and without the sweeper's loop."""
    app = new_app("reservations", Path(services.reservations.__file__).parent, ROUTES, issuer.tokens(), rig.clock)
    set_parts(app, rig.stores, rig.clock)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def parent(issuer: Issuer) -> dict[str, str]:
    """Headers of a guardian of the first family."""
    return issuer.guardian("hsh_1", TOWN)


@pytest.fixture
def neighbour(issuer: Issuer) -> dict[str, str]:
    return issuer.guardian("hsh_2", TOWN)
