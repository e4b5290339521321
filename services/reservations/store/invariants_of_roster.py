"""What must hold of the roster on live data; a check names what breaks it by ids only."""

from collections import Counter
from collections.abc import AsyncIterator

from services.reservations.store.roster_documents import births_of
from shared.mongo import Database, Document


async def links_of_another_age(db: Database) -> list[str]:
    """A link keeps the birth date its household's profile has. Looked at twice: a message may be half way."""
    suspects = [link async for link in _links(db) if await _differs(db, *link)]
    return [
        f"{place}: the link of {household_id} has another age"
        for place, household_id in suspects
        if await _differs(db, place, household_id)
    ]


async def _links(db: Database) -> AsyncIterator[tuple[str, str]]:
    profiled = {"links.0": {"$exists": True}}
    async for found in db["roster"].find(profiled, {"links": 1}):
        for link in found["links"]:
            yield found["_id"], link["household_id"]


async def _differs(db: Database, place: str, household_id: str) -> bool:
    found = await db["roster"].find_one({"_id": place}, {"links": 1})
    births = births_of(await db["profiles"].find_one({"_id": household_id}))
    mine = [link for link in (found or {}).get("links", ()) if link["household_id"] == household_id]
    return any(births.get(link["child_id"], link).get("birth_date") != link.get("birth_date") for link in mine)


async def enrolments_named_twice(db: Database) -> list[str]:
    """Programme and first day name an enrolment, and so does its id."""
    return [line async for found in db["roster"].find({}, {"enrolments": 1}) for line in _doubled(found)]


def _doubled(found: Document) -> list[str]:
    enrolments = found.get("enrolments", ())
    names = Counter(f"{one['programme_id']} from {one['starts']}" for one in enrolments)
    ids = Counter(one["id"] for one in enrolments if one.get("id"))
    return [f"{found['_id']}: {name} is there {count} times" for name, count in (names + ids).items() if count > 1]
