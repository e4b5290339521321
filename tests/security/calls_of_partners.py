"""Calls around what partners are told: subscriptions for managers, the log for partners' own systems."""

from collections.abc import Mapping
from typing import Any

from tests.journeys.clock import eventually
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import World

# Nobody is there, and nobody else is asked.
HOOK = "http://127.0.0.1:9/preau"
ANY_VERSION = {"If_Match": "*"}
DESCRIPTION = {"name": "Cuisine centrale", "profile": "kitchen", "types": [], "url": ""}
FROZEN = "reservations.meal_order_frozen.v1"


async def subscribed(world: World, kind: str = "none", **changes: Any) -> str:
    """A subscription of the town's partner; those of earlier calls are ended, the one it reads by stays."""
    partner = await world.partner(world.aurore)
    await _known(world, partner.email)
    manager, path = world.aurore.manager, f"/partner-subscriptions?municipality_id={world.aurore.id}"
    for one in (await manager.get(path))["items"]:
        if one["name"] != "lecture":
            await manager.ask("DELETE", f"/partner-subscriptions/{one['subscription_id']}")
    url = HOOK if kind == "webhook" else ""
    body = {**DESCRIPTION, "client_id": partner.email, "kind": kind, "url": url, **changes}
    return str((await manager.post(path, body))["subscription_id"])


async def _known(world: World, client_id: str) -> None:
    """The account was told, and arrived."""

    async def arrived() -> bool:
        return await world.preau.databases["partners"]["partners"].find_one({"_id": client_id}) is not None

    await eventually("the partner's account", arrived)


async def _creation(world: World) -> Call:
    await subscribed(world)
    partner = await world.partner(world.aurore)
    return Call(query=TOWN, body={**DESCRIPTION, "client_id": partner.email}, names=True)


def _one(kind: str = "none", **parts: Any) -> Make:
    async def made(world: World) -> Call:
        return Call(ids={"subscription_id": await subscribed(world, kind)}, names=True, **parts)

    return made


async def _paused(world: World) -> Call:
    subscription_id = await subscribed(world)
    await world.aurore.manager.post(f"/partner-subscriptions/{subscription_id}/pause")
    return Call(ids={"subscription_id": subscription_id}, names=True)


async def _reading(world: World) -> Call:
    manager, town = world.aurore.manager, world.aurore.id
    found = (await manager.get(f"/partner-subscriptions?municipality_id={town}"))["items"]
    if not any(one["name"] == "lecture" for one in found):
        await subscribed(world, name="lecture")
    await subscribed(world)
    reading = (await manager.get(f"/partner-subscriptions?municipality_id={town}"))["items"]
    own = next(one["subscription_id"] for one in reading if one["name"] == "lecture")
    return Call(query={**TOWN, "subscription_id": own}, names=True)


PARTNER_CALLS: Mapping[str, Make] = {
    "POST /api/v1/partner-subscriptions": _creation,
    "GET /api/v1/partner-subscriptions": fixed(query=TOWN, names=True),
    "GET /api/v1/partner-subscriptions/{subscription_id}": _one(),
    "PUT /api/v1/partner-subscriptions/{subscription_id}": _one(body=DESCRIPTION, headers=ANY_VERSION),
    "DELETE /api/v1/partner-subscriptions/{subscription_id}": _one(),
    "POST /api/v1/partner-subscriptions/{subscription_id}/pause": _one(),
    "POST /api/v1/partner-subscriptions/{subscription_id}/resumption": _paused,
    "POST /api/v1/partner-subscriptions/{subscription_id}/secrets": _one("webhook", body={"overlap_hours": 1}),
    "POST /api/v1/partner-subscriptions/{subscription_id}/replays": _one("webhook", body={"start": "beginning"}),
    "GET /api/v1/partner-events": _reading,
    "GET /api/v1/partner-events/subscriptions": fixed(),
    "GET /api/v1/partner-profiles": fixed(),
    "GET /api/v1/partner-profiles/{profile}/{type}": fixed(ids={"profile": "kitchen", "type": FROZEN}),
}
