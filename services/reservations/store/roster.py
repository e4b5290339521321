"""Who is enrolled where: a document per town and child reference, joined to households as their adhesions arrive.

The import and the adhesion come in any order, again and late: each writes its own part, guarded by its own version.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

from pymongo import IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError

from services.reservations.domain.bookable import Enrolment, RosterChild
from services.reservations.domain.enrolments_file import Enrolled
from services.reservations.domain.households_of_child import by_household
from services.reservations.store.custody import CustodyStore, one_each
from shared.contracts.identity import AdhesionEnded, AdhesionJoined, HouseholdProfiled, JoinedChild
from shared.errors import Conflict, NotFound
from shared.mongo import CollectionSchema, Database, Document, keep_newest
from shared.together import Together

Wanted: TypeAlias = tuple[str, str, str]

ROSTER_SCHEMA: Mapping[str, CollectionSchema] = {
    "roster": CollectionSchema(
        indexes=[
            IndexModel([("links.household_id", 1), ("links.child_id", 1)], name="household"),
            IndexModel([("municipality_id", 1), ("links.child_id", 1)], name="child"),
            IndexModel([("municipality_id", 1), ("enrolments.programme_id", 1)], name="programme"),
        ],
        validator={
            "bsonType": "object",
            "required": ["_id", "municipality_id", "reference"],
            "properties": {
                "municipality_id": {"bsonType": "string"},
                "reference": {"bsonType": "string"},
                "version": {"bsonType": ["int", "long"]},
                "enrolments": {"bsonType": "array"},
                "links": {
                    "bsonType": "array",
                    "items": {"required": ["household_id", "child_id", "resident", "sequence"]},
                },
            },
        },
    ),
    "adhesions": CollectionSchema(validator={"bsonType": "object", "required": ["_id", "sequence"]}),
    "profiles": CollectionSchema(
        validator={"bsonType": "object", "required": ["_id", "sequence", "children"]},
    ),
}


class RosterStore:
    def __init__(self, db: Database) -> None:
        self._roster = db["roster"]
        self._profiles = db["profiles"]
        self._adhesions = db["adhesions"]
        self._custody = CustodyStore(db)
        self._found_together = Together(self._find_all)

    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild:
        """The household's child as this town knows it. Names stay empty: no rule needs them, see `named`.

        Raises `NotFound`.
        """
        child = await self._found_together((municipality_id, household_id, child_id))
        if child is None:
            raise NotFound()
        return child

    async def _find_all(self, wanted: Sequence[Wanted]) -> list[RosterChild | None]:
        """Links of other households are read with them: a child of two has its days in both."""
        towns, _, children = (sorted(set(parts)) for parts in zip(*wanted, strict=True))
        scope = {"municipality_id": {"$in": towns}, "links.child_id": {"$in": children}}
        documents = await self._roster.find(scope).to_list(None)
        linked = await self._custody.shared([child for document in documents for child in _linked(document)])
        here = [child for child in linked if not child.left]
        found = by_household(here)
        return [found.get(one) for one in wanted]

    async def children_of(self, household_id: str) -> list[RosterChild]:
        """The household's children in every town it joined, oldest first."""
        found = self._roster.find({"links.household_id": household_id})
        children = [child async for document in found for child in _linked(document)]
        mine = [child for child in children if child.household_id == household_id and not child.left]
        wanted = list(dict.fromkeys((child.municipality_id, household_id, child.child_id) for child in mine))
        known = [child for child in await self._find_all(wanted) if child] if wanted else []
        return sorted(await self.named(known), key=lambda child: (str(child.birth_date), child.first_name))

    async def children_on(self, municipality_id: str, programme_id: str, site_id: str, day: date) -> list[RosterChild]:
        """Those enrolled there that day with a household that has joined, each once, by last name."""
        enrolled = {"programme_id": programme_id, "site_id": site_id}
        dates = {"starts": {"$lte": day.isoformat()}, "ends": {"$gte": day.isoformat()}}
        found = self._roster.find(
            {"municipality_id": municipality_id, "enrolments": {"$elemMatch": {**enrolled, **dates}}}
        )
        children = await self._custody.shared([child async for document in found for child in _linked(document)])
        # An enrolment may have been replaced by a later one at another site.
        there = [child for child in one_each(children) if _site_of(child, programme_id, day) == site_id]
        return sorted(await self.named(there), key=lambda child: (child.last_name, child.first_name))

    async def children_in(self, municipality_id: str, child_ids: Iterable[str]) -> dict[str, RosterChild]:
        """Those of the given children that the town knows, by id, with their names; one of a child's households."""
        wanted = set(child_ids)
        found = self._roster.find({"municipality_id": municipality_id, "links.child_id": {"$in": sorted(wanted)}})
        children = [child async for document in found for child in _linked(document) if child.child_id in wanted]
        each = one_each(await self._custody.shared(children))
        return {child.child_id: child for child in await self.named(each)}

    async def named(self, children: Sequence[RosterChild]) -> list[RosterChild]:
        """The same children with their names and birth dates, as far as their households' profiles came."""
        households = sorted({child.household_id for child in children})
        profiles = {
            (profile["_id"], child["child_id"]): child
            async for profile in self._profiles.find({"_id": {"$in": households}})
            for child in profile["children"]
        }
        return [_with_name(child, profiles.get((child.household_id, child.child_id))) for child in children]

    async def link_children(self, told: AdhesionJoined, sequence: int) -> None:
        """The household's children in the town, whole, as of `sequence` of the household; harmless in any order."""
        adhesion = f"{told.household_id}/{told.municipality_id}"
        if await self._latest(adhesion, sequence) > sequence:
            return
        if writes := [_link(told, child, sequence) for child in told.children]:
            await self._roster.bulk_write(writes, ordered=False)
        # Read again: a newer message may have passed meanwhile, and what it left out must not come back.
        outdated = {"household_id": told.household_id, "sequence": {"$lt": await self._latest(adhesion, sequence)}}
        await self._roster.update_many(
            {"municipality_id": told.municipality_id, "links": {"$elemMatch": outdated}}, {"$pull": {"links": outdated}}
        )

    async def unlink_children(self, told: AdhesionEnded, sequence: int) -> None:
        """The household books no more in the town; agents still see what is booked. Harmless in any order."""
        adhesion = f"{told.household_id}/{told.municipality_id}"
        if await self._latest(adhesion, sequence) > sequence:
            return
        mine = {"household_id": told.household_id, "sequence": {"$lte": sequence}}
        await self._roster.update_many(
            {"municipality_id": told.municipality_id, "links": {"$elemMatch": mine}},
            {"$set": {"links.$[mine].left": True}},
            array_filters=[{"mine.household_id": told.household_id, "mine.sequence": {"$lte": sequence}}],
        )

    async def _latest(self, adhesion: str, sequence: int) -> int:
        """The newest sequence seen of an adhesion, this one included."""
        found = await self._adhesions.find_one_and_update(
            {"_id": adhesion},
            {"$max": {"sequence": sequence}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return int(found["sequence"])

    async def set_names(self, told: HouseholdProfiled, sequence: int) -> None:
        """Keep the children's names as of `sequence`; older ones than those kept change nothing."""
        children = [
            {
                "child_id": child.child_id,
                "first_name": child.first_name,
                "last_name": child.last_name,
                "birth_date": child.birth_date.isoformat(),
            }
            for child in told.children
        ]
        await keep_newest(self._profiles, told.household_id, {"children": children}, sequence)

    async def enrolled(self, municipality_id: str, references: Iterable[str]) -> dict[str, Enrolled]:
        """By reference, empty ones included."""
        wanted = sorted(set(references))
        found = self._roster.find({"_id": {"$in": [_key(municipality_id, reference) for reference in wanted]}})
        known = {
            document["reference"]: Enrolled(version=document.get("version", 0), enrolments=_enrolments(document))
            async for document in found
        }
        return {reference: known.get(reference, Enrolled()) for reference in wanted}

    async def links_of(self, municipality_id: str, references: Iterable[str]) -> dict[str, set[str]]:
        """Ids of the children with these references, by household; of those that joined."""
        keys = [_key(municipality_id, reference) for reference in references]
        households: dict[str, set[str]] = {}
        async for document in self._roster.find({"_id": {"$in": keys}}, {"links": 1}):
            for link in document.get("links", []):
                households.setdefault(link["household_id"], set()).add(link["child_id"])
        return households

    async def save_enrolled(self, municipality_id: str, changed: Mapping[str, Enrolled]) -> None:
        """Each with the version it was read at. Raises `Conflict` when a child changed meanwhile.

        The others are saved then: sending the same file again completes it.
        """
        writes = [_enrol(municipality_id, reference, enrolled) for reference, enrolled in changed.items()]
        if not writes:
            return
        try:
            await self._roster.bulk_write(writes, ordered=False)
        except BulkWriteError:
            raise Conflict() from None


def _key(municipality_id: str, reference: str) -> str:
    return f"{municipality_id}/{reference}"


def _link(told: AdhesionJoined, child: JoinedChild, sequence: int) -> UpdateOne:
    """Replaces an older link of the same household and leaves those of other households alone."""
    link = {
        "household_id": told.household_id,
        "child_id": child.child_id,
        "resident": told.resident,
        "sequence": sequence,
    }
    links = {"$ifNull": ["$links", []]}
    mine = {"$and": [{"$eq": ["$$link.household_id", told.household_id]}, {"$lt": ["$$link.sequence", sequence]}]}
    kept = {"$filter": {"input": links, "as": "link", "cond": {"$not": mine}}}
    newer = {"$in": [told.household_id, "$$kept.household_id"]}
    joined = {"$cond": [newer, "$$kept", {"$concatArrays": ["$$kept", [{"$literal": link}]]}]}
    change = {
        "municipality_id": told.municipality_id,
        "reference": {"$literal": child.reference},
        "links": {"$let": {"vars": {"kept": kept}, "in": joined}},
    }
    return UpdateOne({"_id": _key(told.municipality_id, child.reference)}, [{"$set": change}], upsert=True)


def _enrol(municipality_id: str, reference: str, enrolled: Enrolled) -> UpdateOne:
    absent_or_same = enrolled.version or {"$exists": False}
    enrolments = [_enrolment_document(enrolment) for enrolment in enrolled.enrolments]
    change = {
        "$set": {
            "municipality_id": municipality_id,
            "reference": reference,
            "enrolments": enrolments,
            "version": enrolled.version + 1,
        }
    }
    return UpdateOne({"_id": _key(municipality_id, reference), "version": absent_or_same}, change, upsert=True)


def _enrolment_document(enrolment: Enrolment) -> Document:
    dates = {"starts": enrolment.starts.isoformat(), "ends": enrolment.ends.isoformat()}
    return {**vars(enrolment), **dates}


def _enrolments(found: Document) -> tuple[Enrolment, ...]:
    return tuple(
        Enrolment(
            programme_id=enrolment["programme_id"],
            site_id=enrolment["site_id"],
            group=enrolment["group"],
            starts=date.fromisoformat(enrolment["starts"]),
            ends=date.fromisoformat(enrolment["ends"]),
        )
        for enrolment in found.get("enrolments", [])
    )


def _linked(found: Document) -> list[RosterChild]:
    """One per household: separated parents each have their own. See `CustodyStore.shared`."""
    enrolments = _enrolments(found)
    return [
        RosterChild(
            child_id=link["child_id"],
            municipality_id=found["municipality_id"],
            household_id=link["household_id"],
            reference=found["reference"],
            first_name="",
            last_name="",
            birth_date=None,
            resident=link["resident"],
            enrolments=enrolments,
            left=link.get("left", False),
        )
        for link in found.get("links", [])
    ]


def _with_name(child: RosterChild, profile: Mapping[str, Any] | None) -> RosterChild:
    if profile is None:
        return child
    return replace(
        child,
        first_name=profile["first_name"],
        last_name=profile["last_name"],
        birth_date=date.fromisoformat(profile["birth_date"]),
    )


def _site_of(child: RosterChild, programme_id: str, day: date) -> str:
    enrolment = child.enrolment_on(programme_id, day)
    return enrolment.site_id if enrolment else ""
