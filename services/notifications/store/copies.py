"""Copies of towns, households and programmes."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.notifications.domain.copies import Guardian, Household, Names, Programme, Town
from shared.mongo import Database, Document, keep_newest

HOUSEHOLDS_AT_ONCE = 500


class CopyStore:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def keep_town(self, town: Town, sequence: int) -> None:
        await self._keep("towns", asdict(town), sequence)

    async def keep_household(self, household: Household, sequence: int) -> None:
        # Which household a child is in is asked by the child's id, and the keys of a map have no index.
        state = {**asdict(household), "child_ids": list(household.children)}
        await self._keep("households", state, sequence)
        # A guardian of a merged household brings along what they chose.
        guardians = [guardian.id for guardian in household.guardians]
        for collection, person in (("preferences", "_id"), ("devices", "person_id")):
            moved = {person: {"$in": guardians}, "household_id": {"$ne": household.id}}
            await self._db[collection].update_many(moved, {"$set": {"household_id": household.id}})

    async def keep_programme(self, programme: Programme, sequence: int) -> None:
        # An activity id has dots, which a field name must not have.
        activities = [{"id": key, "name": name} for key, name in programme.activities.items()]
        await self._keep("programmes", {**asdict(programme), "activities": activities}, sequence)

    async def _keep(self, collection: str, state: dict[str, Any], sequence: int) -> None:
        await keep_newest(self._db[collection], state.pop("id"), state, sequence)

    async def town(self, municipality_id: str) -> Town | None:
        found = await self._db["towns"].find_one({"_id": municipality_id})
        return None if found is None else _town(found)

    async def household(self, household_id: str) -> Household | None:
        found = await self._db["households"].find_one({"_id": household_id})
        return None if found is None else _household(found)

    async def households(self, household_ids: Sequence[str]) -> list[Household]:
        """Those that are known, in any order."""
        found = self._db["households"].find({"_id": {"$in": list(household_ids)}})
        return [_household(one) for one in await found.to_list(None)]

    async def households_in(self, municipality_id: str) -> AsyncIterator[list[str]]:
        """Ids of the households that joined the town, some hundreds at a time."""
        ids: list[str] = []
        async for found in self._db["households"].find({"municipality_ids": municipality_id}, {"_id": 1}):
            ids.append(found["_id"])
            if len(ids) == HOUSEHOLDS_AT_ONCE:
                yield ids
                ids = []
        if ids:
            yield ids

    async def guardian_names(self, household_ids: Collection[str]) -> dict[str, str]:
        """By guardian, of these households."""
        wanted = {"_id": {"$in": list(household_ids)}}
        found = self._db["households"].find(wanted, {"guardians": 1})
        return {
            one["id"]: f"{one['first_name']} {one['last_name']}".strip()
            async for household in found
            for one in household["guardians"]
        }

    async def town_names(self, municipality_ids: Collection[str]) -> Mapping[str, str]:
        wanted = {"_id": {"$in": list(municipality_ids)}}
        return {found["_id"]: found["name"] async for found in self._db["towns"].find(wanted, {"name": 1})}

    async def names(self, household_id: str, municipality_ids: Collection[str]) -> Names:
        """What messages of that household in those towns may name."""
        household = await self.household(household_id)
        in_towns = {"municipality_id": {"$in": list(municipality_ids)}}
        programmes = await self._db["programmes"].find(in_towns).to_list(None)
        return Names(
            towns=await self.town_names(municipality_ids),
            children=household.children if household else {},
            programmes={one["_id"]: one["name"] for one in programmes},
            activities={activity["id"]: activity["name"] for one in programmes for activity in one["activities"]},
        )


def _town(found: Document) -> Town:
    return Town(
        id=found["_id"],
        name=found["name"],
        time_zone=found["time_zone"],
        contact_email=found["contact_email"],
        contact_phone=found["contact_phone"],
        contact_address=found["contact_address"],
        services=tuple(found["services"]),
    )


def _guardian(found: Document) -> Guardian:
    return Guardian(**{**found, "channels": tuple(found.get("channels", ()))})


def _household(found: Document) -> Household:
    return Household(
        id=found["_id"],
        municipality_ids=tuple(found["municipality_ids"]),
        language=found["language"],
        guardians=tuple(_guardian(guardian) for guardian in found["guardians"]),
        children=found["children"],
    )
