"""The door: what is parsed, what is refused before a handler runs, what is answered."""

import json
from typing import Any

import pytest

from shared.auth import Caller, Role
from shared.web import JSON_LIMIT
from tests.callers import Issuer

KEY = {"Idempotency-Key": "key-0001"}
JSON = {"Content-Type": "application/json"}


async def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status == status
    assert answer.content_type == "application/problem+json"
    document: dict[str, Any] = await answer.json()
    assert document["status"] == status
    return document


# --- answers -------------------------------------------------------------------------------------------------------


async def test_a_model_is_answered_as_json_with_the_route_s_status(site: Any) -> None:
    answer = await site.post("/things", json={"name": "x", "count": 2})

    assert answer.status == 201
    assert answer.content_type == "application/json"
    assert await answer.json() == {"text": "x 2"}


async def test_a_list_of_models_is_answered_as_a_list(site: Any) -> None:
    assert await (await site.get("/things?size=3")).json() == [{"text": "3"}]


async def test_nothing_is_answered_as_204(site: Any) -> None:
    answer = await site.delete("/things")

    assert answer.status == 204
    assert await answer.read() == b""


# --- bodies --------------------------------------------------------------------------------------------------------


async def test_a_field_nobody_knows_is_refused_and_named(site: Any) -> None:
    document = await problem(await site.post("/things", json={"name": "x", "colour": "red"}), 422)

    assert document["type"] == "/problems/invalid-input"
    assert [(error["in"], error["field"]) for error in document["errors"]] == [("body", "colour")]


async def test_every_wrong_field_is_named_at_once(site: Any) -> None:
    document = await problem(await site.post("/things", json={"name": 1, "count": "x"}), 422)

    assert sorted(error["field"] for error in document["errors"]) == ["count", "name"]


async def test_a_refusal_does_not_repeat_what_was_sent(site: Any) -> None:
    answer = await site.post("/things", json={"name": {"secret": "hunter2"}})

    assert "hunter2" not in await answer.text()


@pytest.mark.parametrize("count", [True, False, "1", 1.5, None, [1]])
async def test_what_is_no_whole_number_is_refused(site: Any, count: Any) -> None:
    assert await problem(await site.post("/things", json={"name": "x", "count": count}), 422)


@pytest.mark.parametrize("count", [2, 2.0])
async def test_a_whole_number_is_one_however_it_is_written(site: Any, count: Any) -> None:
    assert await (await site.post("/things", json={"name": "x", "count": count})).json() == {"text": "x 2"}


@pytest.mark.parametrize("body", [b"", b"{", b"{'name': 1}", b"\xff", b'{"name": "x"} extra'])
async def test_a_body_that_is_no_json_is_malformed(site: Any, body: bytes) -> None:
    document = await problem(await site.post("/things", data=body, headers=JSON), 400)

    assert document["type"] == "/problems/malformed-body"


@pytest.mark.parametrize("body", [b"[]", b"1", b"NaN", b"null", b'"x"'])
async def test_json_that_is_no_object_is_invalid(site: Any, body: bytes) -> None:
    assert await problem(await site.post("/things", data=body, headers=JSON), 422)


@pytest.mark.parametrize("depth", [1_000, 100_000])
async def test_a_bottomless_body_is_refused_and_kills_nobody(site: Any, depth: int) -> None:
    body = b'{"name": ' + b"[" * depth + b"]" * depth + b"}"

    answer = await site.post("/things", data=body, headers=JSON)

    assert answer.status in {400, 422}


async def test_an_oversize_body_is_refused_by_its_announced_length(site: Any) -> None:
    document = await problem(await site.post("/things", data=b" " * (JSON_LIMIT + 1), headers=JSON), 413)

    assert document["type"] == "/problems/too-large"
    assert "256" in document["detail"]


async def test_an_oversize_body_that_hides_its_length_is_refused_while_it_comes(site: Any) -> None:
    async def endless() -> Any:
        for _ in range(2 * JSON_LIMIT // 1024):
            yield b" " * 1024

    assert await problem(await site.post("/things", data=endless(), headers=JSON), 413)


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/json-patch+json"])
async def test_a_body_of_another_media_type_is_refused(site: Any, media: str) -> None:
    document = await problem(await site.post("/things", data=b"{}", headers={"Content-Type": media}), 415)

    assert document["type"] == "/problems/wrong-media-type"


async def test_a_charset_beside_the_media_type_is_fine(site: Any) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}

    assert (await site.post("/things", data=b'{"name": "x"}', headers=headers)).status == 201


@pytest.mark.parametrize("media", ["text/csv", "application/pdf"])
async def test_a_raw_body_of_an_expected_type_is_read(site: Any, media: str) -> None:
    answer = await site.put("/files", data=b"x" * 1024, headers={"Content-Type": media})

    assert await answer.json() == {"text": "1024"}


async def test_a_raw_body_of_another_type_is_refused(site: Any) -> None:
    assert await problem(await site.put("/files", data=b"x", headers={"Content-Type": "image/png"}), 415)


async def test_a_raw_body_beyond_its_limit_is_refused(site: Any) -> None:
    assert await problem(await site.put("/files", data=b"x" * 1025, headers={"Content-Type": "text/csv"}), 413)


# --- queries -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["size=x", "page=2", "size=1&size=2", "size="])
async def test_a_wrong_query_is_refused_and_the_parameter_named(site: Any, query: str) -> None:
    document = await problem(await site.get(f"/things?{query}"), 422)

    assert [error["in"] for error in document["errors"]] == ["query"]
    assert document["errors"][0]["field"] == query.partition("=")[0]


# --- idempotency keys ----------------------------------------------------------------------------------------------


async def fingerprint(site: Any, body: Any, path: str = "/payments") -> str:
    answer = await site.post(path, data=json.dumps(body), headers={**JSON, **KEY})
    assert answer.status == 201
    return str((await answer.json())["text"])


@pytest.mark.parametrize("key", [None, "", "short", "x" * 256, "tab\there-0001", "clé-accentuée"])
async def test_a_call_that_pays_needs_a_good_key(site: Any, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}

    document = await problem(await site.post("/payments", json={"name": "x"}, headers=headers), 400)

    assert document["type"] == "/problems/idempotency-key-missing"


async def test_the_same_request_has_the_same_fingerprint_whatever_the_order_of_its_fields(site: Any) -> None:
    assert await fingerprint(site, {"name": "x", "count": 2}) == await fingerprint(site, {"count": 2, "name": "x"})


async def test_another_body_has_another_fingerprint(site: Any) -> None:
    assert await fingerprint(site, {"name": "x"}) != await fingerprint(site, {"name": "y"})


async def test_a_wrong_body_is_refused_before_its_key_is_looked_at(site: Any) -> None:
    document = await problem(await site.post("/payments", json={}, headers=KEY), 422)

    assert document["type"] == "/problems/invalid-input"


# --- who may -------------------------------------------------------------------------------------------------------


async def test_a_parent_comes_in_where_parents_may(site: Any, issuer: Issuer) -> None:
    assert await (await site.get("/home", headers=issuer.guardian("hsh_1"))).json() == {"text": "hsh_1"}


@pytest.mark.parametrize("path", ["/home", "/towns/a", "/both"])
async def test_nobody_comes_in_without_a_token(site: Any, path: str) -> None:
    answer = await site.get(path)

    assert await problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_an_agent_stays_out_of_a_parent_s_route(site: Any, issuer: Issuer) -> None:
    assert await problem(await site.get("/home", headers=issuer.agent("a", Role.MANAGER)), 403)


async def test_a_parent_stays_out_of_an_agent_s_route(site: Any, issuer: Issuer) -> None:
    assert await problem(await site.get("/towns/a", headers=issuer.guardian("hsh_1", "a")), 403)


async def test_a_role_in_another_town_is_no_role_here(site: Any, issuer: Issuer) -> None:
    headers = issuer.agent("b", Role.MANAGER)

    assert (await site.get("/towns/b", headers=headers)).status == 200
    assert await problem(await site.get("/towns/a", headers=headers), 403)


async def test_another_role_in_the_town_is_not_enough(site: Any, issuer: Issuer) -> None:
    assert await problem(await site.get("/towns/a", headers=issuer.agent("a", Role.EDITOR)), 403)


async def test_both_come_in_where_both_may_and_nobody_else(site: Any, issuer: Issuer) -> None:
    assert (await site.get("/both", headers=issuer.guardian("hsh_1"))).status == 200
    assert (await site.get("/both", headers=issuer.agent("a", Role.ATTENDANCE))).status == 200
    assert await problem(await site.get("/both", headers=issuer.headers(Caller(account_id="acc_1"))), 403)


async def test_an_open_route_knows_who_is_there_but_does_not_insist(site: Any, issuer: Issuer) -> None:
    known = await site.get("/greeting", headers=issuer.guardian("hsh_1", account_id="acc_7"))
    stale = await site.get("/greeting", headers={"Authorization": "Bearer old"})

    assert await known.json() == {"text": "acc_7"}
    assert await stale.json() == {"text": "nobody"}
    assert await (await site.get("/greeting")).json() == {"text": "nobody"}
