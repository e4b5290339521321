"""Which child a town's own reference means: one child, whatever number of family files name it."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel, UpdateOne
from pymongo.errors import BulkWriteError

from shared.mongo import CollectionSchema, Database, Document

CHILD_REFERENCES = CollectionSchema(
    indexes=[IndexModel([("municipality_id", 1), ("child_id", 1)], name="child")],
    validator={
        "bsonType": "object",
        "required": ["municipality_id", "reference", "child_id"],
        "properties": {
            "municipality_id": {"bsonType": "string"},
            "reference": {"bsonType": "string"},
            "child_id": {"bsonType": "string", "pattern": "^chd_[0-9a-f]{32}$"},
        },
    },
)
DUPLICATE = 11000


class ChildReferences:
    """The first household to join with a reference settles the child's id; those that come later find it."""

    def __init__(self, db: Database) -> None:
        self._documents = db["child_references"]

    async def of(self, municipality_id: str, references: Sequence[str]) -> dict[str, str]:
        wanted = [_key(municipality_id, reference) for reference in references]
        found = self._documents.find({"_id": {"$in": wanted}, "municipality_id": municipality_id})
        return {one["reference"]: one["child_id"] async for one in found}

    async def settle(self, municipality_id: str, proposed: Mapping[str, str]) -> dict[str, str]:
        """The id of each reference: the one it has, else the one proposed, for good."""
        known = await self.of(municipality_id, list(proposed))
        new = [one for one in proposed if one not in known]
        if not new:
            return known
        try:
            writes = [_insert(municipality_id, reference, proposed[reference]) for reference in new]
            await self._documents.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            # Somebody settled one at this very moment: what they wrote is read below.
            if any(one["code"] != DUPLICATE for one in error.details["writeErrors"]):
                raise
        return await self.of(municipality_id, list(proposed))

    async def fill(self, db: Database) -> None:
        """From households that joined before references were settled; harmless when repeated."""
        async for household in db["households"].find({}, {"adhesions": 1}, sort=[("_id", 1)]):
            for adhesion in household["adhesions"]:
                children = {one["reference"]: one["child_id"] for one in adhesion["children"]}
                await self.settle(adhesion["municipality_id"], children)


def _key(municipality_id: str, reference: str) -> str:
    return f"{municipality_id}/{reference}"


def _insert(municipality_id: str, reference: str, child_id: str) -> UpdateOne:
    document: Document = {"municipality_id": municipality_id, "reference": reference, "child_id": child_id}
    return UpdateOne({"_id": _key(municipality_id, reference)}, {"$setOnInsert": document}, upsert=True)
