"""What agents read and answer is noted with the family it is about; what the family does is not."""

import json
from typing import Any

from shared.auth import Caller, Role
from tests.requests.conftest import Door
from tests.requests.samples import CHILD, HOUSEHOLD, OTHER_TOWN, TOWN


async def notes(door: Door) -> list[dict[str, Any]]:
    """Oldest first."""
    documents = await door.db["audit"].find({}).sort("_id", 1).to_list(None)
    return [json.loads(document["outbox"][0]["body"])["data"] for document in documents]


async def test_reading_a_document_and_answering_are_noted_with_household_child_and_request(door: Door) -> None:
    request_id = await door.filed()
    await door.call("GET", f"/requests/{request_id}", door.agent())
    path = f"/api/v1/requests/{request_id}/attachments/piece-identite"
    async with door.client.get(path, headers=door.agent()) as document:
        assert document.status == 200
    answer = {"decision": "accepted", "message": "C'est noté."}
    await door.call("POST", f"/requests/{request_id}/answer", door.agent(), json=answer)

    found = await notes(door)
    assert [note["action"] for note in found] == ["request_read", "attachment_read", "request_answered"]
    for note in found:
        assert (note["service"], note["account_id"], note["municipality_id"]) == ("requests", "acc_agent", TOWN)
        assert (note["household_ids"], note["object_ids"]) == ([HOUSEHOLD], [request_id])
        assert set(note["child_ids"]) <= {CHILD}
        assert note["request_id"]


async def test_a_list_is_noted_in_each_town_of_the_agent(door: Door) -> None:
    request_id = await door.filed()
    roles = {TOWN: frozenset({"registrar"}), OTHER_TOWN: frozenset({"manager"})}

    await door.call("GET", "/requests", door.issuer.headers(Caller(account_id="acc_both", roles=roles)))

    listed = {note["municipality_id"]: (note["household_ids"], note["object_ids"]) for note in await notes(door)}
    assert listed == {TOWN: ([HOUSEHOLD], [request_id]), OTHER_TOWN: ([], [])}


async def test_a_family_is_not_noted_nor_an_agent_who_found_nothing(door: Door) -> None:
    request_id = await door.filed()
    await door.call("GET", "/requests", door.parent)
    await door.call("GET", f"/requests/{request_id}", door.parent)
    await door.call("GET", f"/requests/{request_id}", door.agent(town=OTHER_TOWN))

    assert await notes(door) == []


async def test_a_parent_who_is_an_agent_is_noted_as_an_agent_only(door: Door) -> None:
    await door.filed()
    roles = {TOWN: frozenset({str(Role.REGISTRAR)})}
    both = door.issuer.headers(Caller(account_id="acc_both", household_id="hsh_both", roles=roles))

    await door.call("GET", "/requests", both)
    as_parent = await notes(door)
    await door.call("GET", f"/requests?municipality_id={TOWN}", both)

    assert as_parent == []
    assert [note["action"] for note in await notes(door)] == ["requests_listed"]
