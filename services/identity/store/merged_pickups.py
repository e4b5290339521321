"""Pick-up persons of a merged household: they go on collecting the same children, and go back when it is undone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from motor.motor_asyncio import AsyncIOMotorClientSession

from services.identity.domain.households import Household
from services.identity.domain.merging import Merge
from services.identity.domain.pickup import PickupList, PickupPerson
from services.identity.store.pickup import list_of, person_fields
from services.identity.store.writes import Write, write_all
from shared.mongo import Database, Document


async def move_pickups(db: Database, merge: Merge, at: datetime, session: AsyncIOMotorClientSession) -> Document | None:
    """Who was on which list, None when nobody moved. Raises `Conflict`, `TooManyPersons`."""
    kept, merged = merge.kept.household, merge.merged.household
    theirs = await _of(db, merged.id, session) if merged else None
    if kept is None or merged is None or theirs is None or not theirs.persons:
        return None
    ours = await _of(db, kept.id, session) or PickupList(household_id=kept.id)
    together = ours
    for person in theirs.persons:
        together = together.with_person(_renamed(person, merge.child_ids))
    moved = [person.id for person in theirs.persons]
    town = merge.kept.file.municipality_id
    changes = [(together, kept, moved), (replace(theirs, persons=()), merged, moved)]
    await _write(db, changes, town, at, session)
    await _hand_photos(db, moved, merged.id, kept.id, session)
    former = {one.household_id: [person_fields(person) for person in one.persons] for one in (ours, theirs)}
    return {"moved": moved, "lists": [{"household_id": key, "persons": persons} for key, persons in former.items()]}


async def put_pickups_back(
    db: Database,
    former: Document | None,
    households: Sequence[Household],
    town: str,
    at: datetime,
    session: AsyncIOMotorClientSession,
) -> None:
    """`households`: the kept and the merged one. Who was added since stays on the kept list."""
    if not former:
        return
    kept, merged = households
    ours = await _of(db, kept.id, session) or PickupList(household_id=kept.id)
    theirs = await _of(db, merged.id, session) or PickupList(household_id=merged.id)
    written = {one["household_id"]: list_of({**one, "version": 0}).persons for one in former["lists"]}
    left = tuple(person for person in ours.persons if person.id not in former["moved"])
    changes = [
        (replace(ours, persons=left), kept, former["moved"]),
        (replace(theirs, persons=written[merged.id]), merged, former["moved"]),
    ]
    await _write(db, changes, town, at, session)
    await _hand_photos(db, former["moved"], kept.id, merged.id, session)


async def _of(db: Database, household_id: str, session: AsyncIOMotorClientSession) -> PickupList | None:
    found = await db["pickup_lists"].find_one({"_id": household_id, "household_id": household_id}, session=session)
    return list_of(found) if found else None


def _renamed(person: PickupPerson, child_ids: Mapping[str, str]) -> PickupPerson:
    return replace(person, child_ids=tuple(dict.fromkeys(child_ids.get(one, one) for one in person.child_ids)))


async def _write(
    db: Database,
    changes: Sequence[tuple[PickupList, Household, Sequence[str]]],
    town: str,
    at: datetime,
    session: AsyncIOMotorClientSession,
) -> None:
    writes = [
        Write(
            id=one.household_id,
            version=one.version,
            fields={"household_id": one.household_id, "persons": [person_fields(person) for person in one.persons]},
            municipality_id=town,
            at=at,
            events=one.told(household, about),
        )
        for one, household, about in changes
    ]
    await write_all(db["pickup_lists"], writes, session=session)


async def _hand_photos(
    db: Database, person_ids: Sequence[str], former: str, new: str, session: AsyncIOMotorClientSession
) -> None:
    asked = {"_id": {"$in": list(person_ids)}, "household_id": former}
    await db["pickup_photos"].update_many(asked, {"$set": {"household_id": new}}, session=session)
