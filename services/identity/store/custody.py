"""Custody weeks as documents: one per town and child."""

from collections.abc import Callable
from datetime import datetime

from pymongo import IndexModel

from services.identity.domain.custody import Custody
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts.households import CustodyPlan
from shared.errors import Conflict
from shared.mongo import CollectionSchema, Database, Document

CUSTODY = CollectionSchema(
    tells=True,
    indexes=[IndexModel([("child_id", 1), ("municipality_id", 1)], name="child")],
    validator={
        "bsonType": "object",
        "required": ["municipality_id", "child_id", "plan", "version"],
        "properties": {
            "municipality_id": {"bsonType": "string"},
            "child_id": {"bsonType": "string", "pattern": "^chd_[0-9a-f]{32}$"},
            "plan": {"bsonType": ["object", "null"]},
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)
SHOWN = {"outbox": 0}


class CustodyStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["custody"]
        self._households = db["households"]
        self._wake = wake

    async def of(self, municipality_id: str, child_id: str) -> Custody:
        """Without a plan when the town never set one."""
        asked = {"_id": f"{municipality_id}/{child_id}", "municipality_id": municipality_id}
        found = await self._documents.find_one(asked, SHOWN)
        return custody_of(found) if found else Custody(municipality_id=municipality_id, child_id=child_id, plan=None)

    async def set_in(self, municipality_ids: frozenset[str], child_id: str) -> list[Custody]:
        """Those of these towns that keep weeks of the child."""
        asked = {"child_id": child_id, "municipality_id": {"$in": sorted(municipality_ids)}, "plan": {"$ne": None}}
        return [custody_of(found) async for found in self._documents.find(asked, SHOWN, sort=[("_id", 1)])]

    async def households_of(self, municipality_id: str, child_id: str) -> list[str]:
        """Those that joined the town with the child."""
        adhesion = {"municipality_id": municipality_id, "children.child_id": child_id}
        asked = {"adhesions.municipality_id": municipality_id, "adhesions": {"$elemMatch": adhesion}}
        asked["adhesions.children.child_id"] = child_id
        return sorted([found["_id"] async for found in self._households.find(asked, {"_id": 1})])

    async def save(self, custody: Custody, at: datetime) -> None:
        """Raises `Conflict`."""
        try:
            await write_all(self._documents, [custody_write(custody, at)])
        except Duplicate:
            raise Conflict() from None
        self._wake("custody")


def custody_write(custody: Custody, at: datetime) -> Write:
    return Write(
        id=custody.id,
        version=custody.version,
        fields={
            "municipality_id": custody.municipality_id,
            "child_id": custody.child_id,
            "plan": custody.plan.model_dump(mode="json") if custody.plan else None,
        },
        municipality_id=custody.municipality_id,
        at=at,
        events=custody.told(),
        scope={"municipality_id": custody.municipality_id},
    )


def custody_of(found: Document) -> Custody:
    plan = found["plan"]
    return Custody(
        municipality_id=found["municipality_id"],
        child_id=found["child_id"],
        plan=CustodyPlan.model_validate(plan) if plan else None,
        version=found["version"],
    )
