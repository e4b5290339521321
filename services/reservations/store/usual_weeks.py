"""Usual weeks: one document per household, child and programme; forgotten a year after their last day."""

from datetime import UTC, date, datetime, timedelta

from pymongo import IndexModel

from services.reservations.domain.pattern import Wanted
from services.reservations.domain.usual_week import UsualWeek
from shared.mongo import Collection, CollectionSchema, Database, Document

COLLECTION = "usual_weeks"
KEPT = timedelta(days=365)
USUAL_WEEKS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("household_id", 1), ("child_id", 1)], name="household"),
        IndexModel([("over_at", 1)], name="forgotten", expireAfterSeconds=int(KEPT.total_seconds())),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "municipality_id", "child_id", "programme_id", "pattern", "starts", "ends"],
    },
)


class UsualWeekStore:
    def __init__(self, db: Database) -> None:
        self._weeks: Collection = db[COLLECTION]

    async def put(self, week: UsualWeek) -> None:
        document = {
            "household_id": week.household_id,
            "municipality_id": week.municipality_id,
            "child_id": week.child_id,
            "programme_id": week.programme_id,
            "pattern": [_wanted_document(wanted) for wanted in week.pattern],
            "starts": week.starts.isoformat(),
            "ends": week.ends.isoformat(),
            "over_at": datetime.combine(week.ends, datetime.min.time(), UTC),
        }
        await self._weeks.replace_one({"_id": week.id, "household_id": week.household_id}, document, upsert=True)

    async def of_child(self, household_id: str, child_id: str) -> list[UsualWeek]:
        return await self._found({"household_id": household_id, "child_id": child_id})

    async def of_household(self, household_id: str) -> list[UsualWeek]:
        return await self._found({"household_id": household_id})

    async def of_many(self, week_ids: list[str], municipality_id: str) -> dict[str, UsualWeek]:
        """By id, of a town's children."""
        return {
            week.id: week for week in await self._found({"_id": {"$in": week_ids}, "municipality_id": municipality_id})
        }

    async def remove(self, household_id: str, child_id: str, programme_id: str) -> bool:
        which = {"household_id": household_id, "child_id": child_id, "programme_id": programme_id}
        return bool((await self._weeks.delete_one(which)).deleted_count)

    async def _found(self, which: Document) -> list[UsualWeek]:
        return [_week(found) async for found in self._weeks.find(which).sort("_id", 1)]


def _wanted_document(wanted: Wanted) -> Document:
    return {"activity_id": wanted.activity_id, "weekdays": sorted(wanted.weekdays), "weeks": wanted.weeks}


def _week(found: Document) -> UsualWeek:
    return UsualWeek(
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        child_id=found["child_id"],
        programme_id=found["programme_id"],
        pattern=tuple(
            Wanted(activity_id=one["activity_id"], weekdays=frozenset(one["weekdays"]), weeks=one["weeks"])
            for one in found["pattern"]
        ),
        starts=date.fromisoformat(found["starts"]),
        ends=date.fromisoformat(found["ends"]),
    )
