"""Households that were merged into another one: what they have stays theirs, and is shown with the kept one's.

A service that keeps something by household names `FORMER_SCHEMA` among its collections and `HANDLERS` among its
messages, and reads for `former.with_formers(household_id)` where a family looks at what is past.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pymongo import IndexModel

from shared.contracts import Event, Told
from shared.contracts.identity import HouseholdsMerged, HouseholdsUnmerged
from shared.mongo import CollectionSchema, Database, keep_newest

# A merge of merges of merges; beyond that somebody is playing.
DEEPEST = 5
FORMER_SCHEMA: Mapping[str, CollectionSchema] = {
    "former_households": CollectionSchema(
        indexes=[
            IndexModel([("kept_household_id", 1)], name="kept"),
            IndexModel([("merged_household_id", 1)], name="merged"),
        ],
        validator={
            "bsonType": "object",
            "required": ["kept_household_id", "merged_household_id", "undone", "sequence"],
        },
    )
}


@dataclass(frozen=True)
class WithFormers:
    """`household_ids`: the household itself first. `child_ids`: former id of a child → the one it has now."""

    household_ids: tuple[str, ...]
    child_ids: Mapping[str, str]


class FormerHouseholds:
    def __init__(self, db: Database) -> None:
        self._documents = db["former_households"]

    async def keep(self, fact: HouseholdsMerged | HouseholdsUnmerged, sequence: int, *, undone: bool) -> None:
        """By merge, as of `sequence` of the kept household; harmless in any order."""
        state = {
            "kept_household_id": fact.kept_household_id,
            "merged_household_id": fact.merged_household_id,
            "children": [child.model_dump() for child in fact.children],
            "undone": undone,
        }
        await keep_newest(self._documents, fact.merge_id, state, sequence)

    async def with_formers(self, household_id: str) -> WithFormers:
        households, children = [household_id], dict[str, str]()
        level = [household_id]
        for _ in range(DEEPEST):
            found = await self._documents.find({"kept_household_id": {"$in": level}, "undone": False}).to_list(None)
            level = [one["merged_household_id"] for one in found]
            for child in (child for one in found for child in one["children"]):
                children[child["merged"]] = children.get(child["kept"], child["kept"])
            households += level
            if not level:
                break
        return WithFormers(tuple(dict.fromkeys(households)), children)

    async def kept_of(self, household_id: str) -> str:
        """Who answers for a household now: the one it was merged into, however often, or itself."""
        for _ in range(DEEPEST):
            found = await self._documents.find_one({"merged_household_id": household_id, "undone": False})
            if found is None:
                break
            household_id = found["kept_household_id"]
        return household_id


class Formers(Protocol):
    async def keep(self, fact: HouseholdsMerged | HouseholdsUnmerged, sequence: int, *, undone: bool) -> None: ...


async def follow_merge(told: Told[HouseholdsMerged], *, former: Formers) -> None:
    """From now on the kept household sees what the merged one has."""
    await former.keep(told.event, told.sequence, undone=False)


async def follow_unmerge(told: Told[HouseholdsUnmerged], *, former: Formers) -> None:
    """Each sees its own again."""
    await former.keep(told.event, told.sequence, undone=True)


HANDLERS: dict[type[Event], Callable[..., Awaitable[None]]] = {
    HouseholdsMerged: follow_merge,
    HouseholdsUnmerged: follow_unmerge,
}
