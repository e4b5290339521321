"""What passes the gateway, what does not, and what a service sees of a caller."""

import asyncio
import io
from collections.abc import AsyncIterator

from tests.gateway.conftest import FRONT_END, Door

KEY = {"Idempotency-Key": "a-key-of-one-booking"}


async def test_a_call_reaches_the_service_of_its_resource_with_its_query(door: Door) -> None:
    answer = await door.client.get("/api/v1/programmes?municipality_id=sainte-aurore", headers=door.guardian())

    assert answer.status == 200
    assert await answer.json() == {"path": "/api/v1/programmes?municipality_id=sainte-aurore"}
    assert answer.headers["X-Kept"] == "yes"


async def test_headers_that_only_the_gateway_may_set_are_taken_from_clients(door: Door) -> None:
    forged = {
        "X-Forwarded-For": "8.8.8.8",
        "X-Client-Address": "8.8.8.8",
        "X-User": "acc_other",
        "X-Account-Id": "acc_other",
        "X-Tenant": "le-val-dore",
        "Forwarded": "for=8.8.8.8",
    }

    await door.client.get("/api/v1/cart", headers={**door.guardian(), **forged})

    seen = door.upstream.seen[-1].headers
    assert seen["X-Client-Address"] == "127.0.0.1"
    assert not {"X-Forwarded-For", "X-User", "X-Account-Id", "X-Tenant", "Forwarded"} & set(seen)


async def test_a_request_id_is_kept_when_sane_and_made_otherwise(door: Door) -> None:
    kept = await door.client.get("/api/v1/cart", headers={**door.guardian(), "X-Request-Id": "phone-12345678"})
    made = await door.client.get("/api/v1/cart", headers={**door.guardian(), "X-Request-Id": "<script>"})

    assert kept.headers["X-Request-Id"] == "phone-12345678"
    assert door.upstream.seen[0].headers["X-Request-Id"] == "phone-12345678"
    assert made.headers["X-Request-Id"] != "<script>"


async def test_without_a_token_only_open_resources_are_reached(door: Door) -> None:
    refused = await door.client.get("/api/v1/cart")
    opened = await door.client.get("/api/v1/municipalities")

    assert (refused.status, (await refused.json())["type"]) == (401, "/problems/unauthenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert opened.status == 200
    assert [request.path for request in door.upstream.seen] == ["/api/v1/municipalities"]


async def test_a_forged_token_reaches_nothing_closed_and_is_dropped_on_what_is_open(door: Door) -> None:
    forged = {"Authorization": door.guardian()["Authorization"][:-8] + "AAAAAAAA"}

    closed = await door.client.get("/api/v1/cart", headers=forged)
    opened = await door.client.post("/api/v1/sessions", json={}, headers=forged)

    assert closed.status == 401
    assert opened.status == 200
    assert "Authorization" not in door.upstream.seen[-1].headers


async def test_an_unknown_resource_is_a_problem_and_no_service_hears_of_it(door: Door) -> None:
    answer = await door.client.get("/api/v1/secrets", headers=door.guardian())

    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert not door.upstream.seen


async def test_a_service_that_is_down_is_said_with_when_to_come_back_and_the_others_go_on(door: Door) -> None:
    down = await door.client.get("/api/v1/news", headers=door.guardian())
    up = await door.client.get("/api/v1/cart", headers=door.guardian())

    assert (down.status, down.headers["Retry-After"]) == (503, "2")
    assert (await down.json())["type"] == "/problems/unavailable"
    assert up.status == 200


async def test_calls_that_book_or_pay_need_a_key(door: Door) -> None:
    without = await door.client.post("/api/v1/bookings", json={}, headers=door.guardian())
    with_key = await door.client.post("/api/v1/bookings", json={}, headers={**door.guardian(), **KEY})

    assert (without.status, (await without.json())["type"]) == (400, "/problems/idempotency-key-missing")
    assert with_key.status == 200
    assert door.upstream.seen[-1].headers["Idempotency-Key"] == KEY["Idempotency-Key"]


async def test_a_body_beyond_the_limit_is_refused_by_its_length_or_while_it_streams(door: Door) -> None:
    big = b"x" * (1024 * 1024 + 1)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 64 * 1024
            await asyncio.sleep(0)

    declared = await door.client.post("/api/v1/family-imports", data=io.BytesIO(big), headers=door.guardian())
    streamed = await door.client.post("/api/v1/family-imports", data=endless(), headers=door.guardian())

    assert declared.status == 413
    assert streamed.status == 413


async def test_a_large_answer_is_streamed_whole(door: Door) -> None:
    answer = await door.client.get("/api/v1/invoices/inv_1/pdf", headers=door.guardian())

    assert answer.content_type == "application/pdf"
    assert len(await answer.read()) == 64 * 4096


async def test_a_body_arrives_as_it_was_sent(door: Door) -> None:
    sent = "reference_famille;nom\nF0001;Lefèvre".encode()

    await door.client.post("/api/v1/family-imports", data=sent, headers={**door.guardian(), "Content-Type": "text/csv"})

    assert door.upstream.bodies == [sent]
    assert door.upstream.seen[0].headers["Content-Type"] == "text/csv"


async def test_an_address_that_floods_is_told_to_wait(door: Door) -> None:
    answers = [await door.client.get("/api/v1/municipalities") for _ in range(21)]

    assert [answer.status for answer in answers] == [200] * 20 + [429]
    assert answers[-1].headers["Retry-After"] == "60"


async def test_only_named_origins_may_call_from_a_browser(door: Door) -> None:
    ours = await door.client.get("/api/v1/municipalities", headers={"Origin": FRONT_END})
    other = await door.client.get("/api/v1/municipalities", headers={"Origin": "https://evil.example"})

    assert ours.headers["Access-Control-Allow-Origin"] == FRONT_END
    assert "Access-Control-Allow-Origin" not in other.headers


async def test_a_preflight_is_answered_by_the_gateway(door: Door) -> None:
    asked = {"Origin": FRONT_END, "Access-Control-Request-Method": "POST"}

    answer = await door.client.options("/api/v1/bookings", headers=asked)

    assert answer.status == 204
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert not door.upstream.seen


async def test_the_pages_of_the_provider_are_reached_by_everybody_with_what_they_bring(door: Door) -> None:
    sent = {"Authorization": "Basic c2l0ZTpzZWNyZXQ=", "Cookie": "preau-account=x", "X-Client-Address": "8.8.8.8"}

    page = await door.client.get("/oauth/authorize?client_id=sister", headers=sent)
    token = await door.client.post("/oauth/token", data={"grant_type": "authorization_code"}, headers=sent)
    described = await door.client.get("/.well-known/openid-configuration")

    assert [page.status, token.status, described.status] == [200, 200, 200]
    asked, given, _ = door.upstream.seen
    assert asked.path_qs == "/oauth/authorize?client_id=sister"
    assert asked.headers["Cookie"] == "preau-account=x"
    assert given.headers["Authorization"] == "Basic c2l0ZTpzZWNyZXQ="
    assert given.headers["X-Client-Address"] == "127.0.0.1"
    assert door.upstream.bodies[1] == b"grant_type=authorization_code"


async def test_a_cookie_of_one_caller_is_never_sent_for_another(door: Door) -> None:
    signed_in = await door.client.get("/oauth/authorize")
    assert signed_in.cookies["session"].value == "of-claire"
    # From here on it is another browser.
    door.client.session.cookie_jar.clear()

    await door.client.get("/api/v1/cart", headers=door.guardian())

    assert not [request for request in door.upstream.seen if "Cookie" in request.headers]


async def test_keys_and_configuration_are_shown_without_any_credentials(door: Door) -> None:
    for path in ("/.well-known/jwks.json", "/.well-known/openid-configuration"):
        await door.client.get(path, headers=door.guardian())

        assert "Authorization" not in door.upstream.seen[-1].headers


async def test_the_provider_takes_no_other_methods(door: Door) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await door.client.request(method, "/oauth/token")).status == 405


async def test_guessing_at_the_provider_is_slowed_down_by_address(door: Door) -> None:
    statuses = [(await door.client.post("/oauth/token", data={})).status for _ in range(25)]

    assert statuses[0] == 200
    assert statuses[-1] == 429
