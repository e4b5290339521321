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


async def test_an_account_that_signs_in_for_nobody_or_for_somebody_else_s_guardian_is_named(
    database: Database,
) -> None:
    await database["family_files"].insert_one(dict(FILE))
    await database["households"].insert_one({**HOUSEHOLD, "guardians": [{"id": "grd_1"}]})
    of_one = {"household_id": "hsh_1", "guardian_id": "grd_1"}
    await database["accounts"].insert_many(
        [{"_id": "acc_1", **of_one}, {"_id": "acc_2", **of_one}, {"_id": "acc_3", **of_one, "guardian_id": "grd_9"}]
    )

    assert await _broken(database) == {
        "every guardian's account signs in for a guardian of its household": ["acc_3"],
        "one account at most signs in for a guardian": ["grd_1"],
    }


async def test_an_adhesion_whose_file_belongs_to_another_is_named(database: Database) -> None:
    await database["family_files"].insert_one({**FILE, "household_id": "hsh_2"})
    await database["households"].insert_one(dict(HOUSEHOLD))

    assert (await _broken(database))["every adhesion has its family file"] == ["hsh_1: ff_1"]


async def test_a_reference_that_means_two_children_is_named(database: Database) -> None:
    child = {"reference": "E1", "child_id": "chd_1"}
    adhesion = {"family_file_id": "ff_1", "municipality_id": "sainte-aurore", "children": [child]}
    await database["family_files"].insert_one(dict(FILE))
    await database["households"].insert_one({**HOUSEHOLD, "adhesions": [adhesion]})
    await database["child_references"].insert_one({"_id": "sainte-aurore/E1", "child_id": "chd_1"})
    assert await _broken(database) == {}

    await database["child_references"].update_one({}, {"$set": {"child_id": "chd_2"}})

    assert await _broken(database) == {"a town's reference means one child": ["hsh_1: sainte-aurore/E1"]}


async def test_custody_weeks_of_a_household_that_is_gone_are_named(database: Database) -> None:
    await database["family_files"].insert_one(dict(FILE))
    await database["households"].insert_one(dict(HOUSEHOLD))
    plan = {"even_weeks": "hsh_1", "odd_weeks": "hsh_2"}
    await database["custody"].insert_one({"_id": "sainte-aurore/chd_1", "plan": plan})

    assert await _broken(database) == {"custody weeks are of households that are there": ["sainte-aurore/chd_1"]}
