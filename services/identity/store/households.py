"""Households as documents."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from pymongo import IndexModel

from services.identity.domain.households import Adhesion, Child, Guardian, Household
from services.identity.store.writes import Write, write_all
from shared.contracts import Event
from shared.errors import NotFound
from shared.mongo import CollectionSchema, Database, Document

HOUSEHOLDS = CollectionSchema(
    tells=True,
    # A file is joined by one household only, whatever happens to the code.
    indexes=[IndexModel([("adhesions.family_file_id", 1)], name="joined_once", unique=True)],
    validator={
        "bsonType": "object",
        "required": ["name", "guardians", "children", "adhesions", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^hsh_[0-9a-f]{32}$"},
            "guardians": {"bsonType": "array", "minItems": 1},
            "children": {"bsonType": "array", "items": {"bsonType": "object", "required": ["id", "birth_date"]}},
            "adhesions": {
                "bsonType": "array",
                "minItems": 1,
                "items": {"bsonType": "object", "required": ["municipality_id", "family_file_id", "children"]},
            },
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)
SHOWN = {"outbox": 0}


class HouseholdStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["households"]
        self._wake = wake

    async def get(self, household_id: str) -> Household:
        """Raises `NotFound`."""
        found = await self._documents.find_one({"_id": household_id}, SHOWN)
        if found is None:
            raise NotFound()
        return _household(found)

    async def towns_of(self, household_id: str) -> frozenset[str]:
        found = await self._documents.find_one({"_id": household_id}, {"adhesions.municipality_id": 1})
        return frozenset(one["municipality_id"] for one in found["adhesions"]) if found else frozenset()

    async def joined_to(self, municipality_id: str, household_ids: Sequence[str]) -> dict[str, Household]:
        asked = {"_id": {"$in": list(household_ids)}, "adhesions.municipality_id": municipality_id}
        return {one["_id"]: _household(one) for one in await self._documents.find(asked, SHOWN).to_list(None)}

    async def save_all(
        self, municipality_id: str, changes: Sequence[tuple[Household, Sequence[Event]]], at: datetime
    ) -> None:
        """Households that joined the town. Raises `Conflict`."""
        scope = {"adhesions.municipality_id": municipality_id}
        writes = (household_write(household, municipality_id, at, events, scope) for household, events in changes)
        await write_all(self._documents, writes)
        self._wake("households")


def household_write(
    household: Household, municipality_id: str, at: datetime, events: Sequence[Event], scope: Document | None = None
) -> Write:
    return Write(
        id=household.id,
        version=household.version,
        fields=_fields(household),
        municipality_id=municipality_id,
        at=at,
        events=events,
        scope=scope or {},
    )


def _fields(household: Household) -> Document:
    return {
        "name": household.name,
        "address": household.address,
        "guardians": [asdict(guardian) for guardian in household.guardians],
        "children": [{**asdict(child), "birth_date": child.birth_date.isoformat()} for child in household.children],
        "adhesions": [_adhesion_fields(adhesion) for adhesion in household.adhesions],
    }


def _adhesion_fields(adhesion: Adhesion) -> Document:
    """References are the town's own text, which may hold what a MongoDB key may not: a list of pairs."""
    fields = asdict(adhesion)
    pairs = fields.pop("child_ids").items()
    return {**fields, "children": [{"reference": reference, "child_id": child_id} for reference, child_id in pairs]}


def _household(found: Document) -> Household:
    children = [{**child, "birth_date": date.fromisoformat(child["birth_date"])} for child in found["children"]]
    return Household(
        id=found["_id"],
        name=found["name"],
        address=found["address"],
        guardians=tuple(Guardian(**guardian) for guardian in found["guardians"]),
        children=tuple(Child(**child) for child in children),
        adhesions=tuple(_adhesion(adhesion) for adhesion in found["adhesions"]),
        version=found["version"],
    )


def _adhesion(found: Document) -> Adhesion:
    fields = {name: value for name, value in found.items() if name != "children"}
    return Adhesion(**fields, child_ids={one["reference"]: one["child_id"] for one in found["children"]})
