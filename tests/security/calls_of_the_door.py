"""Calls of staff at the door, in the kitchen and at the desk: lists, heads, exports, days booked for a family."""

from collections.abc import Mapping
from typing import Any

from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import OCTOBER, POTTERY, REPAS, RESTAURANT, SCHOOL, World

DAY = {**TOWN, "date": OCTOBER}
AT_SITE = {**DAY, "site_id": SCHOOL}
TRANSPORT = "sainte-aurore.transport"
MONTH = {**TOWN, "programme_id": RESTAURANT, "month": "2025-10"}
PERIOD = {**TOWN, "from": OCTOBER, "until": OCTOBER}


def _for_the_family(world: World) -> dict[str, Any]:
    line = {"activity_id": REPAS, "date": world.next_day(), "action": "book"}
    return {**TOWN, "child_id": world.owner.child.id, "lines": [line]}


async def _acts(world: World) -> Call:
    await world.aurore.manager.post("/agent-bookings", _for_the_family(world), key="new")
    return Call(query={**TOWN, "child_id": world.owner.child.id}, names=True)


async def _closed_month(world: World) -> Call:
    """An empty one, closed again when an earlier call opened it."""
    month = {**TOWN, "programme_id": TRANSPORT, "month": "2025-07"}
    await world.aurore.manager.ask("POST", "/month-closings", month, key="new")
    return Call(body={**month, "reason": "Une erreur de pointage"}, names=True)


DOOR_CALLS: Mapping[str, Make] = {
    "GET /api/v1/attendance-days": fixed(query=AT_SITE, names=True),
    "GET /api/v1/attendance-exports": fixed(query=AT_SITE, names=True),
    "GET /api/v1/booking-exports": fixed(query=PERIOD, names=True),
    "GET /api/v1/waiting-list-exports": fixed(query={**DAY, "activity_id": POTTERY}, names=True),
    "GET /api/v1/headcounts": fixed(query=DAY, names=True),
    "GET /api/v1/headcount-exports": fixed(query=DAY, names=True),
    "GET /api/v1/meal-orders": fixed(query=DAY, names=True),
    "GET /api/v1/month-closings/preview": fixed(query=MONTH, names=True),
    "POST /api/v1/month-reopenings": _closed_month,
    "POST /api/v1/agent-bookings": lambda world: Call(body=_for_the_family(world), names=True),
    "GET /api/v1/agent-bookings": _acts,
}
