"""Who is enrolled where: a document per town and child reference, joined to households as their adhesions arrive.

The import and the adhesion come in any order, again and late: each writes its own part, guarded by its own version.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import BulkWriteError

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.enrolments import Enrolled
from services.reservations.domain.households_of_child import by_household
from services.reservations.store.custody import CustodyStore, one_each
from services.reservations.store.roster_documents import (
    births_of,
    born,
    enrol,
    enrolled_of,
    key_of,
    link_of,
    linked,
    packed,
    with_name,
)
from shared.contracts import Event
from shared.contracts.identity import AdhesionEnded, AdhesionJoined, HouseholdProfiled
from shared.errors import Conflict, NotFound
from shared.mongo import CollectionSchema, Database, Document, keep_newest
from shared.together import Together

Wanted: TypeAlias = tuple[str, str, str]

# What waits to be told is read by the relay alone.
UNTOLD = {"outbox": 0}
# A school at once: the driver's own hundred would be a second round trip.
AT_ONCE = 1_000

ROSTER_SCHEMA: Mapping[str, CollectionSchema] = {
    "roster": CollectionSchema(
        # Of a town with many schools, only the children of one are looked through.
        dropped=("programme",),
        indexes=[
            IndexModel([("links.household_id", 1), ("links.child_id", 1)], name="household"),
            IndexModel([("municipality_id", 1), ("links.child_id", 1)], name="child"),
            IndexModel(
                [("municipality_id", 1), ("enrolments.programme_id", 1), ("enrolments.site_id", 1)],
                name="programme_site",
            ),
            IndexModel([("municipality_id", 1), ("enrolments.id", 1)], name="enrolment"),
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
        tells=True,
    ),
    "adhesions": CollectionSchema(validator={"bsonType": "object", "required": ["_id", "sequence"]}),
    "profiles": CollectionSchema(
        validator={"bsonType": "object", "required": ["_id", "sequence", "children"]},
    ),
}


class RosterStore:
    def __init__(self, db: Database, wake: Callable[[str], None] = lambda _: None) -> None:
        self._wake = wake
        self._roster = db["roster"]
        self._profiles = db["profiles"]
        self._adhesions = db["adhesions"]
        self._custody = CustodyStore(db)
        self._found_together = Together(self._find_all)

    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild:
        """The household's child as this town knows it. Its names stay empty: no rule needs them, see `named`.

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
        return await self.joined(await self._roster.find(scope, UNTOLD).to_list(None), wanted)

    async def joined(self, documents: Sequence[Document], wanted: Sequence[Wanted]) -> list[RosterChild | None]:
        """The children asked for (town, household, child) in documents that were read with all their links."""
        found = await self._custody.shared([child for document in documents for child in linked(document)])
        here = by_household(child for child in found if not child.left)
        return [here.get(one) for one in wanted]

    async def children_of(self, household_id: str) -> list[RosterChild]:
        """The household's children in every town it joined, oldest first."""
        found = self._roster.find({"links.household_id": household_id}, UNTOLD)
        children = [child async for document in found for child in linked(document)]
        mine = [child for child in children if child.household_id == household_id and not child.left]
        wanted = list(dict.fromkeys((child.municipality_id, household_id, child.child_id) for child in mine))
        known = [child for child in await self._find_all(wanted) if child] if wanted else []
        return sorted(await self.named(known), key=lambda child: (str(child.birth_date), child.first_name))

    async def children_on(self, municipality_id: str, programme_id: str, site_id: str, day: date) -> list[RosterChild]:
        """Those enrolled there that day with a household that has joined, each once, by last name."""
        enrolled = {"programme_id": programme_id, "site_id": site_id}
        dates = {"starts": {"$lte": day.isoformat()}, "ends": {"$gte": day.isoformat()}}
        found = self._roster.find(
            {"municipality_id": municipality_id, "enrolments": {"$elemMatch": {**enrolled, **dates}}}, UNTOLD
        )
        documents = await found.batch_size(AT_ONCE).to_list(None)
        children = await self._custody.shared([child for document in documents for child in linked(document)])
        # An enrolment may have been replaced by a later one at another site.
        there = [child for child in one_each(children) if _site_of(child, programme_id, day) == site_id]
        return sorted(await self.named(there), key=lambda child: (child.last_name, child.first_name))

    async def children_in(self, municipality_id: str, child_ids: Iterable[str]) -> dict[str, RosterChild]:
        """Those of the given children that the town knows, by id, with their names; one of a child's households."""
        wanted = set(child_ids)
        scope = {"municipality_id": municipality_id, "links.child_id": {"$in": sorted(wanted)}}
        found = self._roster.find(scope, UNTOLD)
        children = [child async for document in found for child in linked(document) if child.child_id in wanted]
        each = one_each(await self._custody.shared(children))
        return {child.child_id: child for child in await self.named(each)}

    async def enrolled_children(self, municipality_id: str, child_ids: Collection[str]) -> dict[str, list[RosterChild]]:
        """Those of the given children that the town knows, once per household, without their names."""
        wanted = set(child_ids)
        scope = {"municipality_id": municipality_id, "links.child_id": {"$in": sorted(wanted)}}
        found: dict[str, list[RosterChild]] = {}
        async for document in self._roster.find(scope, UNTOLD):
            for child in linked(document):
                if child.child_id in wanted:
                    found.setdefault(child.child_id, []).append(child)
        return found

    async def named(self, children: Sequence[RosterChild]) -> list[RosterChild]:
        """The same children with their names and birth dates, as far as their households' profiles came."""
        households = sorted({child.household_id for child in children})
        found = self._profiles.find({"_id": {"$in": households}}).batch_size(AT_ONCE)
        profiles = {
            (profile["_id"], child["child_id"]): child
            for profile in await found.to_list(None)
            for child in profile["children"]
        }
        return [with_name(child, profiles.get((child.household_id, child.child_id))) for child in children]

    async def link_children(self, told: AdhesionJoined, sequence: int) -> None:
        """The household's children in the town, whole, as of `sequence` of the household; harmless in any order."""
        adhesion = f"{told.household_id}/{told.municipality_id}"
        if await self._latest(adhesion, sequence) > sequence:
            return
        births = await self._births(told.household_id)
        if writes := [link_of(told, one, sequence, births.get(one.child_id, {})) for one in told.children]:
            await self._roster.bulk_write(writes, ordered=False)
        # Read again: a newer message may have passed meanwhile, and what it left out must not come back.
        outdated = {"household_id": told.household_id, "sequence": {"$lt": await self._latest(adhesion, sequence)}}
        await self._roster.update_many(
            {"municipality_id": told.municipality_id, "links": {"$elemMatch": outdated}}, {"$pull": {"links": outdated}}
        )
        await self.copy_births(told.household_id)

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
        await self.copy_births(told.household_id)

    async def _births(self, household_id: str) -> dict[str, Document]:
        return births_of(await self._profiles.find_one({"_id": household_id}))

    async def copy_births(self, household_id: str) -> None:
        """From the household's profile into its links, which are all that rules about ages read.

        Adhesion and profile may be kept at the same moment: each writes its own part first and reads the other's
        here, so that whoever comes second copies.
        """
        births = await self._births(household_id)
        if writes := [born(household_id, child_id, known) for child_id, known in births.items()]:
            await self._roster.bulk_write(writes, ordered=False)

    async def enrolled(self, municipality_id: str, references: Iterable[str]) -> dict[str, Enrolled]:
        """By reference, empty ones included."""
        wanted = sorted(set(references))
        keys = [key_of(municipality_id, reference) for reference in wanted]
        found = self._roster.find({"_id": {"$in": keys}}, UNTOLD)
        known = {document["reference"]: enrolled_of(document) async for document in found}
        return {reference: known.get(reference, Enrolled()) for reference in wanted}

    async def links_of(self, municipality_id: str, references: Iterable[str]) -> dict[str, set[str]]:
        """Ids of the children with these references, by household; of those that joined."""
        keys = [key_of(municipality_id, reference) for reference in references]
        households: dict[str, set[str]] = {}
        async for document in self._roster.find({"_id": {"$in": keys}}, {"links": 1}):
            for link in document.get("links", []):
                households.setdefault(link["household_id"], set()).add(link["child_id"])
        return households

    async def save_enrolled(
        self,
        municipality_id: str,
        changed: Mapping[str, Enrolled],
        told: Mapping[str, Mapping[str, Event]] | None = None,
        at: datetime | None = None,
    ) -> None:
        """Each with the version it was read at; `told`, by reference and enrolment, is told as of `at`.

        Raises `Conflict` when a child changed meanwhile. The others are saved then: sending the same again completes
        it.
        """
        writes = [
            enrol(
                municipality_id, reference, enrolled, packed(municipality_id, enrolled, (told or {}).get(reference), at)
            )
            for reference, enrolled in changed.items()
        ]
        if not writes:
            return
        try:
            await self._roster.bulk_write(writes, ordered=False)
        except BulkWriteError:
            raise Conflict() from None
        finally:
            if told:
                self._wake("roster")


def _site_of(child: RosterChild, programme_id: str, day: date) -> str:
    enrolment = child.enrolment_on(programme_id, day)
    return enrolment.site_id if enrolment else ""
