"""What must hold on live data of reservations: each check returns one line per thing that breaks it, identifiers only.

A request on its way may look broken for a moment: what is found is read once more before it is reported.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from services.reservations.domain.sheet import EXPECTED
from services.reservations.store.invariants_of_decisions import DECISION_INVARIANTS
from services.reservations.store.invariants_of_places import (
    OVERDUE_MS,
    SHEET,
    lines_without_a_place,
    live_cells,
    offers_without_a_place,
    places_offered_to_nobody,
    places_without_a_line,
    slots_beyond_their_places,
)
from services.reservations.store.invariants_of_roster import enrolments_named_twice, links_of_another_age
from services.reservations.store.invariants_of_rules import RULE_INVARIANTS
from services.reservations.store.towns import town_of
from shared.mongo import Database, Document


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


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "no slot has more bookings than places": slots_beyond_their_places,
    "every limited booking has its own place": lines_without_a_place,
    "every confirmed place is booked": places_without_a_line,
    "every offer that stands has its place": offers_without_a_place,
    "no offered place outlives its offer": places_offered_to_nobody,
    "no hold outlives its time": holds_long_over,
    "no day waits for an order that is over": lines_held_by_no_order,
    "no child is booked in activities that exclude each other": rivals_on_one_day,
    "no day is booked twice": days_in_two_sheets,
    "no day of a child is booked by two households": days_booked_by_both_households,
    **DECISION_INVARIANTS,
    **RULE_INVARIANTS,
    "every child has the age its household tells": links_of_another_age,
    "no child has the same enrolment twice": enrolments_named_twice,
}


async def _orphans(db: Database) -> AsyncIterator[str]:
    async for sheet, activity_id, day, cell in live_cells(db):
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
