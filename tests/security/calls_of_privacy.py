"""Calls about consents, exports and erasures."""

from collections.abc import Mapping
from typing import Any

from tests.journeys.clock import eventually
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.families import home, row_of
from tests.security.world import World

TEXT = {**TOWN, "purpose": "images", "title_fr": "Photos", "text_fr": "Mon enfant peut être photographié."}


async def _consent(world: World) -> Call:
    text = await world.aurore.manager.post("/privacy-texts", TEXT)
    return Call(body={**TOWN, "purpose": "images", "granted": True, "text_version": text["text_version"]})


async def _archive(world: World) -> Call:
    """Of the owner, asked once."""
    if not (await world.owner.get("/me/exports"))["items"]:
        await world.owner.post("/me/exports")

    async def ready() -> Any:
        items = (await world.owner.get("/me/exports"))["items"]
        return next((one for one in items if one["state"] == "ready"), None)

    export = await eventually("the archive", ready)
    return Call(ids={"export_id": str(export["export_id"])}, names=True)


async def _erasure(world: World) -> dict[str, str]:
    """What a manager asks for a family that is there for nothing else."""
    made = await home(world, await row_of(world))
    return {**TOWN, "household_id": made.family.household_id, "reason": "La famille a déménagé."}


async def _ask_erasure(world: World) -> Call:
    return Call(body=await _erasure(world), names=True)


async def _report(world: World) -> Call:
    asked = await world.aurore.manager.post("/erasures", await _erasure(world))
    return Call(ids={"erasure_id": str(asked["erasure_id"])}, names=True)


PRIVACY_CALLS: Mapping[str, Make] = {
    "GET /api/v1/privacy-texts": fixed(query=TOWN),
    "POST /api/v1/privacy-texts": fixed(body=TEXT, names=True),
    "GET /api/v1/me/privacy-consents": fixed(),
    "PUT /api/v1/me/privacy-consents": _consent,
    "GET /api/v1/me/exports": fixed(),
    "POST /api/v1/me/exports": fixed(),
    "GET /api/v1/me/exports/{export_id}/archive": _archive,
    "POST /api/v1/me/erasure": fixed(),
    "POST /api/v1/erasures": _ask_erasure,
    "GET /api/v1/erasures/{erasure_id}": _report,
}
