"""What copies of a household's standing hold of it: where it lives, where its children are enrolled."""

from services.requests.store.standing import ADHESIONS, ENROLMENTS
from shared.mongo import Database, Document

HIDDEN = {"_id": 0, "sequence": 0}


async def standing_of(db: Database, household_id: str) -> dict[str, list[Document]]:
    adhesions = await db[ADHESIONS].find({"household_id": household_id}, HIDDEN).to_list(None)
    enrolments = [
        one for adhesion in adhesions for one in await db[ENROLMENTS].find(_children_of(adhesion), HIDDEN).to_list(None)
    ]
    return {"adhesions": adhesions, "enrolments": enrolments}


async def erase_standing(db: Database, household_id: str) -> int:
    """How many copies. A child who lives in another household as well stays enrolled there."""
    gone = 0
    adhesions = await db[ADHESIONS].find({"household_id": household_id}).to_list(None)
    for adhesion in adhesions:
        alone = [one for one in adhesion["children"] if not await _lives_elsewhere(db, adhesion, one["reference"])]
        enrolments = await db[ENROLMENTS].delete_many(_children_of({**adhesion, "children": alone}))
        gone += enrolments.deleted_count
    return gone + (await db[ADHESIONS].delete_many({"household_id": household_id})).deleted_count


def _children_of(adhesion: Document) -> Document:
    references = [child["reference"] for child in adhesion["children"]]
    return {"municipality_id": adhesion["municipality_id"], "reference": {"$in": references}}


async def _lives_elsewhere(db: Database, adhesion: Document, reference: str) -> bool:
    elsewhere = {
        "municipality_id": adhesion["municipality_id"],
        "children.reference": reference,
        "household_id": {"$ne": adhesion["household_id"]},
    }
    return await db[ADHESIONS].find_one(elsewhere, {"_id": 1}) is not None
