"""A household's requests with their documents: all in its archive, all gone when it goes or when their time is over."""

import json
from datetime import timedelta

from services.requests.store.privacy import RequestHoldings
from services.requests.store.retention import RequestRetention
from shared.mongo import Database
from tests.requests.conftest import Door
from tests.requests.samples import HOUSEHOLD, NOW, OTHER_HOUSEHOLD


async def traces(db: Database, text: str) -> set[str]:
    return {
        name for name in await db.list_collection_names() async for document in db[name].find() if text in str(document)
    }


async def test_an_archive_has_the_answers_the_history_and_the_documents(door: Door) -> None:
    request_id = await door.filed()

    files = {file.name: file async for file in RequestHoldings(door.db, door.files).files(HOUSEHOLD)}

    told = json.loads(files["requests.json"].content)
    assert [one["id"] for one in told["requests"]] == [request_id]
    assert told["requests"][0]["answers"]["nom"] == "Dupont"
    (document,) = [file for name, file in files.items() if name.startswith(f"requests/{request_id}/")]
    assert document.content.startswith(b"%PDF")
    assert document.media_type == "application/pdf"


async def test_an_archive_does_not_say_which_agent_answered(door: Door) -> None:
    request_id = await door.filed()
    answer = {"decision": "accepted", "message": "C'est noté."}
    agent = door.agent()
    status, _ = await door.call("POST", f"/requests/{request_id}/answer", agent, json=answer)
    assert status == 201

    (file, *_) = [one async for one in RequestHoldings(door.db, door.files).files(HOUSEHOLD)]

    steps = json.loads(file.content)["requests"][0]["history"]
    assert [("account_id" in step) for step in steps] == [True, True, False, False]


async def test_a_household_with_nothing_has_an_archive_with_nothing(door: Door) -> None:
    (file,) = [one async for one in RequestHoldings(door.db, door.files).files(OTHER_HOUSEHOLD)]

    assert json.loads(file.content)["requests"] == []


async def test_nothing_is_left_of_a_household_that_goes(door: Door) -> None:
    await door.filed()
    await door.draft()

    receipt = await RequestHoldings(door.db, door.files).erase(HOUSEHOLD, NOW)

    assert {line.what: line.count for line in receipt.erased} == {"requests": 2, "documents": 1, "profile_copies": 1}
    assert not receipt.kept
    assert await traces(door.db, HOUSEHOLD) == set()
    assert await door.db["attachments.chunks"].count_documents({}) == 0


async def test_another_household_keeps_all_of_its_own(door: Door) -> None:
    await door.filed()

    await RequestHoldings(door.db, door.files).erase(OTHER_HOUSEHOLD, NOW)

    assert await traces(door.db, HOUSEHOLD) >= {"requests", "file_records", "households"}


async def test_an_answered_request_goes_after_its_time_and_one_that_waits_for_an_answer_does_not(door: Door) -> None:
    answered, _ = await door.filed(), await door.filed()
    retention = RequestRetention(door.db, door.files, days=730)
    await door.db["requests"].update_one({"_id": answered}, {"$set": {"answered_at": NOW}})

    early = await retention.requests(NOW + timedelta(days=730))
    late = await retention.requests(NOW + timedelta(days=731))

    assert (early, late) == (0, 1)
    assert await door.db["requests"].count_documents({}) == 1
    assert await door.db["attachments.files"].count_documents({}) == 1
