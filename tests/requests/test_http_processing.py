"""A filed request over HTTP: agents process it, the family follows, completes, withdraws, and both write."""

import asyncio
import json
from typing import Any

import pytest

from services.requests.http import parts
from shared.auth import Caller, Role
from tests.requests.conftest import Door
from tests.requests.samples import HOUSEHOLD, OTHER_TOWN, TOWN, entry, pdf

WORKFLOW = [{"id": "instruction", "name": "Instruction"}, {"id": "visa", "name": "Visa de l'élu"}]
WORDS = {"message": "La photo est floue."}
ASKED = {**WORDS, "fields": ["depuis"], "slots": ["piece-identite"]}
REFUSAL = {"decision": "refused", "message": "Il manque une signature."}


@pytest.fixture
async def filed(door: Door) -> str:
    """Of a category that promises an answer in five working days, in two steps."""
    await door.set_categories(entry(processing_days=5, workflow=WORKFLOW))
    return await door.filed()


async def do(door: Door, method: str, path: str, body: Any = None, *, key: str = "", **more: Any) -> tuple[int, Any]:
    """As an agent, unless `caller` is given."""
    headers = {**more.pop("headers", {}), **({"Idempotency-Key": key} if key else {})}
    caller = more.pop("caller", None) or door.agent()
    extra = {} if body is None else {"json": body}
    return await door.call(method, path, caller, headers=headers, **extra, **more)


async def events(door: Door, request_id: str) -> list[str]:
    return [one["type"].removeprefix("requests.").removesuffix(".v1") for one in await door.told(request_id)]


async def shown(door: Door, request_id: str, caller: dict[str, str]) -> Any:
    status, request = await do(door, "GET", f"/requests/{request_id}", caller=caller)
    assert status == 200
    return request


# --- following ------------------------------------------------------------------------------------------------------


async def test_a_family_reads_until_when_an_answer_is_meant_to_come(door: Door, filed: str) -> None:
    request = await shown(door, filed, door.parent)

    assert (request["due_on"], request["overdue"], request["state"]) == ("2026-11-27", False, "filed")
    assert [step["what"] for step in request["history"]] == ["begun", "filed", "acknowledged"]
    assert request["history"][-1]["due_on"] == "2026-11-27"
    assert [(step["step"], step["state"]) for step in request["workflow"]] == [
        ("instruction", "to_come"),
        ("visa", "to_come"),
    ]
    assert await events(door, filed) == ["request_filed", "acknowledgement_written"]


async def test_a_request_in_hand_shows_the_agent_to_agents_only(door: Door, filed: str) -> None:
    body = {"account_id": "acc_agent", "label": "Mme Petit"}

    status, request = await do(door, "PUT", f"/requests/{filed}/assignment", body)
    await do(door, "POST", f"/requests/{filed}/notes", {"text": "Vu avec le service."})
    seen = await shown(door, filed, door.parent)

    assert (status, request["state"], request["assigned"]["label"]) == (200, "in_progress", "Mme Petit")
    assert request["history"][-1]["account_id"] == "acc_agent"
    assert (seen["assigned"], seen["notes"], seen["history"][-1]["account_id"]) == (None, None, "")
    assert "acc_agent" not in json.dumps(seen)
    assert "Petit" not in json.dumps(seen)
    assert [note["text"] for note in (await shown(door, filed, door.agent()))["notes"]] == ["Vu avec le service."]


async def test_a_colleague_must_be_an_agent_who_may_process_requests_there(door: Door, filed: str) -> None:
    agents = door.client.app[parts.AGENTS]
    await agents.keep("acc_known", TOWN, ["registrar"], 1)
    await agents.keep("acc_cashier", TOWN, ["cashier"], 1)
    await agents.keep("acc_elsewhere", OTHER_TOWN, ["registrar"], 1)
    path = f"/requests/{filed}/assignment"

    assert (await do(door, "PUT", path, {"account_id": "acc_known"}))[0] == 200
    for account in ("acc_cashier", "acc_elsewhere", "acc_nobody"):
        status, problem = await do(door, "PUT", path, {"account_id": account})
        assert (status, problem["type"]) == (422, "/problems/agent-unknown")
    await agents.keep("acc_known", TOWN, [], 2)
    assert (await do(door, "PUT", path, {"account_id": None}))[0] == 200
    assert (await do(door, "PUT", path, {"account_id": "acc_known"}))[0] == 422


async def test_a_family_sees_how_far_its_request_is(door: Door, filed: str) -> None:
    await do(door, "PUT", f"/requests/{filed}/step", {"step": "visa"})
    request = await shown(door, filed, door.parent)

    assert [step["state"] for step in request["workflow"]] == ["done", "current"]
    assert (request["history"][-1]["what"], request["history"][-1]["step"]) == ("step", "visa")
    status, problem = await do(door, "PUT", f"/requests/{filed}/step", {"step": "ailleurs"})
    assert (status, problem["type"]) == (422, "/problems/step-unknown")


# --- asking and completing --------------------------------------------------------------------------------------------


async def test_what_is_asked_is_sent_once_whatever_the_network_does(door: Door, filed: str) -> None:
    status, asked = await do(door, "POST", f"/requests/{filed}/information-requests", ASKED)
    assert (status, asked["state"], asked["due_on"]) == (201, "waiting_for_family", None)
    answers = {"nom": "Dupont", "depuis": "2026-12-24"}
    assert (await do(door, "PUT", f"/requests/{filed}/answers", {"answers": answers}, caller=door.parent))[0] == 200
    assert (await door.attach(filed, pdf(2)))[0] == 200

    path, body = f"/requests/{filed}/completion", {"message": "Voilà."}
    first = await do(door, "POST", path, body, key="one-completion", caller=door.parent)
    again = await do(door, "POST", path, body, key="one-completion", caller=door.parent)
    other = await do(door, "POST", path, {"message": "Non."}, key="one-completion", caller=door.parent)
    later = await do(door, "POST", path, body, key="another-completion", caller=door.parent)

    assert (first[0], first[1]["state"], first[1]["due_on"]) == (201, "in_progress", "2026-11-27")
    assert again == first
    assert (other[0], other[1]["type"]) == (422, "/problems/idempotency-key-reused")
    assert (later[0], later[1]["type"]) == (409, "/problems/nothing-asked")
    assert (await events(door, filed)).count("request_completed") == 1


async def test_what_nobody_asked_for_cannot_be_changed_and_what_is_asked_must_come(door: Door, filed: str) -> None:
    await do(door, "POST", f"/requests/{filed}/information-requests", {**WORDS, "slots": ["courrier"]})

    wrong = await do(
        door, "PUT", f"/requests/{filed}/answers", {"answers": {"nom": "X", "depuis": "2026-12-01"}}, caller=door.parent
    )
    slot = await door.attach(filed, pdf(), "piece-identite")
    early = await do(door, "POST", f"/requests/{filed}/completion", {}, key="too-early-now", caller=door.parent)

    assert (wrong[0], wrong[1]["type"], wrong[1]["errors"][0]["field"]) == (
        422,
        "/problems/answer-not-asked",
        "answers.nom",
    )
    assert (slot[0], slot[1]["type"]) == (409, "/problems/already-filed")
    assert (early[0], early[1]["errors"]) == (
        422,
        [{"in": "attachments", "field": "courrier", "message": "« Courrier » est à compléter."}],
    )


async def test_a_family_sees_what_is_asked_and_what_is_still_missing(door: Door, filed: str) -> None:
    await do(door, "POST", f"/requests/{filed}/information-requests", {**WORDS, "slots": ["courrier"]})

    (wanted,) = (await shown(door, filed, door.parent))["asking"]["wanted"]

    assert wanted == {"place": "attachments", "name": "courrier", "title": "Courrier", "missing": True}


async def test_what_the_form_has_not_is_not_asked_for(door: Door, filed: str) -> None:
    for body in ({**WORDS, "fields": ["$where"]}, {**WORDS, "slots": ["../etc/passwd"]}):
        status, problem = await do(door, "POST", f"/requests/{filed}/information-requests", body)
        assert (status, problem["type"]) == (422, "/problems/unknown-items")


# --- versions ---------------------------------------------------------------------------------------------------------


async def test_an_agent_who_read_an_older_version_is_told_and_changes_nothing(door: Door, filed: str) -> None:
    async with door.client.get(f"/api/v1/requests/{filed}", headers=door.agent()) as answer:
        read = {"If-Match": answer.headers["ETag"]}
    message = {"text": "Je joins la pièce demain."}
    await do(door, "POST", f"/requests/{filed}/messages", message, key="a-late-message", caller=door.parent)

    passed = await do(door, "POST", f"/requests/{filed}/answer", REFUSAL, headers=read)
    now = (await shown(door, filed, door.agent()))["version"]
    done = await do(door, "POST", f"/requests/{filed}/answer", REFUSAL, headers={"If-Match": f'"{now}"'})

    assert (passed[0], passed[1]["type"]) == (412, "/problems/version-passed")
    assert (done[0], done[1]["state"]) == (201, "refused")


async def test_two_agents_and_a_guardian_at_once_leave_one_decision(door: Door, filed: str) -> None:
    path = f"/requests/{filed}"
    answers = await asyncio.gather(
        do(door, "POST", f"{path}/answer", REFUSAL),
        do(door, "POST", f"{path}/answer", {**REFUSAL, "decision": "accepted"}),
        do(door, "POST", f"{path}/withdrawal", {}, caller=door.parent),
    )

    assert sorted(status for status, _ in answers) == [201, 409, 409]
    last = (await shown(door, filed, door.agent()))["history"]
    assert len([step for step in last if step["state"] in ("accepted", "refused", "withdrawn")]) == 1


async def test_messages_of_both_sides_at_once_are_all_kept(door: Door, filed: str) -> None:
    path = f"/requests/{filed}/messages"
    await asyncio.gather(
        *(do(door, "POST", path, {"text": f"F{n}"}, key=f"family-key-{n}", caller=door.parent) for n in range(2)),
        *(do(door, "POST", path, {"text": f"A{n}"}, key=f"agents-key-{n}") for n in range(2)),
    )

    _, talk = await do(door, "GET", path)
    assert sorted(item["text"] for item in talk["items"]) == ["A0", "A1", "F0", "F1"]


# --- writing ----------------------------------------------------------------------------------------------------------


async def test_a_message_sent_twice_is_written_once(door: Door, filed: str) -> None:
    path, body = f"/requests/{filed}/messages", {"text": "Bonjour <script>alert(1)</script>"}

    first = await do(door, "POST", path, body, key="same-message", caller=door.parent)
    again = await do(door, "POST", path, body, key="same-message", caller=door.parent)
    other = await do(door, "POST", path, {"text": "x"}, key="same-message", caller=door.parent)

    assert (first[0], first[1]["text"]) == (201, body["text"])
    assert again == first
    assert (other[0], other[1]["type"]) == (422, "/problems/idempotency-key-reused")
    assert (await events(door, filed)).count("message_sent") == 1


async def test_each_side_reads_the_other_and_marks_what_it_has_seen(door: Door, filed: str) -> None:
    path = f"/requests/{filed}"
    await do(door, "POST", f"{path}/messages", {"text": "Bonjour"}, key="first-message", caller=door.parent)
    await do(door, "POST", f"{path}/messages", {"text": "Bonsoir"}, key="second-message")
    _, talk = await do(door, "GET", f"{path}/messages", caller=door.parent)

    assert [(item["who"], item["unread"], item["account_id"]) for item in talk["items"]] == [
        ("guardian", False, ""),
        ("agent", True, ""),
    ]
    assert (talk["unread"], (await shown(door, filed, door.parent))["unread"]) == (1, 1)
    mark = {"version": talk["version"]}
    assert await do(door, "PUT", f"{path}/read-mark", mark, caller=door.parent) == (200, {"unread": 0})
    assert (await shown(door, filed, door.parent))["version"] == talk["version"]
    assert (await shown(door, filed, door.agent()))["unread"] == 2


async def test_a_message_takes_documents_its_writer_uploaded_for_this_request(door: Door, filed: str) -> None:
    headers = {"Content-Type": "application/pdf"}
    _, file = await door.call("POST", f"/requests/{filed}/files", door.parent, data=pdf(), headers=headers)
    path, body = f"/requests/{filed}/messages", {"text": "Voici.", "attachments": [file["file_id"]]}

    agent = await do(door, "POST", path, body, key="an-agent-takes")
    status, message = await do(door, "POST", path, body, key="with-document", caller=door.parent)
    twice = await do(door, "POST", path, body, key="once-more-please", caller=door.parent)

    assert (agent[0], twice[0]) == (404, 404)
    assert (status, [one["file_id"] for one in message["attachments"]]) == (201, [file["file_id"]])
    async with door.client.get(f"/api/v1/requests/{filed}/files/{file['file_id']}", headers=door.agent()) as document:
        assert (document.status, (await document.read())[:4]) == (200, b"%PDF")


async def test_a_message_has_words_and_three_documents_at_most(door: Door, filed: str) -> None:
    for body in ({"text": " "}, {"text": "x" * 4001}, {"text": "x", "attachments": ["a"] * 4}, {}):
        assert (await do(door, "POST", f"/requests/{filed}/messages", body, key="a-bad-message"))[0] == 422


async def test_a_message_needs_a_key(door: Door, filed: str) -> None:
    status, problem = await do(door, "POST", f"/requests/{filed}/messages", {"text": "x"})

    assert (status, problem["type"]) == (400, "/problems/idempotency-key-missing")


# --- ending -----------------------------------------------------------------------------------------------------------


async def test_a_refused_request_is_reopened_and_accepted(door: Door, filed: str) -> None:
    await do(door, "POST", f"/requests/{filed}/answer", REFUSAL)

    status, open_again = await do(door, "POST", f"/requests/{filed}/reopening", {"reason": "Elle est arrivée."})
    done = await do(door, "POST", f"/requests/{filed}/answer", {"decision": "accepted", "message": "Oui."})

    assert (status, open_again["state"], open_again["answered_at"]) == (201, "in_progress", None)
    assert (done[0], done[1]["state"]) == (201, "accepted")
    numbers = [
        json.loads(one["body"])["data"]["decision_number"]
        for one in await door.told(filed)
        if one["type"] == "requests.request_answered.v1"
    ]
    assert numbers == [1, 2]
    assert (await do(door, "POST", f"/requests/{filed}/reopening", {"reason": ""}))[0] == 422


async def test_a_withdrawn_request_is_answered_by_nobody_until_it_is_reopened(door: Door, filed: str) -> None:
    status, gone = await do(door, "POST", f"/requests/{filed}/withdrawal", {}, caller=door.parent)
    refused = await do(door, "POST", f"/requests/{filed}/answer", REFUSAL)
    twice = await do(door, "POST", f"/requests/{filed}/withdrawal", {}, caller=door.parent)

    assert (status, gone["state"], gone["withdrawn_at"]) == (201, "withdrawn", "2026-11-20T09:00:00Z")
    assert {refused[0], twice[0]} == {409}
    assert refused[1]["type"] == "/problems/request-withdrawn"


# --- who --------------------------------------------------------------------------------------------------------------


ROUTES = [
    ("PUT", "assignment", {"account_id": None}, "agent"),
    ("PUT", "step", {"step": "visa"}, "agent"),
    ("POST", "information-requests", WORDS, "agent"),
    ("POST", "reopening", {"reason": "x"}, "agent"),
    ("POST", "notes", {"text": "x"}, "agent"),
    ("GET", "answer-texts", None, "agent"),
    ("POST", "completion", {}, "family"),
    ("POST", "withdrawal", {}, "family"),
    ("GET", "messages", None, "both"),
    ("POST", "messages", {"text": "x"}, "both"),
    ("PUT", "read-mark", {"version": 1}, "both"),
]


async def test_strangers_learn_nothing(door: Door, filed: str) -> None:
    for method, path, body, whose in ROUTES:
        callers = [door.agent(town=OTHER_TOWN)] if whose != "family" else []
        callers += [door.stranger] if whose != "agent" else []
        for caller in callers:
            found = await do(door, method, f"/requests/{filed}/{path}", body, key="a-strangers-key", caller=caller)
            assert (found[0], found[1]["type"]) == (404, "/problems/not-found")
        wrong = [door.agent(Role.EDITOR)] + ([door.parent] if whose == "agent" else [])
        wrong += [door.agent()] if whose == "family" else []
        for caller in wrong:
            found = await do(door, method, f"/requests/{filed}/{path}", body, key="a-wrong-key", caller=caller)
            assert found[0] == 403


async def test_a_parent_who_is_an_agent_writes_as_the_parent_of_their_own_request(door: Door, filed: str) -> None:
    roles = {TOWN: frozenset({str(Role.REGISTRAR)})}
    both = door.issuer.headers(Caller(account_id="acc_both", household_id=HOUSEHOLD, roles=roles))
    other = door.issuer.headers(Caller(account_id="acc_both", household_id="hsh_both", roles=roles))
    path = f"/requests/{filed}/messages"

    _, mine = await do(door, "POST", path, {"text": "x"}, key="as-the-parent", caller=both)
    _, theirs = await do(door, "POST", path, {"text": "y"}, key="as-the-agent", caller=other)

    assert (mine["who"], theirs["who"]) == ("guardian", "agent")
    assert (await shown(door, filed, both))["notes"] is None
