"""The copy of who is enrolled where, by ids, for news that are for some families only."""

from collections.abc import AsyncIterator, Collection
from datetime import date, datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.notifications.domain.news.audience import Audience, Enrolment, Place
from shared.mongo import Database, Document, keep_newest

HOUSEHOLDS_AT_ONCE = 500
NEVER = date.min
# An enrolment that is over says nothing any more; some days, for facts that arrive late.
KEPT_AFTER_END = timedelta(days=30)


class EnrolmentStore:
    def __init__(self, db: Database) -> None:
        self._enrolments = db["enrolments"]
        self._households = db["households"]

    async def keep(self, enrolment: Enrolment, sequence: int) -> None:
        await keep_newest(self._enrolments, enrolment.id, _document(enrolment), sequence)

    async def end(self, enrolment: Enrolment, sequence: int) -> None:
        """Only its last day changes: where it was is known already, or is as told now."""
        older = {"_id": enrolment.id, "sequence": {"$lt": sequence}}
        known = _document(enrolment)
        change = {"$set": {"ends": known.pop("ends"), "sequence": sequence}, "$setOnInsert": known}
        try:
            await self._enrolments.update_one(older, change, upsert=True)
        except DuplicateKeyError:
            await self._enrolments.update_one(older, change)

    async def places_of(self, household_id: str, today: date) -> list[Place]:
        """Where its children go, or will go."""
        household = await self._households.find_one({"_id": household_id}, {"child_ids": 1})
        if not household or not household.get("child_ids"):
            return []
        going = {"child_ids": {"$in": household["child_ids"]}, "ends": {"$gte": today.isoformat()}}
        return [_place(found) async for found in self._enrolments.find(going)]

    async def households_meant(self, municipality_id: str, audience: Audience, today: date) -> AsyncIterator[list[str]]:
        """Ids of the households of the town it is for, each once, some hundreds at a time."""
        children = await self._children(municipality_id, audience, today)
        told: set[str] = set()
        for start in range(0, len(children), HOUSEHOLDS_AT_ONCE):
            some = children[start : start + HOUSEHOLDS_AT_ONCE]
            wanted = {"child_ids": {"$in": some}, "municipality_ids": municipality_id}
            found = [one["_id"] async for one in self._households.find(wanted, {"_id": 1})]
            fresh = [one for one in found if one not in told]
            told.update(fresh)
            for at in range(0, len(fresh), HOUSEHOLDS_AT_ONCE):
                yield fresh[at : at + HOUSEHOLDS_AT_ONCE]

    async def _children(self, municipality_id: str, audience: Audience, today: date) -> list[str]:
        named = {"programme_id": audience.programme_ids, "site_id": audience.site_ids, "group": audience.groups}
        wanted: dict[str, Any] = {"municipality_id": municipality_id, "ends": {"$gte": today.isoformat()}}
        wanted |= {name: {"$in": list(values)} for name, values in named.items() if values}
        return sorted(await self._enrolments.distinct("child_ids", wanted))

    async def forget_children(self, child_ids: Collection[str]) -> None:
        """Of an erased household; an enrolment of theirs alone goes with them."""
        gone = list(child_ids)
        await self._enrolments.update_many({"child_ids": {"$in": gone}}, {"$pull": {"child_ids": {"$in": gone}}})

    async def drop_ended(self, now: datetime) -> int:
        over = (now - KEPT_AFTER_END).date().isoformat()
        return (await self._enrolments.delete_many({"ends": {"$lt": over}})).deleted_count


def _document(enrolment: Enrolment) -> Document:
    place = enrolment.place
    return {
        "municipality_id": place.municipality_id,
        "programme_id": place.programme_id,
        "site_id": place.site_id,
        "group": place.group,
        "child_ids": list(enrolment.child_ids),
        "ends": enrolment.ends.isoformat(),
    }


def _place(found: Document) -> Place:
    names = ("municipality_id", "programme_id", "site_id", "group")
    return Place(**{name: found[name] for name in names})
