"""What no client library sends: refused as the standards say, and never a failure of ours."""

import asyncio
from typing import Any

import pytest

from tests.identity.conftest import Door
from tests.identity.oauth.browser import FORM, Browser
from tests.identity.oauth.relying import BACK, Site

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "JSON": b'{"grant_type": "authorization_code"}',
    "not UTF-8": b"grant_type=\xff\xfe&code=\xff",
    "half an escape": b"grant_type=%",
    "an escape that is no text": b"grant_type=%ff%fe",
    "NUL": b"grant_type=authorization_code&code=a%00b&code_verifier=%00",
    "the same thing twice": b"grant_type=authorization_code&grant_type=refresh_token",
    "quotes and backslashes": b"grant_type=%22%5c&scope=%22&redirect_uri=%5c",
    "another line": b"grant_type=a%0d%0aX-Injected%3a+1",
    "an operator": b"code%5b%24ne%5d=&grant_type=authorization_code",
    "very long": b"grant_type=" + b"x" * 5_000,
    "very many": b"&".join(b"a%d=1" % number for number in range(500)),
    "too large": b"code=" + b"x" * 100_000,
    "letters of elsewhere": "grant_type=é".encode(),
}
PATHS = ("/oauth/token", "/oauth/revoke", "/oauth/authorize", "/oauth/logout", "/oauth/userinfo")
WORDS = ("", "\x00", '"', "\\", "é", "%", "$ne", "x" * 3_000, "a\r\nb", "{}", "-1", "9" * 400, "none none", "\u202e")
HEADERS = ("Basic", "Basic x", "Basic OjpT", "Basic /w==", "Bearer", "Bearer x", "Bearer a.b.c", "Digest x", "é")


@pytest.mark.parametrize("path", PATHS)
async def test_a_spoilt_body_is_refused(path: str, door: Door, site: Site) -> None:
    for what, body in BODIES.items():
        for media in (FORM, "text/plain", "multipart/form-data; boundary=x", "application/json"):
            answer = await door.client.post(path, data=body, headers={"Content-Type": media}, allow_redirects=False)
            assert answer.status < 500, (what, media, await answer.text())
            assert "X-Injected" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_credentials_that_are_none_are_refused(path: str, door: Door, site: Site) -> None:
    for credentials in HEADERS:
        asked = {"grant_type": "client_credentials", "token": "x"}
        headers = {"Authorization": credentials}
        answer = await door.client.post(path, data=asked, headers=headers, allow_redirects=False)
        assert answer.status < 500, (credentials, await answer.text())
        if path in ("/oauth/token", "/oauth/revoke", "/oauth/userinfo"):
            assert answer.status in (400, 401)


@pytest.mark.parametrize(
    "name",
    [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "response_mode",
        "ui_locales",
        "login_hint",
        "asked",
    ],
)
async def test_a_spoilt_parameter_of_a_question_is_refused_or_carried_as_it_is(
    name: str, site: Site, browser: Browser, claire: Any
) -> None:
    await site.visit(browser)

    for word in WORDS:
        page = await browser.get(site.address(**{name: word}))
        assert page.status in (200, 303, 400), (word, page.text)
        if page.location.startswith(BACK):
            assert page.answer["iss"]
            assert page.answer.get("state", "") in (site.state, word, "")
        assert "X-Injected" not in page.headers


@pytest.mark.parametrize("name", ["code", "redirect_uri", "code_verifier", "client_id", "client_secret", "scope"])
async def test_a_spoilt_parameter_of_an_exchange_is_refused(
    name: str, site: Site, browser: Browser, claire: Any
) -> None:
    code = (await site.visit(browser)).answer["code"]
    good = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": site.verifier, "code": code}
    needed = {"code", "redirect_uri", "code_verifier"}

    for word in WORDS:
        status, refused = await site.token({**good, name: word})
        if name in needed:
            assert status in (400, 401), word
            assert refused["error"], word
        assert status < 500, word


async def test_a_code_that_comes_many_times_at_once_serves_nobody_for_long(
    site: Site, browser: Browser, claire: Any
) -> None:
    code = (await site.visit(browser, site.address("openid offline_access"))).answer["code"]

    outcomes = await asyncio.gather(*(site.exchange(code) for _ in range(8)))

    given = [tokens for status, tokens in outcomes if status == 200]
    assert len(given) <= 1
    for tokens in given:
        assert (await site.userinfo(tokens["access_token"]))[0] == 401
        assert (await site.refresh(tokens["refresh_token"]))[0] == 400


async def test_a_refresh_token_that_comes_many_times_at_once_gives_one_new_one_at_most(
    site: Site, browser: Browser, claire: Any
) -> None:
    tokens = await site.signs_in(browser, "openid offline_access")

    outcomes = await asyncio.gather(*(site.refresh(tokens["refresh_token"]) for _ in range(8)))

    given = [fresh for status, fresh in outcomes if status == 200]
    assert len(given) <= 1
    for fresh in given:
        assert (await site.refresh(fresh["refresh_token"]))[0] == 400


async def test_a_kept_question_is_answered_once_however_often_the_page_is_reloaded(
    site: Site, browser: Browser, claire: Any
) -> None:
    await site.visit(browser)
    kept = await browser.post("/oauth/authorize", site.request())

    pages = [await browser.get(kept.location) for _ in range(3)]

    assert ["code" in page.answer for page in pages] == [True, False, False]
