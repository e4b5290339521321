"""What a household filed before it was merged into another one is read by the household it became."""

from shared.contracts.identity import HouseholdsMerged
from shared.former_households import FormerHouseholds
from tests.requests.conftest import Door
from tests.requests.samples import HOUSEHOLD, OTHER_HOUSEHOLD, TOWN, pdf

FACT = HouseholdsMerged(
    merge_id="mrg_1",
    municipality_id=TOWN,
    kept_household_id=OTHER_HOUSEHOLD,
    merged_household_id=HOUSEHOLD,
)


async def test_its_requests_and_documents_are_read_and_its_drafts_are_nobody_s(door: Door) -> None:
    filed, draft = await door.filed(), await door.draft()
    former = FormerHouseholds(door.db)
    await former.keep(FACT, 1, undone=False)

    _, listed = await door.call("GET", "/requests", door.stranger)
    status, shown = await door.call("GET", f"/requests/{filed}", door.stranger)
    path = f"/api/v1/requests/{filed}/attachments/piece-identite"
    async with door.client.get(path, headers=door.stranger) as document:
        assert await document.read()
    assert [one["request_id"] for one in listed["items"]] == [filed]
    assert (status, shown["request_id"], document.status) == (200, filed, 200)
    assert (await door.attach(draft, pdf(), caller=door.stranger))[0] == 404

    await former.keep(FACT, 2, undone=True)
    assert (await door.call("GET", "/requests", door.stranger))[1]["items"] == []
    assert (await door.call("GET", f"/requests/{filed}", door.stranger))[0] == 404


async def test_it_goes_on_with_what_the_merged_one_filed(door: Door) -> None:
    filed, path = await door.filed(), "/requests/"
    asked = {"message": "Précisez.", "fields": ["depuis"], "slots": ["courrier"]}
    await door.call("POST", f"{path}{filed}/information-requests", door.agent(), json=asked)
    await FormerHouseholds(door.db).keep(FACT, 1, undone=False)
    answers = {"answers": {"nom": "Dupont", "depuis": "2026-12-24"}}
    key = {"Idempotency-Key": "completed-by-the-kept-one"}

    changed = await door.call("PUT", f"{path}{filed}/answers", door.stranger, json=answers)
    attached = await door.attach(filed, pdf(), "courrier", caller=door.stranger)
    done = await door.call("POST", f"{path}{filed}/completion", door.stranger, json={}, headers=key)

    assert (changed[0], attached[0], done[0]) == (200, 200, 201)
    assert done[1]["state"] == "in_progress"
