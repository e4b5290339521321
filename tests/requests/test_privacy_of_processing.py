"""What agents and families wrote about a request: given to the family that asks, gone with it or in its time."""

import json
from datetime import timedelta
from typing import Any

from services.requests.store.privacy import RequestHoldings
from services.requests.store.retention import RequestRetention
from tests.requests.conftest import Door
from tests.requests.samples import HOUSEHOLD, NOW


async def do(door: Door, path: str, body: Any, *, family: bool = False) -> None:
    caller = door.parent if family else door.agent()
    headers = {"Idempotency-Key": f"key-of-{path}-{family}"}
    method = "PUT" if path.endswith("assignment") else "POST"
    status, answer = await door.call(method, f"/requests/{path}", caller, json=body, headers=headers)
    assert status < 300, answer


async def test_an_archive_has_messages_and_notes_and_no_agent(door: Door) -> None:
    request_id = await door.filed()
    await do(door, f"{request_id}/messages", {"text": "Bonjour"}, family=True)
    await do(door, f"{request_id}/messages", {"text": "Bonsoir"})
    await do(door, f"{request_id}/notes", {"text": "Famille à rappeler."})
    await do(door, f"{request_id}/assignment", {"account_id": "acc_agent", "label": "Mme Petit"})

    files = {file.name: file async for file in RequestHoldings(door.db, door.files).files(HOUSEHOLD)}

    archive = files["requests.json"].content.decode()
    (told,) = json.loads(archive)["requests"]
    assert [one["text"] for one in told["messages"]] == ["Bonjour", "Bonsoir"]
    assert [one["text"] for one in told["notes"]] == ["Famille à rappeler."]
    assert "acc_agent" not in archive
    assert "Petit" not in archive


async def test_a_withdrawn_request_goes_after_its_time_and_a_reopened_one_waits_for_an_answer(door: Door) -> None:
    withdrawn, again = await door.filed(), await door.filed()
    for request_id in (withdrawn, again):
        await do(door, f"{request_id}/withdrawal", {}, family=True)
    await do(door, f"{again}/reopening", {"reason": "La famille a rappelé."})
    retention = RequestRetention(door.db, door.files, days=730)

    assert await retention.requests(NOW + timedelta(days=730)) == 0
    assert await retention.requests(NOW + timedelta(days=731)) == 1
    assert await door.db["requests"].distinct("_id") == [again]
