"""What must hold of places and waiting lists on live data; see `invariants`."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from services.reservations.domain.capacity import counter_of
from services.reservations.store.towns import town_of
from shared.mongo import Database, Document

TAKEN = ["held", "confirmed"]
SHEET = {"outbox": 0, "idem": 0}
OVERDUE_MS = 5 * 60 * 1000


async def slots_beyond_their_places(db: Database) -> list[str]:
    """Children booked or held in a pool are never more than its places."""
    return [line async for line in _oversold(db)]


async def lines_without_a_place(db: Database) -> list[str]:
    """Where places are numbered, each booked or held day has its own in every pool it says."""
    return [line async for line in _placeless(db)]


async def places_without_a_line(db: Database) -> list[str]:
    """A confirmed place is a booked day, in one of the activities its counter covers."""
    return [line async for line in _lineless(db)]


async def offers_without_a_place(db: Database) -> list[str]:
    """Whoever has an offer that stands has a place: offered still, or taken meanwhile."""
    return [line async for line in _empty_offers(db)]


async def places_offered_to_nobody(db: Database) -> list[str]:
    """An offered place ends with its offer; the sweeper sees to it within seconds."""
    long_ago = {"$expr": {"$lt": ["$exp", {"$subtract": ["$$NOW", OVERDUE_MS]}]}}
    found = db["places"].find({"state": "offered", **long_ago})
    return [f"place {one['_id']} is offered since more than five minutes after its time" async for one in found]


async def live_cells(db: Database) -> AsyncIterator[tuple[Document, str, str, Document]]:
    """Every day that counts, as sheet, activity, date and cell."""
    async for sheet in db["sheets"].find({}, SHEET):
        for day, found in sheet["days"].items():
            for code, cell in found.items():
                if cell["state"] != "cancelled":
                    yield sheet, f"{sheet['municipality_id']}.{code}", day, cell


async def _oversold(db: Database) -> AsyncIterator[str]:
    laid = await _places_by_pool(db)
    inside: dict[str, set[tuple[str, str]]] = {}
    async for sheet, activity_id, day, cell in live_cells(db):
        if cell["state"] != "present_unbooked":
            for pool in _pools(activity_id, day, cell):
                inside.setdefault(pool, set()).add((sheet["child_id"], sheet["household_id"]))
    for pool, children in inside.items():
        count = len(children)
        if count > laid.get(pool, count) and count > (await _places_by_pool(db)).get(pool, count):
            yield f"{pool}: {count} booked, {laid[pool]} places"


async def _places_by_pool(db: Database) -> dict[str, int]:
    group: list[dict[str, Any]] = [{"$group": {"_id": "$slot", "places": {"$sum": 1}}}]
    return {one["_id"]: one["places"] async for one in db["places"].aggregate(group)}


def _pools(activity_id: str, day: str, cell: Document) -> list[str]:
    """Those the day says it has places in; its activity's own where it says none, as before that was noted."""
    return [f"{pool}|{day}" for pool in cell.get("pools") or [activity_id]]


async def _placeless(db: Database) -> AsyncIterator[str]:
    laid = await _places_by_pool(db)
    async for sheet, activity_id, day, cell in live_cells(db):
        if cell["state"] == "present_unbooked":
            continue
        for pool in (pool for pool in _pools(activity_id, day, cell) if pool in laid):
            place = {"slot": pool, "child_id": sheet["child_id"], "state": {"$in": TAKEN}}
            if not await db["places"].count_documents(place) and await _still(db, sheet["_id"], activity_id, day, cell):
                yield f"{sheet['_id']}: {activity_id} on {day} is {cell['state']} without a place in {pool}"


async def _still(db: Database, sheet_id: str, activity_id: str, day: str, cell: Document) -> bool:
    path = f"days.{day}.{activity_id.split('.', 1)[1]}"
    same = {"_id": sheet_id, f"{path}.state": cell["state"]}
    if "pools" in cell:
        same[f"{path}.pools"] = cell["pools"]
    return bool(await db["sheets"].count_documents(same))


async def _lineless(db: Database) -> AsyncIterator[str]:
    covered = await _covered(db)
    async for place in db["places"].find({"state": "confirmed"}):
        same = {"_id": place["_id"], "state": "confirmed", "child_id": place["child_id"], "rid": place.get("rid")}
        if not await _has_line(db, place, covered) and await db["places"].count_documents(same):
            yield f"place {place['_id']} is confirmed, its day is not booked"


async def _covered(db: Database) -> Mapping[str, frozenset[str]]:
    """The activities each counter of today covers, by its name and programme's."""
    found: dict[str, frozenset[str]] = {}
    async for document in db["towns"].find({"settings": {"$exists": True}}):
        for programme in town_of(document).programmes.values():
            ids = {one.id for one in programme.activities} | {one.id for one in programme.counters}
            found |= {one: programme.covered_by(one) for one in ids}
    return found


async def _has_line(db: Database, place: Document, covered: Mapping[str, frozenset[str]]) -> bool:
    pool, day = place["slot"].rsplit("|", 1)
    name = f"sht_{place['child_id']}_{place['programme_id']}_{day[:7]}"
    names = {"_id": {"$in": [name, f"{name}_{place['household_id']}"]}, "household_id": place["household_id"]}
    async for sheet in db["sheets"].find(names, SHEET):
        for code, cell in sheet["days"].get(day, {}).items():
            if cell["state"] != "cancelled" and _is_in(f"{sheet['municipality_id']}.{code}", cell, pool, covered):
                return True
    return False


def _is_in(activity_id: str, cell: Document, pool: str, covered: Mapping[str, frozenset[str]]) -> bool:
    noted = cell.get("pools", [])
    if pool in noted:
        return True
    counter = counter_of(pool)
    return activity_id in covered.get(counter, {counter}) and counter not in map(counter_of, noted)


async def _empty_offers(db: Database) -> AsyncIterator[str]:
    standing = {"state": "offered", "$expr": {"$gt": ["$offer.until", "$$NOW"]}}
    async for entry in db["waiting"].find(standing, {"outbox": 0}):
        own = {"child_id": entry["child_id"], "household_id": entry["household_id"]}
        place = {**own, "slot": {"$in": entry["pools"]}, "state": {"$in": [*TAKEN, "offered"]}}
        same = {"_id": entry["_id"], "version": entry["version"], **standing}
        if not await db["places"].count_documents(place) and await db["waiting"].count_documents(same):
            yield f"{entry['_id']} has an offer without a place"
