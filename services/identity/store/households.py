"""Households as documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from pymongo import IndexModel

from services.identity.domain.guardians import writing_town
from services.identity.domain.households import Adhesion, Child, Guardian, GuardianInvitation, Household
from services.identity.domain.invitations import Invitation
from services.identity.store.child_references import ChildReferences
from services.identity.store.invitations import INVITATION, invitation_fields
from services.identity.store.writes import Write, write_all
from shared.contracts import Event
from shared.errors import NotFound
from shared.mongo import CollectionSchema, Database, Document

HOUSEHOLDS = CollectionSchema(
    tells=True,
    # A household of no town yet has no place in an index of files.
    dropped=["joined_once"],
    indexes=[
        IndexModel([("adhesions.municipality_id", 1), ("adhesions.children.child_id", 1)], name="town_child"),
        # A file is joined by one household only, whatever happens to the code.
        IndexModel(
            [("adhesions.family_file_id", 1)],
            name="file_joined_once",
            unique=True,
            partialFilterExpression={"adhesions.family_file_id": {"$exists": True}},
        ),
        IndexModel(
            [("guardian_invitations.invitation.code_hash", 1)],
            name="guardian_code",
            unique=True,
            partialFilterExpression={"guardian_invitations.invitation.code_hash": {"$exists": True}},
        ),
        IndexModel(
            [("guardian_invitations.invitation.typed_hash", 1)],
            name="guardian_typed_code",
            unique=True,
            partialFilterExpression={"guardian_invitations.invitation.typed_hash": {"$exists": True}},
        ),
        IndexModel(
            [("guardian_invitations.email", 1)],
            name="guardian_email",
            partialFilterExpression={"guardian_invitations.email": {"$exists": True}},
        ),
    ],
    validator={
        "bsonType": "object",
        "required": ["name", "guardians", "children", "adhesions", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^hsh_[0-9a-f]{32}$"},
            "guardians": {"bsonType": "array", "minItems": 1},
            "children": {"bsonType": "array", "items": {"bsonType": "object", "required": ["id", "birth_date"]}},
            "adhesions": {
                "bsonType": "array",
                "items": {"bsonType": "object", "required": ["municipality_id", "family_file_id", "children"]},
            },
            "guardian_invitations": {
                "bsonType": "array",
                "items": {
                    "bsonType": "object",
                    "required": ["guardian_id", "email", "invitation", "used"],
                    "properties": {"invitation": INVITATION},
                },
            },
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)
SHOWN = {"outbox": 0}


class HouseholdStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["households"]
        self._merges = db["merges"]
        self._references = ChildReferences(db)
        self._wake = wake

    async def get(self, household_id: str) -> Household:
        """Raises `NotFound`."""
        found = await self._documents.find_one({"_id": household_id}, SHOWN)
        if found is None:
            raise NotFound()
        return household_of(found)

    async def by_guardian_code(self, hashed: str) -> Household | None:
        """The household whose guardian was sent this code."""
        return await self._one({"guardian_invitations.invitation.code_hash": hashed})

    async def by_typed_guardian_code(self, hashed: str) -> Household | None:
        return await self._one({"guardian_invitations.invitation.typed_hash": hashed})

    async def inviting(self, email: str) -> list[Household]:
        """Those that invited a guardian at this address who has not come yet."""
        waiting = {"guardian_invitations": {"$elemMatch": {"email": email, "used": False}}}
        return [household_of(found) async for found in self._documents.find(waiting, SHOWN)]

    async def _one(self, asked: Document) -> Household | None:
        found = await self._documents.find_one(asked, SHOWN)
        return household_of(found) if found else None

    async def merged_into(self, household_id: str) -> tuple[str, ...]:
        """Households that became this one, also by way of others; what is kept under their ids is its own."""
        former: list[str] = []
        standing = [household_id]
        while standing:
            asked = {"kept_household_id": standing.pop(), "undone_at": None}
            found = await self._merges.distinct("merged_household_id", asked)
            fresh = [one for one in found if one and one not in (household_id, *former)]
            former += fresh
            standing += fresh
        return tuple(former)

    async def kept_of(self, household_id: str) -> str:
        """The household that stands for this one now: itself, or the one it was merged into, however often."""
        seen = [household_id]
        while found := await self._merges.find_one({"merged_household_id": seen[-1], "undone_at": None}):
            if found["kept_household_id"] in seen:
                break
            seen.append(found["kept_household_id"])
        return seen[-1]

    async def towns_of(self, household_id: str) -> frozenset[str]:
        found = await self._documents.find_one({"_id": household_id}, {"adhesions.municipality_id": 1})
        return frozenset(one["municipality_id"] for one in found["adhesions"]) if found else frozenset()

    async def joined_to(self, municipality_id: str, household_ids: Sequence[str]) -> dict[str, Household]:
        asked = {"_id": {"$in": list(household_ids)}, "adhesions.municipality_id": municipality_id}
        return {one["_id"]: household_of(one) for one in await self._documents.find(asked, SHOWN).to_list(None)}

    async def save(self, household: Household, events: Sequence[Event], at: datetime) -> None:
        """One household, in the name of the town that writes its letters. Raises `Conflict`."""
        await write_all(self._documents, [household_write(household, writing_town(household), at, events)])
        self._wake("households")

    async def settle_children(self, municipality_id: str, proposed: Mapping[str, str]) -> dict[str, str]:
        """The id of each of the town's references of children: the one it has, else the one proposed."""
        return await self._references.settle(municipality_id, proposed)

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
        "guardian_invitations": [
            {**vars(one), "invitation": invitation_fields(one.invitation)} for one in household.guardian_invitations
        ],
    }


def _adhesion_fields(adhesion: Adhesion) -> Document:
    """References are the town's own text, which may hold what a MongoDB key may not: a list of pairs."""
    fields = asdict(adhesion)
    pairs = fields.pop("child_ids").items()
    return {**fields, "children": [{"reference": reference, "child_id": child_id} for reference, child_id in pairs]}


def household_of(found: Document) -> Household:
    children = [{**child, "birth_date": date.fromisoformat(child["birth_date"])} for child in found["children"]]
    return Household(
        id=found["_id"],
        name=found["name"],
        address=found["address"],
        guardians=tuple(_guardian(guardian) for guardian in found["guardians"]),
        children=tuple(Child(**child) for child in children),
        adhesions=tuple(_adhesion(adhesion) for adhesion in found["adhesions"]),
        guardian_invitations=tuple(_guardian_invitation(one) for one in found.get("guardian_invitations", ())),
        version=found["version"],
    )


def _guardian(found: Document) -> Guardian:
    return Guardian(**{**found, "channels": tuple(found.get("channels", ()))})


def _guardian_invitation(found: Document) -> GuardianInvitation:
    return GuardianInvitation(**{**found, "invitation": Invitation(**found["invitation"])})


def _adhesion(found: Document) -> Adhesion:
    fields = {name: value for name, value in found.items() if name != "children"}
    return Adhesion(**fields, child_ids={one["reference"]: one["child_id"] for one in found["children"]})
