"""The stand-in of FranceConnect, as a site and a browser without scripts use it."""

import base64
import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import ClientSession
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.sandbox.app import Addresses
from deploy.sandbox.franceconnect.people import PEOPLE
from deploy.sandbox.franceconnect.provider import is_own
from tests.sandbox.doubles import MovableClock

pytestmark = pytest.mark.enable_socket

CALLBACK = "http://127.0.0.1:1/oauth/franceconnect/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "response_type": "code",
    "client_id": "preau",
    "redirect_uri": CALLBACK,
    "scope": "openid given_name family_name birthdate",
    "acr_values": "eidas1",
    "state": "s" * 43,
    "nonce": "n" * 43,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
REDEMPTION = {
    "grant_type": "authorization_code",
    "client_id": "preau",
    "client_secret": "preau-sandbox",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
}


async def back(sandbox: Addresses, browser: ClientSession, form: dict[str, str], **changes: str) -> dict[str, str]:
    """What the site is told when somebody presses that button."""
    address = f"{sandbox.franceconnect}/authorize?{urlencode({**ASKED, **changes})}"
    answer = await browser.post(address, data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    parts = urlsplit(answer.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


async def redeemed(sandbox: Addresses, browser: ClientSession, code: str, **changes: str) -> tuple[int, dict[str, Any]]:
    answer = await browser.post(f"{sandbox.franceconnect}/token", data={**REDEMPTION, "code": code, **changes})
    return answer.status, await answer.json()


async def read(sandbox: Addresses, browser: ClientSession, token: str) -> dict[str, Any]:
    keys = await (await browser.get(f"{sandbox.franceconnect}/jwks")).json()
    return dict(jwt.decode(token, KeySet.import_key_set(keys), algorithms=["ES256"]).claims)


async def test_it_describes_itself_under_the_address_it_signs_with(sandbox: Addresses, browser: ClientSession) -> None:
    answer = await browser.get(f"{sandbox.franceconnect}/.well-known/openid-configuration")

    description = await answer.json()
    assert description["issuer"] == sandbox.franceconnect
    assert description["issuer"].endswith("/api/v2")
    assert description["code_challenge_methods_supported"] == ["S256"]


async def test_the_page_offers_invented_people_and_room_for_another(sandbox: Addresses, browser: ClientSession) -> None:
    answer = await browser.get(f"{sandbox.franceconnect}/authorize", params=ASKED)

    text = await answer.text()
    assert answer.status == 200
    assert all(person.family_name in text for person in PEOPLE)
    assert "Une autre identité" in text
    assert "<script" not in text


async def test_who_is_chosen_is_told_in_signed_words(sandbox: Addresses, browser: ClientSession) -> None:
    told = await back(sandbox, browser, {"personne": "0"})
    status, tokens = await redeemed(sandbox, browser, told["code"])
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = await browser.get(f"{sandbox.franceconnect}/userinfo", headers=headers)

    visit, person = await read(sandbox, browser, tokens["id_token"]), await read(sandbox, browser, await answer.text())
    assert (status, told["state"], told["iss"]) == (200, ASKED["state"], sandbox.franceconnect)
    assert (visit["nonce"], visit["acr"], visit["aud"]) == (ASKED["nonce"], "eidas1", "preau")
    assert answer.content_type == "application/jwt"
    assert (person["given_name"], person["family_name"]) == ("Claire Odette", "Lefèvre")
    assert person["sub"] == visit["sub"]
    assert "email" not in person


async def test_another_identity_is_whoever_was_written(sandbox: Addresses, browser: ClientSession) -> None:
    form = {"personne": "autre", "given_name": "Inès", "family_name": "Da Silva", "birthdate": "1991-05-06"}
    told = await back(sandbox, browser, form)
    again = await back(sandbox, browser, form)
    subs = set()
    for one in (told, again):
        _, tokens = await redeemed(sandbox, browser, one["code"])
        subs.add((await read(sandbox, browser, tokens["id_token"]))["sub"])

    assert len(subs) == 1


async def test_who_turns_round_brings_an_error_and_no_code(sandbox: Addresses, browser: ClientSession) -> None:
    told = await back(sandbox, browser, {"personne": ""})

    assert (told["error"], told["state"]) == ("access_denied", ASKED["state"])
    assert "code" not in told


async def test_a_code_serves_once_and_for_its_own_site_and_visit(
    sandbox: Addresses, browser: ClientSession, clock: MovableClock
) -> None:
    async def code() -> str:
        return (await back(sandbox, browser, {"personne": "1"}))["code"]

    used = await code()
    assert (await redeemed(sandbox, browser, used))[0] == 200
    wrong = [
        await redeemed(sandbox, browser, used),
        await redeemed(sandbox, browser, await code(), code_verifier="w" * 43),
        await redeemed(sandbox, browser, await code(), redirect_uri="http://127.0.0.1:1/other"),
        await redeemed(sandbox, browser, await code(), client_secret="guess"),
        await redeemed(sandbox, browser, "unknown"),
    ]
    late = await code()
    clock.move(timedelta(seconds=31))
    wrong.append(await redeemed(sandbox, browser, late))

    assert [(status, answer["error"]) for status, answer in wrong] == [
        (400, "invalid_grant"),
        (400, "invalid_grant"),
        (400, "invalid_grant"),
        (401, "invalid_client"),
        (400, "invalid_grant"),
        (400, "invalid_grant"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://attacker.example/"},
        {"response_type": "token"},
        {"acr_values": "eidas3"},
        {"state": "short"},
        {"nonce": ""},
        {"scope": "openid address"},
        {"scope": "given_name"},
        {"code_challenge_method": "plain"},
    ],
)
async def test_a_request_that_is_not_in_order_is_refused_here_and_sent_nowhere(
    sandbox: Addresses, browser: ClientSession, changes: dict[str, str]
) -> None:
    for method in ("GET", "POST"):
        address = f"{sandbox.franceconnect}/authorize?{urlencode({**ASKED, **changes})}"
        answer = await browser.request(method, address, data={"personne": "0"} if method == "POST" else None)
        assert answer.status in (400, 401)
        assert "Location" not in answer.headers


async def test_the_end_of_the_session_leads_back_to_the_site(sandbox: Addresses, browser: ClientSession) -> None:
    query = {"id_token_hint": "x", "post_logout_redirect_uri": "http://127.0.0.1:1/out", "state": "abc"}
    address = f"{sandbox.franceconnect}/session/end"

    ended = await browser.get(address, params=query, allow_redirects=False)
    elsewhere = await browser.get(address, params={**query, "post_logout_redirect_uri": "https://attacker.example/"})

    assert (ended.status, ended.headers["Location"]) == (303, "http://127.0.0.1:1/out?state=abc")
    assert elsewhere.status == 400


async def test_a_token_nobody_gave_tells_nothing(sandbox: Addresses, browser: ClientSession) -> None:
    answer = await browser.get(f"{sandbox.franceconnect}/userinfo", headers={"Authorization": "Bearer x"})

    assert answer.status == 401


def test_a_registered_address_is_exact_and_an_open_stand_in_knows_this_machine_only() -> None:
    assert is_own("https://preau.example/back", "https://preau.example/back")
    assert not is_own("https://preau.example/back/", "https://preau.example/back")
    assert is_own("http://127.0.0.1:8080/x", "")
    assert not is_own("http://127.0.0.1.attacker.example/x", "")
