"""Requests that went through everything hold what is checked on live data."""

from dataclasses import replace

from services.requests.domain.processing.asking import asked_for_more
from services.requests.domain.processing.ending import reopened, withdrawn
from services.requests.domain.processing.writing import messaged
from services.requests.store import RequestStore
from services.requests.store.invariants_of_processing import PROCESSING_INVARIANTS
from shared.mongo import Database
from tests.requests.samples import DRAFT, NOW, PARIS
from tests.requests.samples_of_processing import AGENT, OFFICE, PARENT, filed, message


async def broken(db: Database) -> list[str]:
    return [line for check in PROCESSING_INVARIANTS.values() for line in await check(db)]


async def test_every_state_holds_them_and_so_do_requests_of_before(db: Database) -> None:
    request = messaged(filed(), message(who="agent"))[0]
    gone = withdrawn(request, "", PARENT, NOW, PARIS)[0]
    states = [
        DRAFT,
        request,
        asked_for_more(request, "?", fields=[], slots=[], by=AGENT, now=NOW, office=OFFICE)[0],
        request.answered("refused", "Non.", AGENT, NOW, PARIS)[0],
        gone,
        reopened(gone, "x", AGENT, NOW, OFFICE)[0],
    ]
    store = RequestStore(db, lambda _: None)
    for number, one in enumerate(states):
        await store.add(replace(one, id=f"req_{number}"))
        assert await store.of_household(f"req_{number}", one.household_id) == replace(one, id=f"req_{number}")

    assert await broken(db) == []
    new = ("withdrawn_at", "asking", "unread_by_family", "unread_by_agents", "messages", "notes", "due_on", "decisions")
    await db["requests"].update_many({}, {"$unset": dict.fromkeys(new, "")})
    await db["requests"].delete_many({"state": {"$in": ["waiting_for_family", "withdrawn"]}})
    assert await broken(db) == []
    assert (await store.of_household("req_3", DRAFT.household_id)).decisions == 1
