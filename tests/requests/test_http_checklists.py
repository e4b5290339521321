"""The document checklist over HTTP: what agents verify is not asked of families again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.requests.store.retention import KeyRenewal, RequestRetention, VerifiedRetention
from shared.auth import Role
from shared.contracts.identity import HouseholdsMerged
from shared.former_households import FormerHouseholds
from shared.mongo import Database
from tests.requests.conftest import Door, opened
from tests.requests.samples import CHILD, HOUSEHOLD, NOW, OTHER_HOUSEHOLD, OTHER_TOWN, TOWN, entry, pdf

SLOTS = [
    {"slot": "assurance", "name": "Assurance", "mandatory": True, "document_kind": "assurance", "valid_months": 10},
    {
        "slot": "vaccins",
        "name": "Vaccins",
        "mandatory": True,
        "document_kind": "vaccins",
        "document_of": "child",
    },
]
LIST = f"/document-checklist?municipality_id={TOWN}&household_id={HOUSEHOLD}"


@pytest.fixture
async def door(db: Database) -> AsyncIterator[Door]:
    """A town that asks for an insurance and for a child's vaccinations; the household joined it."""
    async with opened(db) as door:
        await door.set_categories(entry(attachments=SLOTS, keep_days=30))
        await db["adhesions"].insert_one({"_id": f"{HOUSEHOLD}|{TOWN}", "household_id": HOUSEHOLD})
        yield door


async def verify(door: Door, caller: dict[str, str] | None = None, **said: Any) -> tuple[int, Any]:
    body = {"municipality_id": TOWN, "household_id": HOUSEHOLD, **said}
    return await door.call("POST", "/verified-documents", caller or door.agent(), json=body)


async def complete(door: Door) -> str:
    request_id = await door.draft()
    for slot in ("assurance", "vaccins"):
        assert (await door.attach(request_id, pdf(), slot=slot))[0] == 200
    return request_id


async def submit(door: Door, request_id: str) -> tuple[int, Any]:
    headers = {"Idempotency-Key": f"key-of-{request_id}"}
    return await door.call("POST", f"/requests/{request_id}/submission", door.parent, headers=headers)


async def states(door: Door) -> dict[str, str]:
    _, shown = await door.call("GET", LIST, door.agent())
    return {one["kind"]: one["state"] for one in shown["documents"]}


async def test_a_document_read_in_a_request_is_not_asked_for_in_the_next(door: Door) -> None:
    first = await complete(door)
    await submit(door, first)

    for slot in ("assurance", "vaccins"):
        status, verified = await verify(door, request_id=first, slot=slot)
        assert status == 201, verified
    second = await door.draft()
    _, shown = await door.call("GET", f"/requests/{second}", door.parent)

    assert [(one["slot"], one["valid_until"]) for one in shown["held"]] == [
        ("assurance", "2027-09-20"),
        ("vaccins", "2027-11-20"),
    ]
    assert shown["missing"] == []
    assert (await submit(door, second))[0] == 201


async def test_what_was_held_when_it_was_filed_stays_said_in_the_request(door: Door) -> None:
    _, first = await verify(door, kind="assurance")
    await verify(door, kind="vaccins", child_id=CHILD)
    request_id = await door.draft()
    await submit(door, request_id)
    await door.call("DELETE", f"/verified-documents/{first['document_id']}", door.agent())

    _, shown = await door.call("GET", f"/requests/{request_id}", door.agent())

    assert [one["slot"] for one in shown["held"]] == ["assurance", "vaccins"]


async def test_a_document_asked_for_anew_is_mandatory_again(door: Door) -> None:
    _, verified = await verify(door, kind="assurance")
    await verify(door, kind="vaccins", child_id=CHILD)
    request_id = await door.draft()

    answers = [await door.call("DELETE", f"/verified-documents/{verified['document_id']}", door.agent())]
    answers.append(await door.call("DELETE", f"/verified-documents/{verified['document_id']}", door.agent()))
    status, problem = await submit(door, request_id)

    assert [status for status, _ in answers] == [204, 204]
    assert (status, [error["field"] for error in problem["errors"]]) == (422, ["assurance"])
    assert await states(door) == {"assurance": "withdrawn", "vaccins": "held"}


async def test_the_checklist_says_what_is_there_and_what_is_missing(door: Door) -> None:
    assert await states(door) == {"assurance": "missing", "vaccins": "missing"}

    await verify(door, kind="assurance", valid_until="2026-12-01")
    await verify(door, kind="vaccins", child_id=CHILD)
    _, shown = await door.call("GET", LIST, door.agent())

    assert await states(door) == {"assurance": "ending", "vaccins": "held"}
    vaccines = shown["documents"][1]
    assert (vaccines["child_id"], vaccines["child_first_name"], vaccines["name"]) == (CHILD, "Zoé", "Vaccins")


async def test_a_family_sees_what_its_towns_hold_and_no_other_familys(door: Door) -> None:
    await verify(door, kind="assurance")

    _, own = await door.call("GET", "/verified-documents", door.parent)
    _, others = await door.call("GET", "/verified-documents", door.stranger)

    assert [(one["kind"], one["valid_until"]) for one in own] == [("assurance", "2027-09-20")]
    assert others == []


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"kind": "permis"}, 422, "document-kind-unknown"),
        ({"kind": "vaccins"}, 422, "document-kind-unknown"),
        ({"kind": "assurance", "child_id": CHILD}, 422, "document-kind-unknown"),
        ({"kind": "vaccins", "child_id": "chd_tom"}, 404, "not-found"),
        ({"kind": "assurance", "valid_until": "2026-11-19"}, 422, "validity-past"),
        ({"kind": "assurance", "valid_until": "2126-11-19"}, 422, "validity-past"),
        ({"kind": "assurance", "household_id": OTHER_HOUSEHOLD}, 404, "not-found"),
        ({"request_id": "req_none", "slot": "assurance"}, 404, "not-found"),
        ({}, 422, "document-kind-unknown"),
        ({"kind": "Assurance §"}, 422, "invalid-input"),
    ],
)
async def test_what_cannot_be_verified_is_refused(door: Door, said: dict[str, Any], status: int, code: str) -> None:
    found, problem = await verify(door, **said)

    assert (found, problem["type"]) == (status, f"/problems/{code}")


async def test_a_document_that_is_not_there_or_cannot_be_read_is_not_verified(door: Door) -> None:
    request_id = await complete(door)
    await submit(door, request_id)
    await door.db["file_records"].update_one({"place": "slot:assurance"}, {"$set": {"state": "quarantined"}})
    await door.db["requests"].update_one({}, {"$unset": {"attachments.vaccins": ""}})

    assert (await verify(door, request_id=request_id, slot="assurance"))[1]["type"] == "/problems/file-in-quarantine"
    assert (await verify(door, request_id=request_id, slot="vaccins"))[1]["type"] == "/problems/not-to-be-verified"
    assert (await verify(door, request_id=request_id, slot="photo"))[0] == 404


async def test_only_agents_of_the_town_who_process_requests_verify(door: Door) -> None:
    _, verified = await verify(door, kind="assurance")
    path = f"/verified-documents/{verified['document_id']}"

    for caller in (door.agent(Role.EDITOR), door.parent):
        assert (await verify(door, caller, kind="assurance"))[0] == 403
        assert (await door.call("GET", LIST, caller))[0] == 403
        assert (await door.call("DELETE", path, caller))[0] == 403
    elsewhere = door.agent(town=OTHER_TOWN)
    assert (await door.call("DELETE", path, elsewhere))[0] == 404
    assert (await verify(door, elsewhere, kind="assurance"))[0] in (403, 404)


async def test_a_household_keeps_what_was_verified_when_another_one_is_merged_into_it(door: Door) -> None:
    await verify(door, kind="assurance")
    merge = HouseholdsMerged(
        merge_id="mrg_1", kept_household_id=OTHER_HOUSEHOLD, merged_household_id=HOUSEHOLD, municipality_id=TOWN
    )
    await FormerHouseholds(door.db).keep(merge, 1, undone=False)

    _, shown = await door.call("GET", "/verified-documents", door.stranger)

    assert [one["kind"] for one in shown] == ["assurance"]


async def test_verifying_is_in_the_audit_trail(door: Door) -> None:
    await verify(door, kind="vaccins", child_id=CHILD)

    noted = await door.db["audit"].find_one({})
    assert noted
    assert "document_verified" in str(noted)
    assert CHILD in str(noted)


# --- retention ------------------------------------------------------------------------------------------------------


async def test_documents_go_after_the_days_of_their_category_and_leave_word(door: Door) -> None:
    answered, waiting = await complete(door), await complete(door)
    await door.db["requests"].update_many({}, {"$set": {"filed_at": NOW, "state": "accepted"}})
    await door.db["requests"].update_one({"_id": answered}, {"$set": {"answered_at": NOW}})
    retention = RequestRetention(door.db, door.files, days=730)

    gone = [await retention.documents(NOW + timedelta(days=days)) for days in (30, 31, 32)]

    assert gone == [0, 2, 0]
    path = f"/requests/{answered}/attachments/assurance"
    status, problem = await door.call("GET", path, door.agent())
    _, shown = await door.call("GET", f"/requests/{answered}", door.agent())
    assert (status, problem["type"]) == (410, "/problems/file-purged")
    assert [one["state"] for one in shown["attachments"]] == ["purged", "purged"]
    assert shown["attachments"][0]["gone_at"] == "2026-12-21T09:00:00Z"
    async with door.client.get(f"/api/v1/requests/{waiting}/attachments/assurance", headers=door.parent) as answer:
        assert answer.status == 200


async def test_documents_of_a_request_answered_anew_are_kept_as_long_again(door: Door) -> None:
    request_id = await complete(door)
    answered = {"filed_at": NOW, "state": "accepted", "answered_at": NOW}
    await door.db["requests"].update_one({"_id": request_id}, {"$set": answered})
    retention = RequestRetention(door.db, door.files, days=730)
    first = await retention.documents(NOW + timedelta(days=31))
    anew = NOW + timedelta(days=40)
    await door.db["requests"].update_one({"_id": request_id}, {"$set": {"answered_at": anew}})
    await door.db["file_records"].update_one({"place": "slot:assurance"}, {"$set": {"state": "clean"}})

    later = [await retention.documents(anew + timedelta(days=days)) for days in (30, 31, 32)]

    assert (first, later) == (2, [0, 1, 0])


async def test_what_was_verified_goes_a_year_after_it_stopped_to_hold(door: Door) -> None:
    _, withdrawn = await verify(door, kind="assurance")
    await door.call("DELETE", f"/verified-documents/{withdrawn['document_id']}", door.agent())
    await verify(door, kind="vaccins", child_id=CHILD)
    retention = VerifiedRetention(door.db, 365)

    gone = [await retention.verified_documents(NOW + timedelta(days=days)) for days in (364, 366, 730, 731)]

    assert gone == [0, 1, 0, 1]


async def test_the_daily_job_renews_keys(door: Door) -> None:
    await complete(door)

    assert await KeyRenewal(door.files).file_keys(NOW) == 0
