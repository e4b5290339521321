"""What must hold of requests in the hands of a town, on live data: identifiers only."""

from collections.abc import Awaitable, Callable, Mapping

from services.requests.domain.processing.reading import unread
from services.requests.store.documents import request_of
from services.requests.store.requests import REQUESTS
from shared.mongo import Database, Document


async def ends_without_date(db: Database) -> list[str]:
    """An answer has its instant, a withdrawal its own, and neither is left when a request is open."""
    answered, withdrawn = {"$ne": ["$answered_at", None]}, {"$ne": [{"$ifNull": ["$withdrawn_at", None]}, None]}
    ended = {
        "$or": [
            {"$ne": [answered, {"$in": ["$state", ["accepted", "refused"]]}]},
            {"$ne": [withdrawn, {"$eq": ["$state", "withdrawn"]}]},
        ]
    }
    return [f"request {one} is not over as its dates say" for one in await _ids(db, {"$expr": ended})]


async def waiting_for_nothing(db: Database) -> list[str]:
    """A request waits for its family exactly while it is asked for something."""
    asked = {"$ne": [{"$ifNull": ["$asking", None]}, None]}
    differs = {"$ne": [asked, {"$eq": ["$state", "waiting_for_family"]}]}
    return [f"request {one} waits for nothing, or asks without waiting" for one in await _ids(db, {"$expr": differs})]


async def promised_for_nothing(db: Database) -> list[str]:
    """The town's time runs only while the request is the town's."""
    runs = {"due_on": {"$type": "string"}, "state": {"$nin": ["filed", "in_progress"]}}
    return [f"request {one} has a date though no time runs" for one in await _ids(db, runs)]


async def unread_otherwise(db: Database) -> list[str]:
    """What lists show as unread is what was not read."""
    broken = []
    async for found in db[REQUESTS].find({"unread_by_family": {"$exists": True}}):
        request = request_of(found)
        kept = (found["unread_by_family"], found["unread_by_agents"])
        if kept != (unread(request, "family"), unread(request, "agents")):
            broken.append(f"request {request.id} says another number unread than there is")
    return broken


async def _ids(db: Database, query: Document) -> list[str]:
    return [str(one["_id"]) async for one in db[REQUESTS].find(query, {"_id": 1})]


PROCESSING_INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "a request is over exactly when its dates say so": ends_without_date,
    "a request waits for its family exactly while something is asked": waiting_for_nothing,
    "a date is promised only while the town's time runs": promised_for_nothing,
    "what is shown as unread was not read": unread_otherwise,
}
