"""One database for all tests of a module, emptied before each: these tests are many and its indexes take a while."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from services.notifications.store import SCHEMA
from shared import mongo
from shared.mongo import Client, Database


@pytest.fixture(scope="module")
async def kept(mongo_client: Client) -> AsyncIterator[Database]:
    name = f"test_{uuid4().hex}"
    database = mongo.database(mongo_client, name)
    await mongo.apply(database, SCHEMA)
    yield database
    await mongo_client.drop_database(name)


@pytest.fixture
async def db(kept: Database) -> Database:
    for name in await kept.list_collection_names():
        await kept[name].delete_many({})
    return kept
