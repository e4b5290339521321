"""Calls about days families ask for, absences they report, and what the town cancels."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tests.journeys.clock import eventually
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import POTTERY, REPAS, World


def _sunday(world: World) -> str:
    """A day on which nothing runs: nobody loses anything."""
    day = date.fromisoformat(world.next_day()) + timedelta(weeks=4)
    return (day + timedelta(days=7 - day.isoweekday())).isoformat()


def _scope(world: World) -> dict[str, Any]:
    sunday = _sunday(world)
    return {**TOWN, "activity_ids": [POTTERY], "from": sunday, "until": sunday}


def _declared(world: World) -> dict[str, Any]:
    return {**_scope(world), "reason": "strike", "label": "Grève", "message": "Pas d'atelier dimanche."}


async def _disruption(world: World) -> str:
    return str((await world.aurore.manager.post("/disruptions", _declared(world), key="new"))["disruption_id"])


async def _shown(world: World) -> Call:
    return Call(ids={"disruption_id": await _disruption(world)}, names=True)


async def _undone(world: World) -> Call:
    disruption_id = await _disruption(world)

    async def carried_out() -> Any:
        found = await world.aurore.manager.get(f"/disruptions/{disruption_id}")
        return found["state"] in ("settling", "done")

    await eventually("the cancellation", carried_out)
    return Call(ids={"disruption_id": disruption_id}, names=True)


async def _absence(world: World) -> Call:
    day = {"child_id": world.owner.child.id, "activity_id": REPAS, "date": world.next_day()}
    await world.owner.post("/bookings", day, key="new")
    return Call(body={"child_id": day["child_id"], "from": day["date"], "until": day["date"]}, names=True)


def _decision(world: World) -> Call:
    owner = world.owner
    day = {
        "household_id": owner.household_id,
        "child_id": owner.child.id,
        "activity_id": REPAS,
        "date": world.next_day(),
    }
    return Call(body={**TOWN, "days": [day], "accepted": True, "message": "Accordé."}, names=True)


DECISION_CALLS: Mapping[str, Make] = {
    "POST /api/v1/absences": _absence,
    "GET /api/v1/booking-requests": fixed(query=TOWN, names=True),
    "POST /api/v1/booking-requests/decisions": _decision,
    "POST /api/v1/disruptions/preview": lambda world: Call(body=_scope(world), names=True),
    "POST /api/v1/disruptions": lambda world: Call(body=_declared(world), names=True),
    "GET /api/v1/disruptions": fixed(query=TOWN, names=True),
    "GET /api/v1/disruptions/{disruption_id}": _shown,
    "POST /api/v1/disruptions/{disruption_id}/undo": _undone,
}
