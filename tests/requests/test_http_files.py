"""Files of messages over HTTP, and what everybody meets while an antivirus looks at documents."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from deploy.sandbox.antivirus import FOUND, StandInAntivirus
from services.requests.app.antivirus import Clamd
from services.requests.app.scanning import desk_of, scan_all, scanning
from services.requests.app.spool import DiskSpools
from services.requests.http import parts
from services.requests.store.slots import SlotStore
from services.requests.usecases.scan_files import ScanDesk
from services.requests.usecases.sweep import sweep
from shared.auth import Role
from shared.mongo import Database
from tests.requests.conftest import Door, opened
from tests.requests.filing_cabinet import HOME, large_pdf
from tests.requests.samples import HOUSEHOLD, NOW, OTHER_TOWN, TOWN, pdf, picture
from tests.requests.virus import infected_pdf

SLOT = "attachments/piece-identite"


async def send(door: Door, request_id: str, caller: dict[str, str], data: bytes | None = None) -> tuple[int, Any]:
    headers = {"Content-Type": "application/pdf"}
    body = io.BytesIO(pdf() if data is None else data)
    return await door.call("POST", f"/requests/{request_id}/files", caller, data=body, headers=headers)


async def fetched(door: Door, path: str, caller: dict[str, str]) -> tuple[int, bytes]:
    async with door.client.get(f"/api/v1{path}", headers=caller) as answer:
        return answer.status, await answer.read()


async def write(door: Door, request_id: str, caller: dict[str, str], file_id: str) -> tuple[int, Any]:
    body, headers = {"text": "Voici.", "attachments": [file_id]}, {"Idempotency-Key": f"key-{file_id}"}
    return await door.call("POST", f"/requests/{request_id}/messages", caller, json=body, headers=headers)


async def test_a_file_for_a_message_is_read_by_its_sender_until_it_is_sent_then_by_both_sides(door: Door) -> None:
    request_id, agent = await door.filed(), door.agent()
    status, file = await send(door, request_id, agent)
    path = f"/requests/{request_id}/files/{file['file_id']}"

    assert status == 201
    assert (file["media_type"], file["state"], file["scanned"]) == ("application/pdf", "clean", False)
    assert await fetched(door, path, agent) == (200, pdf())
    assert (await fetched(door, path, door.parent))[0] == 404

    assert (await write(door, request_id, door.parent, file["file_id"]))[0] == 404
    status, message = await write(door, request_id, agent, file["file_id"])

    assert (status, [one["state"] for one in message["attachments"]]) == (201, ["clean"])
    assert await fetched(door, path, door.parent) == (200, pdf())


async def test_a_file_a_message_named_is_not_swept_and_one_nobody_names_is(door: Door) -> None:
    request_id = await door.filed()
    sent = [(await send(door, request_id, door.parent))[1]["file_id"] for _ in range(2)]
    await write(door, request_id, door.parent, sent[0])
    app = door.client.app
    stores: Any = {"requests": app[parts.REQUESTS], "files": app[parts.FILES], "quotas": app[parts.QUOTAS]}

    await sweep(**stores, clock=lambda: NOW + timedelta(days=2))

    left = {found["_id"] async for found in door.db["file_records"].find({"place": {"$not": {"$regex": "^slot"}}})}
    assert left == {sent[0]}


async def test_strangers_neither_send_nor_read_files_of_a_request(door: Door) -> None:
    request_id = await door.filed()
    _, file = await send(door, request_id, door.parent)
    await door.db["file_records"].update_one({"_id": file["file_id"]}, {"$set": {"place": "message:msg_1"}})
    others = [door.stranger, door.agent(town=OTHER_TOWN), door.agent(Role.EDITOR)]

    for caller in others:
        assert (await send(door, request_id, caller))[0] in (403, 404)
        assert (await fetched(door, f"/requests/{request_id}/files/{file['file_id']}", caller))[0] in (403, 404)


async def test_a_document_in_a_slot_is_no_file_of_a_message(door: Door) -> None:
    request_id = await door.filed()
    found = await door.db["file_records"].find_one({"request_id": request_id})
    assert found

    assert (await fetched(door, f"/requests/{request_id}/files/{found['_id']}", door.parent))[0] == 404


async def test_a_draft_takes_no_file_of_a_message(door: Door) -> None:
    status, problem = await send(door, await door.draft(), door.parent)

    assert (status, problem["type"]) == (409, "/problems/not-filed-yet")


async def test_files_nobody_names_have_a_limit(door: Door) -> None:
    request_id = await door.filed()
    answers = [await send(door, request_id, door.parent) for _ in range(11)]

    assert [status for status, _ in answers] == [201] * 10 + [429]
    assert answers[-1][1]["type"] == "/problems/too-many-files"


async def test_what_is_no_document_is_refused_for_a_message_too(door: Door) -> None:
    status, problem = await send(door, await door.filed(), door.parent, b"<html><script>alert(1)</script>")

    assert (status, problem["type"]) == (415, "/problems/file-kind-refused")
    assert await door.db["file_records"].count_documents({"place": ""}) == 0


async def test_without_a_key_no_document_is_taken(db: Database) -> None:
    async with opened(db, files_key="") as door:
        status, problem = await door.attach(await door.draft(), pdf())

    assert (status, problem["type"]) == (503, "/problems/no-files-key")
    assert problem["detail"].startswith("Cette installation n’a pas de clé")


async def test_the_largest_file_is_a_setting(db: Database) -> None:
    async with opened(db, file_mb=1) as door:
        request_id = await door.draft()
        small, _ = await door.attach(request_id, large_pdf(900_000))
        large, _ = await door.attach(request_id, large_pdf(1_100_000))

    assert (small, large) == (200, 413)


# --- quarantine -----------------------------------------------------------------------------------------------------


@dataclass
class Guarded:
    """The door of an installation with an antivirus, and its turn to look at what waits."""

    door: Door
    clamd: StandInAntivirus
    desk: ScanDesk

    async def scan(self) -> int:
        return await scan_all(self.desk)


@pytest.fixture
async def guarded(db: Database) -> AsyncIterator[Guarded]:
    clamd = StandInAntivirus()
    port = await clamd.start()
    async with opened(db, clamd_host="127.0.0.1", clamd_port=port) as door:
        antivirus, slots = Clamd("127.0.0.1", port, DiskSpools()), SlotStore(db, door.woken.append)
        yield Guarded(door, clamd, desk_of(door.client.app, antivirus, slots, lambda: NOW))
    await clamd.stop()


async def test_a_document_in_quarantine_is_read_by_nobody_and_the_request_is_filed_all_the_same(
    guarded: Guarded,
) -> None:
    door = guarded.door
    request_id = await door.filed()

    _, shown = await door.call("GET", f"/requests/{request_id}", door.parent)
    for caller in (door.parent, door.agent()):
        status, problem = await door.call("GET", f"/requests/{request_id}/{SLOT}", caller)
        assert (status, problem["type"]) == (409, "/problems/file-in-quarantine")
    assert [one["state"] for one in shown["attachments"]] == ["quarantined"]

    assert await guarded.scan() == 1

    assert await fetched(door, f"/requests/{request_id}/{SLOT}", door.agent()) == (200, pdf())
    _, shown = await door.call("GET", f"/requests/{request_id}", door.parent)
    assert [(one["state"], one["scanned"]) for one in shown["attachments"]] == [("clean", True)]


async def test_an_infected_document_goes_and_its_slot_is_filled_again(guarded: Guarded) -> None:
    door = guarded.door
    request_id = await door.draft()
    await door.attach(request_id, infected_pdf())
    status, _ = await door.call(
        "POST", f"/requests/{request_id}/submission", door.parent, headers={"Idempotency-Key": "key-infected"}
    )
    assert status == 201

    await guarded.scan()

    told = await door.told(request_id)
    _, shown = await door.call("GET", f"/requests/{request_id}", door.agent())
    assert shown["attachments"] == []
    assert [(one["slot"], one["name"]) for one in shown["emptied"]] == [("piece-identite", "Pièce d'identité")]
    assert "requests.file_infected.v1" in [one["type"] for one in told]
    assert await door.db["attachments.chunks"].count_documents({}) == 0
    assert (await door.db["file_records"].find_one({}) or {})["finding"] == FOUND

    again, _ = await door.attach(request_id, picture("PNG"), declared="image/png")
    _, shown = await door.call("GET", f"/requests/{request_id}", door.parent)
    assert again == 200
    assert (shown["emptied"], [one["media_type"] for one in shown["attachments"]]) == ([], ["image/png"])
    assert (await door.attach(request_id, pdf(), slot="courrier"))[0] == 409


async def test_an_infected_file_of_a_message_is_shown_as_gone_and_told(guarded: Guarded) -> None:
    door = guarded.door
    request_id = await door.filed()
    await guarded.scan()
    _, file = await send(door, request_id, door.parent, infected_pdf())
    await write(door, request_id, door.parent, file["file_id"])

    await guarded.scan()

    _, messages = await door.call("GET", f"/requests/{request_id}/messages", door.agent())
    assert [one["state"] for one in messages["items"][0]["attachments"]] == ["infected"]
    status, problem = await door.call("GET", f"/requests/{request_id}/files/{file['file_id']}", door.agent())
    assert (status, problem["type"]) == (410, "/problems/file-infected")
    assert "requests.file_infected.v1" in [one["type"] for one in await door.told(request_id)]


async def test_the_service_looks_at_files_as_soon_as_they_come(guarded: Guarded) -> None:
    door = guarded.door
    clean = door.db["file_records"].watch([{"$match": {"updateDescription.updatedFields.state": "clean"}}])
    async with clean as changes, scanning(door.client.app, guarded.desk, 3600):
        await door.filed()
        change = await changes.next()

    assert change["operationType"] == "update"
    assert guarded.clamd.scanned == 1


async def test_an_antivirus_that_is_away_keeps_files_where_they_are(guarded: Guarded) -> None:
    door = guarded.door
    request_id = await door.filed()
    await guarded.clamd.stop()

    assert await guarded.scan() == 1

    assert (await door.call("GET", f"/requests/{request_id}/{SLOT}", door.parent))[0] == 409
    found = await door.db["file_records"].find_one({})
    assert found
    assert (found["state"], found["scans"]) == ("quarantined", 1)


async def test_a_file_larger_than_the_antivirus_takes_is_no_clean_file(db: Database) -> None:
    clamd = StandInAntivirus(stream_max=100)
    port = await clamd.start()
    async with opened(db, clamd_host="127.0.0.1", clamd_port=port) as door:
        antivirus, slots = Clamd("127.0.0.1", port, DiskSpools()), SlotStore(db, door.woken.append)
        await door.filed()
        await scan_all(desk_of(door.client.app, antivirus, slots, lambda: NOW))
        found = await door.db["file_records"].find_one({})
    await clamd.stop()

    assert found
    assert found["state"] == "quarantined"


async def test_files_of_before_the_antivirus_are_looked_at_when_it_comes(guarded: Guarded) -> None:
    door = guarded.door
    request_id = await door.draft()
    await door.attach(request_id, pdf())
    await door.db["file_records"].update_one({}, {"$set": {"state": "clean"}})

    assert await guarded.scan() == 1

    found = await door.db["file_records"].find_one({})
    assert found
    assert (found["state"], found["scanned"], found["municipality_id"]) == ("clean", True, TOWN)
    assert HOME.household_id == HOUSEHOLD
