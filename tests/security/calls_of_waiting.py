"""Calls about waiting lists and the offers made to those who wait."""

from collections.abc import Mapping

from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import FULL, POTTERY, World

LIST = {**TOWN, "activity_id": POTTERY, "date": FULL}
CHANGE = {**TOWN, "reason": "La famille a appelé."}
# Nobody's: an offer that could be accepted would be gone after the first call.
OFFER, LINK = {"offer_id": "wof_0"}, {"token": "AAAA"}


async def _waits(world: World) -> dict[str, str]:
    """The owner's child, on the list of a full day."""
    for entry in (await world.owner.get("/waiting-list-entries"))["items"]:
        if entry["state"] == "waiting" and (entry["activity_id"], entry["date"]) == (POTTERY, FULL):
            return {"entry_id": str(entry["entry_id"])}
    body = {"child_id": world.owner.child.id, "activity_id": POTTERY, "date": FULL}
    return {"entry_id": str((await world.owner.post("/waiting-list-entries", body, key="new"))["entry_id"])}


async def _leaves(world: World) -> Call:
    return Call(ids=await _waits(world), names=True)


async def _taken_off(world: World) -> Call:
    return Call(ids=await _waits(world), body=CHANGE, names=True)


async def _put_back(world: World) -> Call:
    ids = await _waits(world)
    await world.aurore.manager.post(f"/waiting-list-entries/{ids['entry_id']}/removal", CHANGE)
    return Call(ids=ids, body=CHANGE, names=True)


async def _listed(world: World) -> Call:
    await _waits(world)
    return Call(query=LIST, names=True)


WAITING_CALLS: Mapping[str, Make] = {
    "GET /api/v1/waiting-list-entries": fixed(),
    "DELETE /api/v1/waiting-list-entries/{entry_id}": _leaves,
    "POST /api/v1/waiting-list-entries/{entry_id}/removal": _taken_off,
    "POST /api/v1/waiting-list-entries/{entry_id}/return": _put_back,
    "GET /api/v1/waiting-lists": _listed,
    "POST /api/v1/waiting-list-offers/{offer_id}/acceptance": fixed(ids=OFFER),
    "POST /api/v1/waiting-list-offers/{offer_id}/refusal": fixed(ids=OFFER),
    "GET /api/v1/waiting-list-offers/by-token/{token}": fixed(ids=LINK),
    "POST /api/v1/waiting-list-offers/by-token/{token}/acceptance": fixed(ids=LINK),
    "POST /api/v1/waiting-list-offers/by-token/{token}/refusal": fixed(ids=LINK),
}
