"""Requests over HTTP: what a family files, what an agent answers, and every way to be told no."""

import asyncio
import json
from typing import Any

import pytest

from shared.auth import Caller, Role
from tests.requests.conftest import KEY, Door
from tests.requests.samples import CHILD, HOUSEHOLD, OTHER_TOWN, TOWN, pdf

CATEGORY_ID = f"{TOWN}.personne-autorisee"


def body(**changes: Any) -> dict[str, Any]:
    return {"category_id": CATEGORY_ID, "child_id": CHILD, "answers": {"nom": "Dupont"}, **changes}


# --- drafts ---------------------------------------------------------------------------------------------------------


async def test_a_parent_begins_a_request(door: Door) -> None:
    status, request = await door.call("POST", "/requests", door.parent, json=body())

    assert status == 201
    assert (request["state"], request["answers"], request["child_first_name"]) == ("draft", {"nom": "Dupont"}, "Zoé")
    assert request["missing"] == [
        {"place": "answers", "field": "depuis", "message": "« À partir du » est à compléter."},
        {"place": "attachments", "field": "piece-identite", "message": "« Pièce d'identité » est à compléter."},
    ]
    assert await door.call("GET", f"/requests/{request['request_id']}", door.parent) == (200, request)


async def test_sentences_come_in_the_language_of_the_reader(door: Door) -> None:
    headers = {"Accept-Language": "en"}
    _, request = await door.call("POST", "/requests", door.parent, json=body(), headers=headers)

    assert request["missing"][0]["message"] == "“À partir du” is missing."


async def test_answers_that_do_not_fit_are_named_in_french(door: Door) -> None:
    answers = {"nom": "D", "depuis": "demain", "lien": "Voisin", "role": "admin"}

    status, problem = await door.call("POST", "/requests", door.parent, json=body(answers=answers))

    assert (status, problem["type"]) == (422, "/problems/answers-refused")
    assert {error["field"]: error["message"] for error in problem["errors"]} == {
        "answers.nom": "Au moins 2 caractères sont attendus.",
        "answers.depuis": "Une date est attendue, sous la forme année-mois-jour.",
        "answers.lien": "Choisissez l’une des réponses proposées.",
        "answers.role": "Ce champ ne fait pas partie du formulaire.",
    }


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"category_id": "sainte-aurore.inconnue"}, 404, "not-found"),
        ({"category_id": f"{OTHER_TOWN}.personne-autorisee"}, 404, "not-found"),
        ({"category_id": {"$ne": ""}}, 422, "invalid-input"),
        ({"child_id": "chd_foreign"}, 404, "not-found"),
        ({"child_id": {"$ne": ""}}, 422, "invalid-input"),
        ({"child_id": None}, 422, "child-needed"),
        ({"answers": {"nom": {"$ne": ""}}}, 422, "answers-refused"),
        ({"answers": {"$where": "sleep(1000)"}}, 422, "answers-refused"),
        ({"answers": {"nom": 10**30}}, 422, "answers-refused"),
        ({"answers": []}, 422, "invalid-input"),
        ({"household_id": "hsh_durand"}, 422, "invalid-input"),
        ({"state": "filed"}, 422, "invalid-input"),
    ],
)
async def test_a_draft_of_something_else_is_refused(door: Door, change: dict[str, Any], status: int, code: str) -> None:
    found, problem = await door.call("POST", "/requests", door.parent, json=body(**change))

    assert (found, problem["type"]) == (status, f"/problems/{code}")
    assert await door.db["requests"].count_documents({}) == 0


@pytest.mark.parametrize("raw", ['{"category_id":', "[]", "null", '{"category_id": "\\ud800", "answers": {}}', "\0"])
async def test_a_broken_body_is_refused(door: Door, raw: str) -> None:
    headers = {"Content-Type": "application/json"}

    assert (await door.call("POST", "/requests", door.parent, data=raw, headers=headers))[0] in {400, 422}


async def test_deep_answers_are_refused(door: Door) -> None:
    for levels in (20, 150, 10_000):
        raw = json.dumps(body(answers="DEEP")).replace('"DEEP"', '{"nom":' * levels + "1" + "}" * levels)
        headers = {"Content-Type": "application/json"}

        assert (await door.call("POST", "/requests", door.parent, data=raw, headers=headers))[0] in {400, 422}


async def test_a_parent_corrects_the_answers_of_a_draft(door: Door) -> None:
    request_id = await door.draft()
    answers = {"nom": "Petit", "depuis": "2026-12-24", "lien": ""}

    status, request = await door.call("PUT", f"/requests/{request_id}/answers", door.parent, json={"answers": answers})

    assert (status, request["answers"]) == (200, {"nom": "Petit", "depuis": "2026-12-24"})


async def test_a_parent_drops_a_draft(door: Door) -> None:
    request_id = await door.draft()
    await door.attach(request_id, pdf())

    assert await door.call("DELETE", f"/requests/{request_id}", door.parent) == (204, None)
    assert (await door.call("GET", f"/requests/{request_id}", door.parent))[0] == 404
    assert await door.db["attachments.chunks"].count_documents({}) == 0


async def test_a_filed_request_is_not_changed_any_more(door: Door) -> None:
    request_id = await door.filed()

    change = await door.call("PUT", f"/requests/{request_id}/answers", door.parent, json={"answers": {}})
    drop = await door.call("DELETE", f"/requests/{request_id}", door.parent)

    for status, problem in (change, drop):
        assert (status, problem["type"]) == (409, "/problems/already-filed")
        assert "vendredi 20 novembre 2026 à 10:00" in problem["detail"]


# --- submission -----------------------------------------------------------------------------------------------------


async def test_a_complete_request_is_filed_and_told(door: Door) -> None:
    request_id = await door.draft()
    await door.attach(request_id, pdf())

    status, filed = await door.call("POST", f"/requests/{request_id}/submission", door.parent, headers=KEY)

    assert (status, filed) == (
        201,
        {"request_id": request_id, "state": "filed", "filed_at": "2026-11-20T09:00:00Z"},
    )
    told, receipt = await door.told(request_id)
    assert receipt["type"] == "requests.acknowledgement_written.v1"
    assert (told["type"], told["subject"]) == ("requests.request_filed.v1", request_id)
    assert door.woken == ["requests"]


async def test_what_is_missing_is_listed(door: Door) -> None:
    request_id = await door.draft(answers={"nom": "Dupont"})

    status, problem = await door.call("POST", f"/requests/{request_id}/submission", door.parent, headers=KEY)

    assert (status, problem["type"]) == (422, "/problems/request-incomplete")
    assert [(error["in"], error["field"]) for error in problem["errors"]] == [
        ("answers", "depuis"),
        ("attachments", "piece-identite"),
    ]
    assert await door.told(request_id) == []


async def test_the_same_key_gets_the_same_answer_even_after_the_decision(door: Door) -> None:
    request_id = await door.draft()
    await door.attach(request_id, pdf())
    path = f"/requests/{request_id}/submission"
    first = await door.call("POST", path, door.parent, headers=KEY)
    await door.call("POST", f"/requests/{request_id}/answer", door.agent(), json=decision())

    assert await door.call("POST", path, door.parent, headers=KEY) == first
    assert len(await door.told(request_id)) == 4


async def test_clicks_at_the_same_moment_file_once(door: Door) -> None:
    request_id = await door.draft()
    await door.attach(request_id, pdf())
    path = f"/requests/{request_id}/submission"

    answers = await asyncio.gather(*(door.call("POST", path, door.parent, headers=KEY) for _ in range(6)))

    assert [status for status, _ in answers] == [201] * 6
    assert len(await door.told(request_id)) == 2


async def test_another_key_for_a_filed_request_is_told_when_it_was_filed(door: Door) -> None:
    request_id = await door.filed()

    status, problem = await door.call("POST", f"/requests/{request_id}/submission", door.parent, headers=KEY)

    assert (status, problem["type"]) == (409, "/problems/already-filed")


async def test_the_same_key_for_another_request_is_refused(door: Door) -> None:
    first, second = await door.draft(), await door.draft()
    for request_id in (first, second):
        await door.attach(request_id, pdf())
    await door.call("POST", f"/requests/{first}/submission", door.parent, headers=KEY)

    status, problem = await door.call("POST", f"/requests/{second}/submission", door.parent, headers=KEY)

    assert (status, problem["type"]) == (422, "/problems/idempotency-key-reused")


async def test_a_submission_without_a_key_is_refused(door: Door) -> None:
    status, problem = await door.call("POST", f"/requests/{await door.draft()}/submission", door.parent)

    assert (status, problem["type"]) == (400, "/problems/idempotency-key-missing")


# --- the town's answer ----------------------------------------------------------------------------------------------


def decision(**changes: Any) -> dict[str, Any]:
    return {"decision": "accepted", "message": "C'est noté, bonne journée.", **changes}


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.MANAGER])
async def test_an_agent_of_the_town_answers(door: Door, role: Role) -> None:
    request_id = await door.filed()

    status, request = await door.call("POST", f"/requests/{request_id}/answer", door.agent(role), json=decision())

    assert (status, request["state"], request["answered_at"]) == (201, "accepted", "2026-11-20T09:00:00Z")
    assert [(step["who"], step["what"], step["state"], step["message"]) for step in request["history"]] == [
        ("guardian", "begun", "draft", ""),
        ("guardian", "filed", "filed", ""),
        ("town", "acknowledged", "filed", ""),
        ("agent", "accepted", "accepted", "C'est noté, bonne journée."),
    ]
    assert await door.call("GET", f"/requests/{request_id}", door.agent()) == (200, request)


async def test_an_answer_is_told_with_its_words_between_services_only(door: Door) -> None:
    request_id = await door.filed()
    await door.call("POST", f"/requests/{request_id}/answer", door.agent(), json=decision(decision="refused"))

    *_, answered, written = await door.told(request_id)

    assert (answered["type"], answered["exchange"]) == ("requests.request_answered.v1", "events")
    assert "bonne journée" not in answered["body"]
    assert (written["type"], written["exchange"]) == ("requests.answer_written.v1", "profiles")
    assert json.loads(written["body"])["data"] == {
        "request_id": request_id,
        "household_id": HOUSEHOLD,
        "municipality_id": TOWN,
        "category_name": "Autoriser une personne",
        "decision": "refused",
        "message": "C'est noté, bonne journée.",
    }
    assert [json.loads(entry["body"])["sequence"] for entry in (answered, written)] == [4, 4]


async def test_a_second_answer_is_refused(door: Door) -> None:
    request_id = await door.filed()
    path = f"/requests/{request_id}/answer"
    await door.call("POST", path, door.agent(), json=decision())

    status, problem = await door.call("POST", path, door.agent(Role.MANAGER), json=decision(decision="refused"))

    assert (status, problem["type"]) == (409, "/problems/already-answered")
    assert problem["detail"] == "Une réponse a été donnée à cette demande le vendredi 20 novembre 2026 à 10:00."


@pytest.mark.parametrize(
    "change", [{"message": ""}, {"message": "   "}, {"message": "x" * 2_001}, {"decision": "maybe"}, {"extra": 1}]
)
async def test_an_answer_needs_a_decision_and_words(door: Door, change: dict[str, Any]) -> None:
    status, _ = await door.call("POST", f"/requests/{await door.filed()}/answer", door.agent(), json=decision(**change))

    assert status == 422


@pytest.mark.parametrize("role", [Role.ATTENDANCE, Role.CASHIER, Role.EDITOR])
async def test_agents_of_other_trades_neither_read_nor_answer(door: Door, role: Role) -> None:
    request_id = await door.filed()
    path = f"/requests/{request_id}"

    assert (await door.call("GET", path, door.agent(role)))[0] == 403
    assert (await door.call("GET", "/requests", door.agent(role)))[0] == 403
    assert (await door.call("GET", f"{path}/attachments/piece-identite", door.agent(role)))[0] == 403
    assert (await door.call("POST", f"{path}/answer", door.agent(role), json=decision()))[0] == 403


async def test_agents_of_another_town_find_nothing(door: Door) -> None:
    request_id = await door.filed()
    agent = door.agent(Role.MANAGER, town=OTHER_TOWN)

    for method, path, more in (
        ("GET", f"/requests/{request_id}", {}),
        ("GET", f"/requests/{request_id}/attachments/piece-identite", {}),
        ("POST", f"/requests/{request_id}/answer", {"json": decision()}),
    ):
        assert (await door.call(method, path, agent, **more))[0] == 404
    assert (await door.call("GET", f"/requests?municipality_id={TOWN}", agent))[0] == 403


async def test_agents_do_not_see_drafts(door: Door) -> None:
    request_id = await door.draft()

    assert (await door.call("GET", f"/requests/{request_id}", door.agent()))[0] == 404
    assert (await door.call("POST", f"/requests/{request_id}/answer", door.agent(), json=decision()))[0] == 404
    assert (await door.call("GET", "/requests", door.agent()))[1]["items"] == []


async def test_another_household_finds_nothing(door: Door) -> None:
    request_id = await door.filed()

    for method, path, more in (
        ("GET", f"/requests/{request_id}", {}),
        ("PUT", f"/requests/{request_id}/answers", {"json": {"answers": {}}}),
        ("POST", f"/requests/{request_id}/submission", {"headers": KEY}),
        ("DELETE", f"/requests/{request_id}", {}),
        ("GET", f"/requests/{request_id}/attachments/piece-identite", {}),
    ):
        assert (await door.call(method, path, door.stranger, **more))[0] == 404
    assert (await door.call("GET", "/requests", door.stranger))[1]["items"] == []


async def test_a_foreign_request_and_none_at_all_look_the_same(door: Door) -> None:
    request_id = await door.filed()
    _, foreign = await door.call("GET", f"/requests/{request_id}", door.stranger)
    _, unknown = await door.call("GET", "/requests/req_unknown", door.stranger)

    assert {**foreign, "instance": ""} == {**unknown, "instance": ""}


# --- lists ----------------------------------------------------------------------------------------------------------


async def test_a_household_reads_its_requests_page_by_page(door: Door) -> None:
    made = [await door.draft() for _ in range(3)]

    _, first = await door.call("GET", "/requests?limit=2", door.parent)
    _, last = await door.call("GET", f"/requests?limit=2&cursor={first['next_cursor']}", door.parent)

    found = [item["request_id"] for item in first["items"] + last["items"]]
    assert found == made[::-1]
    assert last["next_cursor"] is None
    assert first["items"][0] == {
        "request_id": made[2],
        "municipality_id": TOWN,
        "household_id": HOUSEHOLD,
        "category_id": CATEGORY_ID,
        "category_name": "Autoriser une personne",
        "thematic": "Périscolaire",
        "child_id": CHILD,
        "child_first_name": "Zoé",
        "state": "draft",
        "created_at": "2026-11-20T09:00:00Z",
        "filed_at": None,
        "answered_at": None,
        "withdrawn_at": None,
        "touched_at": "2026-11-20T09:00:00Z",
        "due_on": None,
        "overdue": False,
        "step": "",
        "unread": 0,
        "assigned": None,
        "version": 1,
    }


async def test_agents_filter_the_requests_of_their_town(door: Door) -> None:
    first, second = await door.filed(), await door.filed()
    await door.call("POST", f"/requests/{first}/answer", door.agent(), json=decision())

    async def ids(query: str) -> list[str]:
        _, found = await door.call("GET", f"/requests{query}", door.agent())
        return [item["request_id"] for item in found["items"]]

    assert await ids("") == [second, first]
    assert await ids(f"?municipality_id={TOWN}") == [second, first]
    assert await ids("?state=filed") == [second]
    assert await ids("?state=accepted") == [first]


async def test_a_parent_who_is_an_agent_has_both_views(door: Door) -> None:
    request_id = await door.filed()
    both = door.issuer.headers(
        Caller(account_id="acc_both", household_id="hsh_both", roles={TOWN: frozenset({"registrar"})})
    )

    assert (await door.call("GET", "/requests", both))[1]["items"] == []
    _, found = await door.call("GET", f"/requests?municipality_id={TOWN}", both)
    assert [item["request_id"] for item in found["items"]] == [request_id]
    assert (await door.call("GET", f"/requests/{request_id}", both))[0] == 200


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "state=lost", "cursor=x", "sort=name", "unread=perhaps", "household_id=hsh_durand"],
)
async def test_a_question_of_another_shape_is_refused(door: Door, query: str) -> None:
    assert (await door.call("GET", f"/requests?{query}", door.parent))[0] == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/requests"),
        ("POST", "/requests"),
        ("GET", "/requests/req_1"),
        ("DELETE", "/requests/req_1"),
        ("PUT", "/requests/req_1/answers"),
        ("POST", "/requests/req_1/submission"),
        ("POST", "/requests/req_1/answer"),
        ("PUT", "/requests/req_1/attachments/a"),
        ("GET", "/requests/req_1/attachments/a"),
        ("GET", f"/request-categories?municipality_id={TOWN}"),
    ],
)
async def test_nothing_is_answered_to_nobody(door: Door, method: str, path: str) -> None:
    assert (await door.call(method, path, {}))[0] == 401
