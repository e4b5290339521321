"""Calls about a household: changes it asks for, who may collect its children, custody, re-confirmation."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from PIL import Image

from tests.security.call import TOWN, Call, Make, fixed
from tests.security.families import file_of, row_of, shared_child, two_homes
from tests.security.world import World

CAMPAIGN = {**TOWN, "until": "2026-06-30"}
JPEG = "image/jpeg"


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 80), "#336699").save(out, "JPEG")
    return out.getvalue()


def _person(world: World) -> dict[str, Any]:
    return {
        "first_name": "Odette",
        "last_name": "Lefèvre",
        "phone": "06 39 98 22 22",
        "relationship": "Grand-mère",
        "child_ids": [world.owner.child.id],
        "valid_from": "2025-11-01",
        "valid_until": None,
    }


async def _named(world: World) -> str:
    """Somebody who may collect the owner's child, with a photo."""
    for left in await world.owner.get("/household/pickup-persons"):
        await world.owner.ask("DELETE", f"/household/pickup-persons/{left['person_id']}")
    person_id = (await world.owner.post("/household/pickup-persons", _person(world)))["person_id"]
    answer = await world.owner.ask("PUT", f"/household/pickup-persons/{person_id}/photo", photo(), media=JPEG)
    assert answer.status == 204, answer.content
    return str(person_id)


async def _one_person(world: World) -> Call:
    return Call(ids={"person_id": await _named(world)}, names=True)


async def _changed_person(world: World) -> Call:
    return Call(ids={"person_id": await _named(world)}, body=_person(world), names=True)


async def _photo(world: World) -> Call:
    return Call(ids={"person_id": await _named(world)}, content=photo(), media=JPEG, names=True)


async def _at_the_door(world: World) -> Call:
    await _named(world)
    return Call(query={**TOWN, "child_id": world.owner.child.id}, names=True)


async def _photo_at_the_door(world: World) -> Call:
    ids = {"person_id": await _named(world)}
    return Call(ids=ids, query={**TOWN, "child_id": world.owner.child.id}, names=True)


def _wish(world: World) -> dict[str, Any]:
    child = world.owner.child
    name = {"first_name": f"{child.first_name}-Marie", "last_name": "Lefèvre"}
    return {"kind": "child_name", "child_id": child.id, **name, "justification": "Livret de famille"}


async def _no_wishes(world: World) -> None:
    for left in await world.owner.get("/household/changes"):
        if left["state"] == "requested":
            await world.owner.ask("DELETE", f"/household/changes/{left['change_id']}")


async def _ask(world: World) -> Call:
    await _no_wishes(world)
    return Call(body=_wish(world), names=True)


async def _asked(world: World) -> dict[str, str]:
    await _no_wishes(world)
    return {"change_id": str((await world.owner.post("/household/changes", _wish(world)))["change_id"])}


async def _withdraw(world: World) -> Call:
    return Call(ids=await _asked(world), names=True)


async def _decide(world: World) -> Call:
    body = {"accepted": False, "reason": "Le livret manque.", "reference": ""}
    return Call(ids=await _asked(world), body=body, names=True)


async def _wishes(world: World) -> Call:
    await _asked(world)
    return Call(query=TOWN, names=True)


async def _weeks(world: World) -> Call:
    child_id, (even, odd) = await two_homes(world)
    body = {**TOWN, "child_id": child_id, "even_weeks": even, "odd_weeks": odd, "changeover": 5, "exceptions": []}
    return Call(body=body, names=True)


async def _plan(world: World) -> Call:
    child_id, _ = await two_homes(world)
    return Call(query={**TOWN, "child_id": child_id}, names=True)


async def _no_plan(world: World) -> Call:
    call = await _weeks(world)
    await world.aurore.manager.post("/children-custody", call.body)
    return Call(ids={"child_id": call.body["child_id"]}, query=TOWN, names=True)


async def _same(world: World) -> Call:
    reference, same_as = await shared_child(world)
    return Call(body={**TOWN, "reference": reference, "same_as": same_as}, names=True)


async def _missing(world: World) -> Call:
    await world.aurore.manager.post("/reconfirmations", CAMPAIGN)
    return Call(query=TOWN, names=True)


async def _confirm(world: World) -> Call:
    await world.aurore.manager.post("/reconfirmations", CAMPAIGN)
    return Call(body=TOWN)


async def found_family(world: World) -> Call:
    row = await row_of(world)
    await file_of(world, row)
    return Call(query={**TOWN, "q": row["email"]}, names=True)


DAYS = {"from": "2025-12-01", "until": "2025-12-31"}
CONTACT = {"address": "22 résidence Bel-Air, 37999 Sainte-Aurore", "guardians": []}

HOUSEHOLD_CALLS: Mapping[str, Make] = {
    "PUT /api/v1/household/contact": fixed(body=CONTACT, headers={"If_Match": "*"}),
    "GET /api/v1/household/pickup-persons": fixed(),
    # A child of somebody else is refused as a wrong field, whether it exists or not.
    "POST /api/v1/household/pickup-persons": lambda world: Call(body=_person(world)),
    "PUT /api/v1/household/pickup-persons/{person_id}": _changed_person,
    "DELETE /api/v1/household/pickup-persons/{person_id}": _one_person,
    "PUT /api/v1/household/pickup-persons/{person_id}/photo": _photo,
    "GET /api/v1/household/pickup-persons/{person_id}/photo": _one_person,
    "DELETE /api/v1/household/pickup-persons/{person_id}/photo": _one_person,
    "GET /api/v1/pickup-persons": _at_the_door,
    "GET /api/v1/pickup-persons/{person_id}/photo": _photo_at_the_door,
    "GET /api/v1/household/changes": fixed(),
    "POST /api/v1/household/changes": _ask,
    "DELETE /api/v1/household/changes/{change_id}": _withdraw,
    "GET /api/v1/household-changes": _wishes,
    "POST /api/v1/household-changes/{change_id}/decision": _decide,
    "GET /api/v1/household/children/{child_id}/custody": lambda world: Call(
        ids={"child_id": world.owner.child.id}, query=DAYS, names=True
    ),
    "GET /api/v1/children-custody": _plan,
    "POST /api/v1/children-custody": _weeks,
    "DELETE /api/v1/children-custody/{child_id}": _no_plan,
    "POST /api/v1/shared-children": _same,
    "GET /api/v1/reconfirmations": _missing,
    "POST /api/v1/reconfirmations": fixed(body=CAMPAIGN, names=True),
    "POST /api/v1/household/reconfirmations": _confirm,
    "GET /api/v1/household-search": found_family,
}
