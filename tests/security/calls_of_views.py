"""Calls that show several months, or weeks as an agenda."""

from collections.abc import Mapping

from tests.security.call import Call, Make
from tests.security.world import RESTAURANT

VIEW_CALLS: Mapping[str, Make] = {
    "GET /api/v1/months/{month}": lambda world: Call(
        ids={"month": "2025-11"}, query={"child_id": world.owner.child.id, "programme_id": RESTAURANT}, names=True
    ),
    "GET /api/v1/agenda": lambda world: Call(
        query={"from": "2025-11-03", "weeks": "4", "child_id": world.owner.child.id}, names=True
    ),
}
