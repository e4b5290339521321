"""Calls of managers about agents, the town and what its agents did."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from PIL import Image

from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import World

NEWCOMER = {"first_name": "Alix", "last_name": "Martin", "roles": ["editor"]}
SETTINGS: dict[str, Any] = {
    "name": "Sainte-Aurore",
    "contact": {"email": "enfance@sainte-aurore.example", "phone": "02 61 91 20 00", "address": "1 place de la Mairie"},
    "branding": {"primary": "#003366", "accent": "#8b0000"},
    "time_zone": "Europe/Paris",
    "school_zone": "B",
    "public_holidays": "metropole",
    "opening_view": "agenda",
    "services": ["Restaurant scolaire"],
    "reconfirmation_month": 6,
}


def logo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 30), "#003366").save(out, "PNG")
    return out.getvalue()


async def newcomer(world: World) -> Any:
    """An agent who has a code and no password yet."""
    world.hired += 1
    body = {**TOWN, **NEWCOMER, "email": f"agent.{world.hired}@sainte-aurore.example"}
    return await world.aurore.manager.post("/agents", body)


async def _add(world: World) -> Call:
    world.hired += 1
    return Call(body={**TOWN, **NEWCOMER, "email": f"agent.{world.hired}@sainte-aurore.example"}, names=True)


async def _roles(world: World) -> Call:
    ids = {"account_id": str((await newcomer(world))["account_id"])}
    return Call(ids=ids, body={**TOWN, "roles": ["cashier"], "programme_roles": {}}, names=True)


async def _one(world: World) -> Call:
    return Call(ids={"account_id": str((await newcomer(world))["account_id"])}, query=TOWN, names=True)


STAFF_CALLS: Mapping[str, Make] = {
    "GET /api/v1/agents": fixed(query=TOWN, names=True),
    "POST /api/v1/agents": _add,
    "PUT /api/v1/agents/{account_id}/roles": _roles,
    "DELETE /api/v1/agents/{account_id}": _one,
    "POST /api/v1/agents/{account_id}/invitation": _one,
    "GET /api/v1/audit-trail": fixed(query=TOWN, names=True),
    "GET /api/v1/municipalities/{municipality_id}/settings": fixed(ids=TOWN, names=True),
    "PUT /api/v1/municipalities/{municipality_id}/settings": fixed(
        ids=TOWN, body=SETTINGS, headers={"If_Match": "*"}, names=True
    ),
    "PUT /api/v1/municipalities/{municipality_id}/logo": fixed(ids=TOWN, content=logo(), media="image/png", names=True),
    "DELETE /api/v1/municipalities/{municipality_id}/logo": fixed(ids=TOWN, names=True),
    "GET /api/v1/municipalities/{municipality_id}/logo": fixed(ids=TOWN),
    "GET /api/v1/municipalities/{municipality_id}/terms": fixed(ids=TOWN),
}
