"""What must hold on live data, one line per violation, in identifiers only. `make check` runs them."""

from collections.abc import Awaitable, Callable, Mapping

from shared.mongo import Database


async def files_joined_by_no_household(db: Database) -> list[str]:
    """Family files that name a household which does not name them."""
    households = {
        (household["_id"], adhesion["family_file_id"])
        async for household in db["households"].find({}, {"adhesions.family_file_id": 1})
        for adhesion in household["adhesions"]
    }
    joined = db["family_files"].find({"household_id": {"$ne": ""}}, {"household_id": 1})
    return [f"{file['_id']}" async for file in joined if (file["household_id"], file["_id"]) not in households]


async def adhesions_to_no_file(db: Database) -> list[str]:
    """Adhesions whose family file does not name their household."""
    files = {
        file["_id"]: file["household_id"]
        async for file in db["family_files"].find({"household_id": {"$ne": ""}}, {"household_id": 1})
    }
    return [
        f"{household['_id']}: {adhesion['family_file_id']}"
        async for household in db["households"].find({}, {"adhesions.family_file_id": 1})
        for adhesion in household["adhesions"]
        if files.get(adhesion["family_file_id"]) != household["_id"]
    ]


async def accounts_of_no_household(db: Database) -> list[str]:
    """Accounts of guardians whose household is not there."""
    households = set(await db["households"].distinct("_id"))
    guardians = db["accounts"].find({"household_id": {"$nin": ["", None]}}, {"household_id": 1})
    return [account["_id"] async for account in guardians if account["household_id"] not in households]


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "every joined family file has its household": files_joined_by_no_household,
    "every adhesion has its family file": adhesions_to_no_file,
    "every guardian's account has its household": accounts_of_no_household,
}
