"""What must hold on live data of reservations: each check returns one line per thing that breaks it, identifiers only.

A request on its way may look broken for a moment: what is found is read once more before it is reported.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from services.reservations.domain.sheet import EXPECTED
from services.reservations.store.towns import town_of
from shared.mongo import Database, Document

TAKEN = ["held", "confirmed"]
OVERDUE_MS = 5 * 60 * 1000


async def slots_beyond_their_places(db: Database) -> list[str]:
    """Days booked or held in a slot are never more than its places."""
    return [line async for line in _oversold(db)]


async def lines_without_a_place(db: Database) -> list[str]:
    """Where places are numbered, each booked or held day has its own."""
    return [line async for line in _placeless(db)]


async def places_without_a_line(db: Database) -> list[str]:
    """A confirmed place is a booked day."""
    return [line async for line in _lineless(db)]


async def holds_long_over(db: Database) -> list[str]:
    """The sweeper settles a hold within seconds of its end."""
    long_ago = {"$expr": {"$lt": ["$exp", {"$subtract": ["$$NOW", OVERDUE_MS]}]}}
    places = [f"place {one['_id']} is held" async for one in db["places"].find({"state": "held", **long_ago})]
    waiting = {"state": {"$in": ["opening", "held", "releasing"]}, **long_ago}
    orders = [f"order {one['_id']} is {one['state']}" async for one in db["orders"].find(waiting)]
    return [f"{line} since more than five minutes after its time" for line in places + orders]


async def lines_held_by_no_order(db: Database) -> list[str]:
    """A day waits for a payment only while its order does."""
    return [line async for line in _orphans(db)]


async def rivals_on_one_day(db: Database) -> list[str]:
    """No child is booked in two activities that exclude each other, nor in one without what it requires."""
    return [line async for line in _rivals(db)]


async def days_in_two_sheets(db: Database) -> list[str]:
    """One sheet per child, household, programme and month, named after them, with days of that month only."""
    return [line async for sheet in db["sheets"].find({}, SHEET) for line in _misplaced(sheet)]


async def days_booked_by_both_households(db: Database) -> list[str]:
    """What one household of a child booked, the other did not."""
    return [line async for line in _booked_twice(db)]


SHEET = {"outbox": 0, "idem": 0}
INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "no slot has more bookings than places": slots_beyond_their_places,
    "every limited booking has its own place": lines_without_a_place,
    "every confirmed place is booked": places_without_a_line,
    "no hold outlives its time": holds_long_over,
    "no day waits for an order that is over": lines_held_by_no_order,
    "no child is booked in activities that exclude each other": rivals_on_one_day,
    "no day is booked twice": days_in_two_sheets,
    "no day of a child is booked by two households": days_booked_by_both_households,
}


async def _cells(db: Database) -> AsyncIterator[tuple[Document, str, str, Document]]:
    """Every day that counts, as sheet, activity, date and cell."""
    async for sheet in db["sheets"].find({}, SHEET):
        for day, cells in sheet["days"].items():
            for code, cell in cells.items():
                if cell["state"] != "cancelled":
                    yield sheet, f"{sheet['municipality_id']}.{code}", day, cell


async def _oversold(db: Database) -> AsyncIterator[str]:
    laid = await _places_by_slot(db)
    booked: dict[str, int] = {}
    async for _, activity_id, day, cell in _cells(db):
        if cell["state"] != "present_unbooked":
            slot = f"{activity_id}|{day}"
            booked[slot] = booked.get(slot, 0) + 1
    for slot, count in booked.items():
        if count > laid.get(slot, count) and count > (await _places_by_slot(db))[slot]:
            yield f"{slot}: {count} booked, {laid[slot]} places"


async def _places_by_slot(db: Database) -> dict[str, int]:
    group: list[dict[str, Any]] = [{"$group": {"_id": "$slot", "places": {"$sum": 1}}}]
    return {one["_id"]: one["places"] async for one in db["places"].aggregate(group)}


async def _placeless(db: Database) -> AsyncIterator[str]:
    laid = await _places_by_slot(db)
    async for sheet, activity_id, day, cell in _cells(db):
        slot = f"{activity_id}|{day}"
        if slot not in laid or cell["state"] == "present_unbooked":
            continue
        place = {"slot": slot, "child_id": sheet["child_id"], "state": {"$in": TAKEN}}
        if not await db["places"].count_documents(place) and await _still(db, [sheet["_id"]], activity_id, day):
            yield f"{sheet['_id']}: {slot} is {cell['state']} without a place"


async def _lineless(db: Database) -> AsyncIterator[str]:
    async for place in db["places"].find({"state": "confirmed"}):
        activity_id, day = place["slot"].split("|")
        sheet_ids = _names(place, day[:7])
        same = {"_id": place["_id"], "state": "confirmed", "child_id": place["child_id"]}
        if not await _still(db, sheet_ids, activity_id, day) and await db["places"].count_documents(same):
            yield f"place {place['_id']} is confirmed, its day is not booked"


async def _still(db: Database, sheet_ids: list[str], activity_id: str, day: str) -> bool:
    cell = f"days.{day}.{activity_id.split('.', 1)[1]}.state"
    wanted = {"_id": {"$in": sheet_ids}, cell: {"$exists": True, "$ne": "cancelled"}}
    return bool(await db["sheets"].count_documents(wanted))


async def _orphans(db: Database) -> AsyncIterator[str]:
    async for sheet, activity_id, day, cell in _cells(db):
        if cell["state"] != "held":
            continue
        order = await db["orders"].find_one({"_id": cell.get("order_id")})
        over = order is None or order["state"] in ("released", "lost", "confirmed")
        if over and await _still_held(db, sheet["_id"], activity_id, day):
            yield f"{sheet['_id']}: {activity_id}|{day} waits for {cell.get('order_id')}, which is over"


async def _still_held(db: Database, sheet_id: str, activity_id: str, day: str) -> bool:
    cell = f"days.{day}.{activity_id.split('.', 1)[1]}.state"
    return bool(await db["sheets"].count_documents({"_id": sheet_id, cell: "held"}))


async def _rivals(db: Database) -> AsyncIterator[str]:
    towns = {found["_id"]: town_of(found) async for found in db["towns"].find({"settings": {"$exists": True}})}
    activities = {
        activity.id: activity
        for town in towns.values()
        for programme in town.programmes.values()
        for activity in programme.activities
    }
    async for sheet in db["sheets"].find({}, SHEET):
        for day, cells in sheet["days"].items():
            there = {f"{sheet['municipality_id']}.{code}" for code, c in cells.items() if c["state"] in EXPECTED}
            booked = {f"{sheet['municipality_id']}.{code}" for code, c in cells.items() if c["state"] == "booked"}
            for one in sorted(booked & activities.keys()):
                if wrong := (activities[one].excludes & there) | (activities[one].requires - there):
                    yield f"{sheet['_id']}: {one} on {day} with or without {', '.join(sorted(wrong))}"


async def _booked_twice(db: Database) -> AsyncIterator[str]:
    first: dict[tuple[str, str, str], str] = {}
    shared = await db["sheets"].distinct("child_id", {"claims": {"$exists": True}})
    async for sheet in db["sheets"].find({"child_id": {"$in": shared}}, SHEET):
        for day, cells in sheet["days"].items():
            for code in (code for code, cell in cells.items() if cell["state"] in ("booked", "held")):
                household = first.setdefault((sheet["child_id"], code, day), sheet["household_id"])
                if household != sheet["household_id"]:
                    yield f"{sheet['_id']}: {code} on {day} is booked by {household} too"


def _names(about: Document, month: str) -> list[str]:
    """Of the sheet of a child, household, programme and month: the second if another's has the first."""
    name = f"sht_{about['child_id']}_{about['programme_id']}_{month}"
    return [name, f"{name}_{about['household_id']}"]


def _misplaced(sheet: Document) -> list[str]:
    names = _names(sheet, sheet["month"])
    lines = [f"{sheet['_id']}: is named otherwise than {names[0]}"] if sheet["_id"] not in names else []
    return lines + [f"{sheet['_id']}: holds {day}" for day in sheet["days"] if day[:7] != sheet["month"]]
