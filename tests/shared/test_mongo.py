"""A database at the version the code needs."""

import asyncio

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import IndexModel
from pymongo.errors import NetworkTimeout, WriteError

from shared import mongo
from shared.mongo import Client, CollectionSchema, Database, Schema, SchemaTooOld, keep_newest

VALIDATOR = {"bsonType": "object", "required": ["name"]}
FIRST = Schema(1, {"things": CollectionSchema(indexes=[IndexModel("name", name="by_name")], tells=True)})
SECOND = Schema(
    2, {"things": CollectionSchema(validator=VALIDATOR, tells=True), "others": CollectionSchema(tells=False)}
)


async def test_what_is_missing_is_created(database: Database) -> None:
    await mongo.apply(database, FIRST)

    assert set(await database["things"].index_information()) == {"_id_", "by_name", "outbox"}


async def test_applying_twice_changes_nothing(database: Database) -> None:
    await mongo.apply(database, FIRST)
    await database["things"].insert_one({"_id": "kept"})

    await mongo.apply(database, FIRST)

    assert await database["things"].count_documents({}) == 1
    await mongo.check(database, FIRST)


async def test_a_new_version_adds_to_the_old_one(database: Database) -> None:
    await mongo.apply(database, FIRST)

    await mongo.apply(database, SECOND)

    assert {"things", "others"} <= set(await database.list_collection_names())
    with pytest.raises(WriteError):
        await database["things"].insert_one({"colour": "red"})


async def test_a_database_that_was_never_migrated_is_too_old(database: Database) -> None:
    with pytest.raises(SchemaTooOld):
        await mongo.check(database, FIRST)


async def test_a_database_of_an_older_version_is_too_old(database: Database) -> None:
    await mongo.apply(database, FIRST)

    with pytest.raises(SchemaTooOld):
        await mongo.check(database, SECOND)


async def test_a_database_of_a_newer_version_is_fine_for_going_back(database: Database) -> None:
    await mongo.apply(database, SECOND)

    await mongo.check(database, FIRST)
    await mongo.apply(database, FIRST)

    await mongo.check(database, SECOND)


async def test_only_documents_with_something_to_tell_are_in_the_outbox_index(database: Database) -> None:
    await mongo.apply(database, FIRST)
    await database["things"].insert_many(
        [{"_id": "silent", "outbox": []}, {"_id": "telling", "outbox": [{"id": "e1"}]}]
    )

    plan = await database.command(
        {
            "explain": {"find": "things", "filter": {"outbox.id": {"$exists": True}}, "sort": {"outbox.id": 1}},
            "verbosity": "executionStats",
        }
    )

    assert plan["executionStats"]["totalKeysExamined"] == 1


def test_collections_that_tell_are_known() -> None:
    assert SECOND.telling == ["things"]


async def test_of_many_tellings_at_once_the_newest_is_kept(database: Database) -> None:
    keys = [f"copy-{number}" for number in range(40)]

    await asyncio.gather(
        *(
            keep_newest(database["copies"], key, {"told": sequence}, sequence)
            for key in keys
            for sequence in (3, 1, 4, 2)
        )
    )

    kept = {found["_id"]: found["told"] async for found in database["copies"].find()}
    assert kept == dict.fromkeys(keys, 4)


async def test_an_index_may_take_longer_to_build_than_a_request_may(mongo_url: str, database: Database) -> None:
    hasty: Client = AsyncIOMotorClient(mongo_url, socketTimeoutMS=1)
    collection = hasty[database.name]["things"]
    try:
        with pytest.raises(NetworkTimeout):
            await collection.create_indexes([IndexModel([("slow", 1)])])
        await mongo.build(collection, [IndexModel([("name", 1)]), IndexModel([("town", 1)])])
    finally:
        hasty.close()
    assert {"name_1", "town_1"} <= set(await database["things"].index_information())
