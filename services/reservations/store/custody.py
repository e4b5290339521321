"""Custody plans as identity told them, and the children they are about: those a town knows in several households."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeAlias

from services.reservations.domain.bookable import RosterChild
from shared.contracts.households import CustodyPlan, CustodyPlanned
from shared.mongo import CollectionSchema, Database, keep_newest

InTown: TypeAlias = tuple[str, str]
"""A municipality and a child."""

CUSTODY_SCHEMA = CollectionSchema(validator={"bsonType": "object", "required": ["_id", "sequence"]})


class CustodyStore:
    def __init__(self, db: Database) -> None:
        self._plans = db["custody"]

    async def keep(self, told: CustodyPlanned, sequence: int) -> None:
        """The plan as of `sequence`; an older one changes nothing."""
        plan = told.plan.model_dump(mode="json") if told.plan else None
        await keep_newest(self._plans, _key((told.municipality_id, told.child_id)), {"plan": plan}, sequence)

    async def shared(self, children: Sequence[RosterChild]) -> list[RosterChild]:
        """The same children; each that has several households among them knows the others, and the plan between them.

        `children` must hold every household's link of a child that is in it.
        """
        households: dict[InTown, set[str]] = {}
        for child in children:
            households.setdefault((child.municipality_id, child.child_id), set()).add(child.household_id)
        several = {place: found for place, found in households.items() if len(found) > 1}
        if not several:
            return list(children)
        plans = await self._of(list(several))
        left = {(child.municipality_id, child.child_id, child.household_id) for child in children if child.left}
        return [_among(child, several, plans, left) for child in children]

    async def _of(self, places: Sequence[InTown]) -> dict[InTown, CustodyPlan]:
        wanted = {_key(place): place for place in places}
        found = self._plans.find({"_id": {"$in": list(wanted)}, "plan": {"$ne": None}})
        return {wanted[one["_id"]]: CustodyPlan.model_validate(one["plan"]) async for one in found}


def _among(
    child: RosterChild,
    several: Mapping[InTown, set[str]],
    plans: Mapping[InTown, CustodyPlan],
    left: AbstractSet[tuple[str, str, str]],
) -> RosterChild:
    place = (child.municipality_id, child.child_id)
    if place not in several:
        return child
    plan = plans.get(place)
    # What a household that left the town has booked still stands; weeks with it bind nobody any more.
    there = {one for one in several[place] if (*place, one) not in left}
    binding = plan if plan and plan.household_ids <= there else None
    return replace(child, others=frozenset(several[place] - {child.household_id}), custody=binding)


def one_each(children: Sequence[RosterChild]) -> list[RosterChild]:
    """Each child once, whatever its households, for lists of heads."""
    first: dict[str, RosterChild] = {}
    for child in sorted(children, key=lambda child: (child.left, child.household_id)):
        first.setdefault(child.child_id, child)
    return list(first.values())


def _key(place: InTown) -> str:
    return "/".join(place)
