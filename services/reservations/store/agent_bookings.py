"""What agents did for families: one document per act, written before it is done."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict
from datetime import date

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from services.reservations.domain.on_behalf import AgentBooking, AskedDay
from shared.mongo import CollectionSchema, Database, Document

AGENT_BOOKINGS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("municipality_id", 1), ("_id", -1)], name="municipality"),
        IndexModel([("household_id", 1), ("key", 1)], name="key", unique=True),
    ],
    validator={
        "bsonType": "object",
        "required": ["municipality_id", "household_id", "child_id", "account_id", "waived", "reason", "days", "at"],
    },
)


class AgentBookingStore:
    def __init__(self, db: Database) -> None:
        self._acts = db["agent_bookings"]

    async def note(self, act: AgentBooking) -> None:
        """Once, however often it is asked."""
        document = {
            **asdict(act),
            "_id": act.id,
            "waived": sorted(act.waived),
            "programme_ids": list(act.programme_ids),
        }
        document["days"] = [{**asdict(day), "date": day.date.isoformat()} for day in act.days]
        del document["id"]
        # A double click: the other one noted it.
        with suppress(DuplicateKeyError):
            await self._acts.insert_one(document)

    async def of_town(
        self,
        municipality_id: str,
        *,
        child_id: str = "",
        programmes: Collection[str] | None = None,
        before: str = "",
        limit: int = 100,
    ) -> list[AgentBooking]:
        """Latest first, those before the act of that id; of one child, and of activities of some programmes only."""
        wanted: Document = {"municipality_id": municipality_id}
        if child_id:
            wanted["child_id"] = child_id
        if programmes is not None:
            wanted["programme_ids"] = {"$in": sorted(programmes)}
        if before:
            wanted["_id"] = {"$lt": before}
        found = self._acts.find(wanted, sort=[("_id", -1)], limit=limit)
        return [_act(one) for one in await found.to_list(None)]


def _act(found: Document) -> AgentBooking:
    days = tuple(AskedDay(**{**day, "date": date.fromisoformat(day["date"])}) for day in found["days"])
    known = {name: value for name, value in found.items() if name != "_id"}
    waived, programme_ids = frozenset(found["waived"]), tuple(found["programme_ids"])
    return AgentBooking(**{**known, "id": found["_id"], "waived": waived, "programme_ids": programme_ids, "days": days})
