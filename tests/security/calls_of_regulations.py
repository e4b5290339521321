"""Calls of managers about what the town offers and its regulations."""

from collections.abc import Mapping
from typing import Any

from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import RESTAURANT, World

EVENING_BEFORE = {"id": "veille", "shape": "calendar_days_before", "days": 1, "time": "18:00"}
RULES = {"booking": [EVENING_BEFORE], "cancelling": [EVENING_BEFORE]}
TRANSPORT = "sainte-aurore.transport"


def _code(world: World, word: str) -> str:
    """A new one each time: what is added stays."""
    world.hired += 1
    return f"{word}-{world.hired}"


async def _version(world: World) -> dict[str, Any]:
    """Headers of a change of the town's offer as it is now."""
    found = await world.aurore.manager.get(f"/programmes/{TRANSPORT}")
    return {"If_Match": f'"{found["version"]}"', "found": found}


def _site(world: World) -> Call:
    return Call(query=TOWN, body={"id": _code(world, "site"), "name": "Site"}, names=True)


async def _changed_site(world: World) -> Call:
    read = await _version(world)
    sites = await world.aurore.manager.get("/sites?municipality_id=sainte-aurore")
    site = sites["items"][0]
    body = {"name": site["name"], "kind": site["kind"]}
    return Call(ids={"site_id": site["site_id"]}, body=body, headers={"If_Match": read["If_Match"]}, names=True)


async def _diets(world: World) -> Call:
    read = await _version(world)
    diets = await world.aurore.manager.get("/diets?municipality_id=sainte-aurore")
    return Call(query=TOWN, body={"items": diets["items"]}, headers={"If_Match": read["If_Match"]}, names=True)


def _programme(world: World) -> Call:
    activity = {"id": _code(world, "activite"), "name": "ACTIVITÉ", "runs_on": []}
    body = {
        "id": _code(world, "service"),
        "name": "Service",
        "billing_mode": "postpaid",
        "sites": ["ecole-des-tilleuls"],
        "activities": [activity],
        "regulation": {"version": 1, **RULES},
    }
    return Call(query=TOWN, body=body, names=True)


async def _changed_programme(world: World) -> Call:
    read = await _version(world)
    body = {name: read["found"][name] for name in ("name", "billing_mode", "sites", "counters")}
    return Call(ids={"programme_id": TRANSPORT}, body=body, headers={"If_Match": read["If_Match"]}, names=True)


def _activity(world: World) -> Call:
    body = {"id": _code(world, "activite"), "name": "ACTIVITÉ", "runs_on": []}
    return Call(ids={"programme_id": TRANSPORT}, body=body, names=True)


async def _changed_activity(world: World) -> Call:
    read = await _version(world)
    activity = dict(read["found"]["activities"][0])
    ids = {"programme_id": TRANSPORT, "activity_id": f"sainte-aurore.{activity.pop('id')}"}
    return Call(ids=ids, body=activity, headers={"If_Match": read["If_Match"]}, names=True)


async def _draft(world: World) -> Any:
    return await world.aurore.manager.post("/regulations", {"programme_id": TRANSPORT})


async def _one(world: World) -> Call:
    return Call(ids={"regulation_id": (await _draft(world))["regulation_id"]}, names=True)


async def _rewritten(world: World) -> Call:
    ids = {"regulation_id": (await _draft(world))["regulation_id"]}
    return Call(ids=ids, body={"regulation": RULES}, headers={"If_Match": '"1"'}, names=True)


async def _published(world: World) -> Call:
    ids = {"regulation_id": (await _draft(world))["regulation_id"]}
    return Call(ids=ids, body={"valid_from": "2027-09-01"}, headers={"If_Match": '"1"'}, names=True)


async def _simulation(world: World) -> Call:
    """One that stands alone: a town has only so many at work."""
    period = {"from": "2025-10-01", "until": "2025-10-31"}
    for old in (await world.aurore.manager.get(f"/regulation-simulations?programme_id={RESTAURANT}"))["items"]:
        await world.aurore.manager.ask("DELETE", f"/regulation-simulations/{old['simulation_id']}")
    body = {"programme_id": RESTAURANT, "regulation": RULES, **period}
    made = await world.aurore.manager.post("/regulation-simulations", body)
    return Call(ids={"simulation_id": made["simulation_id"]}, names=True)


async def _simulate(world: World) -> Call:
    call = await _simulation(world)
    body = {"programme_id": RESTAURANT, "regulation": RULES, "from": "2025-10-01", "until": "2025-10-31"}
    return Call(body=body, names=call.names)


REGULATION_CALLS: Mapping[str, Make] = {
    "GET /api/v1/sites": fixed(query=TOWN),
    "POST /api/v1/sites": _site,
    "PUT /api/v1/sites/{site_id}": _changed_site,
    "GET /api/v1/diets": fixed(query=TOWN, names=True),
    "PUT /api/v1/diets": _diets,
    "POST /api/v1/programmes": _programme,
    "GET /api/v1/programmes/{programme_id}": fixed(ids={"programme_id": TRANSPORT}, names=True),
    "PUT /api/v1/programmes/{programme_id}": _changed_programme,
    "POST /api/v1/programmes/{programme_id}/activities": _activity,
    "PUT /api/v1/programmes/{programme_id}/activities/{activity_id}": _changed_activity,
    "GET /api/v1/programme-exports": fixed(query=TOWN, names=True),
    "GET /api/v1/regulations": fixed(query={"programme_id": RESTAURANT}, names=True),
    "POST /api/v1/regulations": fixed(body={"programme_id": TRANSPORT}, names=True),
    "GET /api/v1/regulations/{regulation_id}": _one,
    "PUT /api/v1/regulations/{regulation_id}": _rewritten,
    "DELETE /api/v1/regulations/{regulation_id}": _one,
    "POST /api/v1/regulations/{regulation_id}/publication": _published,
    "POST /api/v1/regulation-simulations": _simulate,
    "GET /api/v1/regulation-simulations": fixed(query={"programme_id": RESTAURANT}, names=True),
    "GET /api/v1/regulation-simulations/{simulation_id}": _simulation,
    "DELETE /api/v1/regulation-simulations/{simulation_id}": _simulation,
    "GET /api/v1/regulation-simulations/{simulation_id}/findings": _simulation,
    "GET /api/v1/regulation-simulations/{simulation_id}/table": _simulation,
}
