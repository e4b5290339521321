"""Calls about requests after they are filed."""

from collections.abc import Mapping

from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import SLOT, World

WORDS = "Merci de préciser."
TEMPLATE = {"name": "Accord", "use": "accepted", "text": "Bonjour, {category} : c'est noté."}
TAKE = {"account_id": None, "label": "Mme Petit"}


async def _filed(world: World) -> dict[str, str]:
    """One of its own, that may be changed."""
    return {"request_id": await world.filed()}


async def _assignment(world: World) -> Call:
    me = (await world.aurore.manager.get("/me"))["account_id"]
    return Call(ids=await _filed(world), body={**TAKE, "account_id": me}, names=True)


async def _step(world: World) -> Call:
    return Call(ids=await _filed(world), body={"step": "etude"}, names=True)


async def _asked(world: World) -> Call:
    body = {"message": WORDS, "slots": [SLOT]}
    return Call(ids=await _filed(world), body=body, names=True)


async def _completion(world: World) -> Call:
    ids = await _filed(world)
    await world.aurore.manager.post(f"/requests/{ids['request_id']}/information-requests", {"message": WORDS})
    return Call(ids=ids, body={"message": "Voilà."}, names=True)


async def _withdrawal(world: World) -> Call:
    return Call(ids=await _filed(world), body={"message": "Plus besoin."}, names=True)


async def _reopening(world: World) -> Call:
    ids = await _filed(world)
    answer = {"decision": "refused", "message": "Il manque une signature."}
    await world.aurore.manager.post(f"/requests/{ids['request_id']}/answer", answer)
    return Call(ids=ids, body={"reason": "Elle est arrivée."}, names=True)


async def _template(world: World) -> Call:
    made = await world.aurore.manager.post(f"/answer-templates?municipality_id={world.aurore.id}", TEMPLATE)
    ids = {"template_id": made["template_id"]}
    return Call(ids=ids, query=TOWN, body=TEMPLATE, names=True, headers={"If_Match": '"1"'})


async def _dropped(world: World) -> Call:
    call = await _template(world)
    return Call(ids=call.ids, query=TOWN, names=True, headers=call.headers)


def _of_the_request(**parts: object) -> Make:
    return lambda world: Call(ids={"request_id": world.request_id}, names=True, **parts)  # type: ignore[arg-type]  # a table


REQUEST_CALLS: Mapping[str, Make] = {
    "PUT /api/v1/requests/{request_id}/assignment": _assignment,
    "PUT /api/v1/requests/{request_id}/step": _step,
    "POST /api/v1/requests/{request_id}/information-requests": _asked,
    "POST /api/v1/requests/{request_id}/completion": _completion,
    "POST /api/v1/requests/{request_id}/withdrawal": _withdrawal,
    "POST /api/v1/requests/{request_id}/reopening": _reopening,
    "GET /api/v1/requests/{request_id}/messages": _of_the_request(),
    "POST /api/v1/requests/{request_id}/messages": _of_the_request(body={"text": "Bonjour"}),
    "PUT /api/v1/requests/{request_id}/read-mark": _of_the_request(body={"version": 1}),
    "POST /api/v1/requests/{request_id}/notes": _of_the_request(body={"text": "À revoir lundi."}),
    "GET /api/v1/requests/{request_id}/answer-texts": _of_the_request(),
    "GET /api/v1/request-counts": fixed(),
    "GET /api/v1/request-exports": fixed(query=TOWN, names=True),
    "GET /api/v1/answer-templates": fixed(query=TOWN, names=True),
    "POST /api/v1/answer-templates": fixed(query=TOWN, body=TEMPLATE, names=True),
    "PUT /api/v1/answer-templates/{template_id}": _template,
    "DELETE /api/v1/answer-templates/{template_id}": _dropped,
}
