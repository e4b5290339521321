"""The database of the billing service, as `migrate` leaves it, its stores, and a clock that tests move."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from deploy.sandbox.app import Addresses, running
from deploy.sandbox.settings import Settings as SandboxSettings
from services.billing.app.work import Stores
from services.billing.store import SCHEMA
from shared import mongo
from shared.mongo import Client, Database
from tests.billing.samples import HOUSEHOLD, NOW, PROGRAMMES, TARIFF, TOWN, with_quotients
from tests.emptying import empty


class MovableClock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **step: float) -> None:
        self.now += timedelta(**step)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
async def migrated(mongo_client: Client) -> AsyncIterator[Database]:
    """Indexes take a second to build: they are built once."""
    name = f"test_{uuid4().hex}"
    migrated = mongo.database(mongo_client, name)
    await mongo.apply(migrated, SCHEMA)
    yield migrated
    await mongo_client.drop_database(name)


@pytest.fixture
async def db(migrated: Database) -> Database:
    """Empty at the start of each test."""
    await empty(migrated)
    return migrated


@pytest.fixture
def stores(db: Database, clock: MovableClock) -> Stores:
    """On an empty database."""
    return Stores(db, lambda _: None, clock)


@pytest.fixture
async def town(stores: Stores) -> Stores:
    """The sample town with its programmes, its tariff and one family of quotient 2000."""
    await stores.copies.put_town(TOWN, 1)
    for programme in PROGRAMMES:
        await stores.copies.put_programme(programme, 1)
    await stores.copies.put_household(HOUSEHOLD, 1)
    await stores.tariffs.save(TARIFF)
    await stores.families.save(with_quotients(("2026-01-01", "2000")))
    return stores


@pytest.fixture
async def sandbox(clock: MovableClock) -> AsyncIterator[Addresses]:
    settings = SandboxSettings(mail_port=0, smtp_port=0, payment_port=0, franceconnect_port=0)
    async with running(settings, clock) as addresses:
        yield addresses


@pytest.fixture
async def payer(sandbox: Addresses) -> AsyncIterator[ClientSession]:
    async with ClientSession(sandbox.payment) as session:
        yield session
