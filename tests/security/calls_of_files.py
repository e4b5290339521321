"""Calls about files of messages, and about the documents agents verified."""

from collections.abc import Mapping
from typing import Any

from deploy.local.demo.asking import one_page_pdf
from tests.security.call import PDF, TOWN, Call, Make, fixed
from tests.security.world import World


async def _sent(world: World) -> str:
    """A file that goes with a message of the owner."""
    path = f"/requests/{world.request_id}"
    answer = await world.owner.ask("POST", f"{path}/files", one_page_pdf(), media=PDF)
    assert answer.status == 201, answer.content
    file_id = str(answer.json["file_id"])
    await world.owner.post(f"{path}/messages", {"text": "Voici.", "attachments": [file_id]}, key="new")
    return file_id


async def _file(world: World) -> Call:
    return Call(ids={"request_id": world.request_id, "file_id": await _sent(world)}, names=True)


async def _added(world: World) -> Call:
    # Those no message names yet have a limit; each of them goes with one.
    await _sent(world)
    return Call(ids={"request_id": world.request_id}, content=one_page_pdf(), media=PDF, names=True)


def _paper(world: World) -> dict[str, Any]:
    """One the town's categories ask for."""
    categories = world.aurore.sample.json("request-categories.json")["categories"]
    slot = next(slot for one in categories for slot in one["attachments"] if slot.get("document_kind"))
    child = {"child_id": world.owner.child.id} if slot.get("document_of") == "child" else {}
    return {**TOWN, "household_id": world.owner.household_id, "kind": slot["document_kind"], **child}


async def _verified(world: World) -> Call:
    verified = await world.aurore.manager.post("/verified-documents", _paper(world))
    return Call(ids={"document_id": verified["document_id"]}, names=True)


FILE_CALLS: Mapping[str, Make] = {
    "POST /api/v1/requests/{request_id}/files": _added,
    "GET /api/v1/requests/{request_id}/files/{file_id}": _file,
    "GET /api/v1/document-checklist": lambda world: Call(
        query={**TOWN, "household_id": world.owner.household_id}, names=True
    ),
    "POST /api/v1/verified-documents": lambda world: Call(body=_paper(world), names=True),
    "DELETE /api/v1/verified-documents/{document_id}": _verified,
    "GET /api/v1/verified-documents": fixed(),
}
