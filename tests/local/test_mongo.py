"""The embedded MongoDB: a primary of its own, one user per service, nothing left behind."""

import pytest
from pymongo.errors import OperationFailure

from deploy.local import mongo, ports
from deploy.local.mongo import MongoUser
from tests.local.watching import families, left_over

BILLING = MongoUser("billing", "billing's", "billing")


@pytest.fixture
def start(tmp_path):
    """Starts on the same data and a new port each time."""

    async def start():
        (port,) = ports.free(1)
        log = tmp_path / "database.log"
        return await mongo.start(tmp_path / "mongo", port, log=log, admin_password="admin's", key="a" * 64)

    return start


async def test_it_keeps_its_data_from_one_port_to_another_and_leaves_no_process(start):
    for expected in (1, 2):
        server = await start()
        async with mongo.connected(server.url()) as client:
            await client.town.children.insert_one({})
            assert await client.town.children.count_documents({}) == expected
        found = families(server.child)
        await server.stop()
        assert left_over(found) == []


async def test_a_user_reads_and_writes_its_own_database_only(start):
    server = await start()
    try:
        for _ in ("created", "given again"):
            await mongo.set_users(server.url(), [BILLING])
        async with mongo.connected(server.url(BILLING.name, BILLING.password)) as client:
            await client.billing.invoices.insert_one({})
            for refused in (client.identity.accounts.find_one({}), client.billing.command("collMod", "invoices")):
                with pytest.raises(OperationFailure, match="not authorized"):
                    await refused
    finally:
        await server.stop()


async def test_transactions_and_change_streams_work(start):
    server = await start()
    try:
        async with mongo.connected(server.url()) as client, client.town.children.watch() as changes:
            async with await client.start_session() as session, session.start_transaction():
                await client.town.children.insert_one({"_id": "chd_1"}, session=session)
            assert (await changes.next())["documentKey"] == {"_id": "chd_1"}
    finally:
        await server.stop()
