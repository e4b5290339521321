"""What must hold of days an agent decides on, and of what a town cancelled."""

from collections.abc import AsyncIterator
from dataclasses import replace

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.deciding import asked_of
from services.reservations.domain.disruption import GOING, slots_in
from services.reservations.domain.sheet import Sheet
from services.reservations.domain.suspension import Suspension
from services.reservations.store.roster_documents import linked
from services.reservations.store.sheet_documents import sheet_of
from services.reservations.store.suspensions import suspension_of
from shared.mongo import Database


async def days_booked_though_cancelled(db: Database) -> list[str]:
    """Nothing is booked in the scope of a cancellation by the town that is done."""
    return [line async for line in _booked_in_scope(db)]


async def _booked_in_scope(db: Database) -> AsyncIterator[str]:
    async for found in db["disruptions"].find({"state": "done"}):
        suspension = suspension_of(found["suspension"])
        months = {"$gte": f"{suspension.starts:%Y-%m}", "$lte": f"{suspension.ends:%Y-%m}"}
        async for document in db["sheets"].find({"municipality_id": found["municipality_id"], "month": months}):
            sheet = replace(sheet_of(document), closed=False)
            for activity_id, day in slots_in(sheet, suspension, await _child(db, sheet, suspension), GOING):
                yield f"{sheet.id}: {activity_id} on {day} is booked in {found['_id']}"


async def _child(db: Database, sheet: Sheet, suspension: Suspension) -> RosterChild | None:
    """Who it is matters only for a part of the town."""
    if not (suspension.site_ids or suspension.groups):
        return None
    scope = {"municipality_id": sheet.key.municipality_id, "links.child_id": sheet.key.child_id}
    async for document in db["roster"].find(scope):
        for child in linked(document):
            if (child.child_id, child.household_id) == (sheet.key.child_id, sheet.key.household_id):
                return child
    return None


async def days_nobody_will_decide_on(db: Database) -> list[str]:
    """Lists of days to decide on are found by a number: it is that of the days."""
    lines = []
    async for document in db["sheets"].find({}, {"outbox": 0, "idem": 0}):
        undecided = sum(asked_of(entry) is not None for entry in sheet_of(document).days.values())
        if undecided != document.get("pending", 0):
            lines.append(f"{document['_id']}: {undecided} days wait, {document.get('pending', 0)} are known")
    return lines


DECISION_INVARIANTS = {
    "nothing is booked that the town cancelled": days_booked_though_cancelled,
    "every day that waits for an agent is found": days_nobody_will_decide_on,
}
