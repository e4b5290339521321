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


async def accounts_of_no_guardian(db: Database) -> list[str]:
    """Accounts that sign in for a guardian their household does not name."""
    named = {
        (household["_id"], guardian["id"])
        async for household in db["households"].find({}, {"guardians.id": 1})
        for guardian in household.get("guardians", ())
    }
    accounts = db["accounts"].find({"guardian_id": {"$nin": ["", None]}}, {"household_id": 1, "guardian_id": 1})
    return [one["_id"] async for one in accounts if (one["household_id"], one["guardian_id"]) not in named]


async def guardians_of_two_accounts(db: Database) -> list[str]:
    """Guardians for whom two accounts sign in."""
    pairs = db["accounts"].aggregate(
        [
            {"$match": {"guardian_id": {"$nin": ["", None]}}},
            {"$group": {"_id": "$guardian_id", "accounts": {"$sum": 1}}},
            {"$match": {"accounts": {"$gt": 1}}},
        ]
    )
    return [one["_id"] async for one in pairs]


async def references_of_two_children(db: Database) -> list[str]:
    """A town's reference of a child that means another child in one of the households that joined with it."""
    settled = {one["_id"]: one["child_id"] async for one in db["child_references"].find({}, {"child_id": 1})}
    return [
        f"{household['_id']}: {key}"
        async for household in db["households"].find({}, {"adhesions": 1})
        for adhesion in household["adhesions"]
        for child in adhesion.get("children", ())
        if settled.get(key := f"{adhesion['municipality_id']}/{child['reference']}", child["child_id"])
        != child["child_id"]
    ]


async def weeks_of_strangers(db: Database) -> list[str]:
    """Custody weeks that name a household which is not there."""
    households = set(await db["households"].distinct("_id"))
    return [
        plan["_id"]
        async for plan in db["custody"].find({"plan": {"$ne": None}}, {"plan": 1})
        if not {plan["plan"]["even_weeks"], plan["plan"]["odd_weeks"]} <= households
    ]


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "every joined family file has its household": files_joined_by_no_household,
    "every adhesion has its family file": adhesions_to_no_file,
    "every guardian's account has its household": accounts_of_no_household,
    "every guardian's account signs in for a guardian of its household": accounts_of_no_guardian,
    "one account at most signs in for a guardian": guardians_of_two_accounts,
    "a town's reference means one child": references_of_two_children,
    "custody weeks are of households that are there": weeks_of_strangers,
}
