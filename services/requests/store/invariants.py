"""What must hold on live data: each check returns one line per thing that breaks it, identifiers only."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from services.requests.domain.files import QUOTA_BYTES
from services.requests.domain.requests import DRAFT_LIFE
from services.requests.store.documents import request_of
from services.requests.store.invariants_of_catalogues import CATALOGUE_INVARIANTS
from services.requests.store.invariants_of_files import FILE_INVARIANTS
from services.requests.store.invariants_of_processing import PROCESSING_INVARIANTS
from services.requests.store.requests import REQUESTS
from shared.mongo import Database

# A sweep runs every hour; two days leave room for one that could not.
DAY_MS = 24 * 60 * 60 * 1000
LATE_MS = 2 * DAY_MS


async def filed_without_documents(db: Database) -> list[str]:
    broken = []
    async for found in db[REQUESTS].find({"filed_at": {"$ne": None}}):
        request = request_of(found)
        # A slot the antivirus emptied waits for the family.
        if missing := [error["field"] for error in request.missing() if error["field"] not in request.emptied_slots]:
            broken.append(f"request {request.id} is filed without {', '.join(missing)}")
    return broken


async def drafts_left_behind(db: Database) -> list[str]:
    age = int(DRAFT_LIFE / timedelta(milliseconds=1)) + LATE_MS
    old = {"$expr": {"$lt": ["$touched_at", {"$subtract": ["$$NOW", age]}]}}
    found = db[REQUESTS].find({"state": "draft", **old}, {"_id": 1})
    return [f"draft {one['_id']} should have been swept" async for one in found]


async def quotas_passed(db: Database) -> list[str]:
    passed = {"$expr": {"$gt": [{"$sum": "$files.bytes"}, QUOTA_BYTES * 2]}}
    return [f"household {one['_id']} holds more than its drafts may" async for one in db["quotas"].find(passed)]


async def answers_without_history(db: Database) -> list[str]:
    """The last step of the history is the state."""
    differs = {"$expr": {"$ne": [{"$last": "$history.state"}, "$state"]}}
    found = db[REQUESTS].find(differs, {"_id": 1})
    return [f"request {one['_id']} is not in the state its history ends with" async for one in found]


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "a filed request has its mandatory answers and documents": filed_without_documents,
    **FILE_INVARIANTS,
    **CATALOGUE_INVARIANTS,
    **PROCESSING_INVARIANTS,
    "no draft outlives its 30 days": drafts_left_behind,
    "the drafts of a household hold no more than its quota": quotas_passed,
    "the history of a request ends with its state": answers_without_history,
}
