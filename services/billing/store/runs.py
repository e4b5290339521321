"""Closings of programmes and runs of cash offices."""

from dataclasses import replace
from datetime import datetime, timedelta

from pymongo import ReturnDocument

from services.billing.domain.runs import UNDECIDED, Closing, Run
from services.billing.store.documents import from_document, save, several, to_document
from shared.errors import Conflict
from shared.mongo import Database

IDLE = {"state": {"$in": sorted(UNDECIDED)}}


class ClosingStore:
    def __init__(self, db: Database) -> None:
        self._closings = db["closings"]

    async def add(self, closing: Closing) -> None:
        """Once: a closing heard of again is as it was."""
        document = to_document(closing)
        name = document.pop("_id")
        await self._closings.update_one({"_id": name}, {"$setOnInsert": document}, upsert=True)

    async def take_back(self, closing: Closing) -> None:
        """Reopened: another closing follows. Also when it is heard before the closing itself."""
        document = to_document(replace(closing, complete=True))
        name = document.pop("_id")
        del document["reopened"]
        change = {"$set": {"reopened": True}, "$setOnInsert": document}
        await self._closings.update_one({"_id": name}, change, upsert=True)

    async def incomplete(self) -> list[Closing]:
        return several(Closing, await self._closings.find({"complete": False}).sort("_id", 1).to_list(None))

    async def complete(self, closing: Closing) -> None:
        scope = {"_id": closing.id, "municipality_id": closing.municipality_id}
        await self._closings.update_one(scope, {"$set": {"complete": True, "run_id": closing.run_id}})

    async def is_complete(self, municipality_id: str, closing_id: str) -> bool:
        """All its sheets have arrived."""
        scope = {"_id": closing_id, "municipality_id": municipality_id, "complete": True}
        return bool(await self._closings.count_documents(scope))

    async def closed_programmes(self, municipality_id: str, month: str) -> set[str]:
        """The programmes of the town whose closing of the month is whole and stands."""
        scope = {"municipality_id": municipality_id, "month": month, "complete": True, "reopened": {"$ne": True}}
        return set(await self._closings.distinct("programme_id", scope))

    async def reopened_programmes(self, municipality_id: str, month: str) -> set[str]:
        """The programmes of which a closing was taken back, closed anew since or not."""
        scope = {"municipality_id": municipality_id, "month": month, "reopened": True}
        return set(await self._closings.distinct("programme_id", scope))


class RunStore:
    def __init__(self, db: Database) -> None:
        self._runs, self._closings = db["runs"], db["closings"]

    async def add(self, run: Run) -> None:
        """Once: the run of a cash office and month is one document."""
        try:
            await save(self._runs, run)
        except Conflict:
            return

    async def latest(self, municipality_id: str, cash_office_id: str, month: str) -> Run | None:
        """The last run of a cash office's month: the first, or the newest that corrects it."""
        scope = {"municipality_id": municipality_id, "cash_office_id": cash_office_id, "month": month}
        found = await self._runs.find_one(scope, sort=[("number", -1)])
        return from_document(Run, found) if found else None

    async def get(self, municipality_id: str, run_id: str) -> Run | None:
        found = await self._runs.find_one({"_id": run_id, "municipality_id": municipality_id})
        return from_document(Run, found) if found else None

    async def wake(self, municipality_id: str, run_id: str, now: datetime) -> bool:
        """Have a run of which nothing is numbered yet drafted anew now; False when it is too late for that."""
        change = {"$set": {"next_at": now, "state": "waiting"}, "$inc": {"version": 1}}
        waiting = {"_id": run_id, "municipality_id": municipality_id, **IDLE}
        return bool((await self._runs.update_one(waiting, change)).matched_count)

    async def reconsider(self, municipality_id: str) -> None:
        """A new tariff may collect what nobody did, or price what had no price: look at everything not done."""
        alone = {"municipality_id": municipality_id, "complete": True, "run_id": None}
        await self._closings.update_many(alone, {"$set": {"complete": False}})
        change = [{"$set": {"next_at": "$$NOW", "state": "waiting", "version": {"$add": ["$version", 1]}}}]
        await self._runs.update_many({"municipality_id": municipality_id, **IDLE}, change)

    async def take_due(self, now: datetime, hold: timedelta) -> Run | None:
        """The run that has waited longest, kept from other takers for `hold`."""
        found = await self._runs.find_one_and_update(
            {"next_at": {"$lte": now}},
            {"$set": {"next_at": now + hold}, "$inc": {"version": 1}},
            sort=[("next_at", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return from_document(Run, found) if found else None

    async def save(self, run: Run) -> Run:
        return await save(self._runs, run)

    async def of_town(self, municipality_id: str) -> list[Run]:
        """Newest month first."""
        found = self._runs.find({"municipality_id": municipality_id}).sort([("month", -1), ("_id", 1)])
        return several(Run, await found.to_list(None))
