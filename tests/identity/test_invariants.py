"""The checks of live data see what they are for."""

from services.identity.store.invariants import INVARIANTS
from shared.mongo import Database

FILE = {"_id": "ff_1", "household_id": "hsh_1"}
HOUSEHOLD = {"_id": "hsh_1", "adhesions": [{"family_file_id": "ff_1"}]}
ACCOUNT = {"_id": "acc_1", "household_id": "hsh_1"}


async def _broken(db: Database) -> dict[str, list[str]]:
    found = {name: await check(db) for name, check in INVARIANTS.items()}
    return {name: lines for name, lines in found.items() if lines}


async def test_a_joined_household_breaks_nothing(database: Database) -> None:
    await database["family_files"].insert_one(dict(FILE))
    await database["households"].insert_one(dict(HOUSEHOLD))
    await database["accounts"].insert_one(dict(ACCOUNT))

    assert await _broken(database) == {}


async def test_a_file_and_an_account_without_their_household_are_named(database: Database) -> None:
    await database["family_files"].insert_one(dict(FILE))
    await database["accounts"].insert_one(dict(ACCOUNT))

    assert await _broken(database) == {
        "every joined family file has its household": ["ff_1"],
        "every guardian's account has its household": ["acc_1"],
    }


async def test_an_adhesion_whose_file_belongs_to_another_is_named(database: Database) -> None:
    await database["family_files"].insert_one({**FILE, "household_id": "hsh_2"})
    await database["households"].insert_one(dict(HOUSEHOLD))

    assert (await _broken(database))["every adhesion has its family file"] == ["hsh_1: ff_1"]
