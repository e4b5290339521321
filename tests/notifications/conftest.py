"""The database of the notifications service, as `migrate` leaves it."""

import pytest

from services.notifications.store import SCHEMA
from shared import mongo
from shared.mongo import Database


@pytest.fixture
async def db(database: Database) -> Database:
    await mongo.apply(database, SCHEMA)
    return database
