"""What attackers of OAuth try (RFC 9700): each is refused, and nobody learns anything from it."""

import base64
import json
import secrets
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey

from tests.callers import ISSUER
from tests.identity.accounts import notices
from tests.identity.conftest import Door
from tests.identity.oauth.browser import PUBLIC, Browser
from tests.identity.oauth.relying import BACK, Site, basic, registered
from tests.identity.samples import MovableClock


# --- codes ------------------------------------------------------------------------------------------------------------
async def test_a_code_serves_once_and_a_second_use_ends_what_the_first_gave(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    code = (await site.visit(browser, site.address("openid offline_access"))).answer["code"]
    _, tokens = await site.exchange(code)
    assert (await site.userinfo(tokens["access_token"]))[0] == 200

    status, refused = await site.exchange(code)

    assert (status, refused["error"]) == (400, "invalid_grant")
    assert (await site.userinfo(tokens["access_token"]))[0] == 401
    assert (await site.refresh(tokens["refresh_token"]))[1]["error"] == "invalid_grant"
    assert [one["kind"] for one in await notices(door)].count("token_reused") == 1


async def test_a_code_serves_for_a_minute(site: Site, browser: Browser, claire: Any, clock: MovableClock) -> None:
    code = (await site.visit(browser)).answer["code"]
    clock.pass_(seconds=60)

    assert (await site.exchange(code))[1]["error"] == "invalid_grant"


async def test_a_code_of_one_site_serves_no_other_and_is_not_spoilt_by_it(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    other = await registered(door, "autre-site")
    code = (await site.visit(browser)).answer["code"]

    assert (await other.exchange(code, code_verifier=site.verifier))[1]["error"] == "invalid_grant"
    assert (await site.exchange(code))[0] == 200


async def test_a_code_serves_only_with_the_address_it_went_to(site: Site, browser: Browser, claire: Any) -> None:
    code = (await site.visit(browser)).answer["code"]

    for address in ("https://paiement.example/ailleurs", None):
        assert (await site.exchange(code, redirect_uri=address))[1]["error"] == "invalid_grant"


async def test_a_code_is_worth_nothing_once_its_person_signed_out(site: Site, browser: Browser, claire: Any) -> None:
    code = (await site.visit(browser)).answer["code"]
    page = await browser.get("/oauth/logout")
    await browser.send(page, "/oauth/logout/confirmation")

    assert (await site.exchange(code))[1]["error"] == "invalid_grant"


# --- the challenge ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": "short"},
        {"code_challenge": "a" * 42 + "="},
    ],
)
async def test_no_challenge_or_a_weaker_one_gets_no_code(
    changes: dict[str, str | None], site: Site, browser: Browser, claire: Any
) -> None:
    await site.visit(browser)

    back = await browser.get(site.address(**changes))

    assert (back.answer["error"], back.answer["iss"]) == ("invalid_request", PUBLIC)
    assert "code" not in back.answer


@pytest.mark.parametrize("verifier", [None, "", "a" * 43, "a" * 200, "é" * 50])
async def test_a_stolen_code_is_worth_nothing_without_its_verifier(
    verifier: str | None, site: Site, browser: Browser, claire: Any
) -> None:
    code = (await site.visit(browser)).answer["code"]

    status, refused = await site.exchange(code, code_verifier=verifier)

    assert status == 400
    assert refused["error"] in ("invalid_grant", "invalid_request")
    assert "access_token" not in refused


async def test_the_challenge_itself_is_no_verifier(site: Site, browser: Browser, claire: Any) -> None:
    code = (await site.visit(browser)).answer["code"]

    assert (await site.exchange(code, code_verifier=site.challenge))[1]["error"] == "invalid_grant"


# --- where a browser is sent back to ----------------------------------------------------------------------------------
ELSEWHERE = [
    f"{BACK}/suite",
    f"{BACK}?x=1",
    f"{BACK}#fragment",
    f"{BACK}/",
    "https://paiement.example/retouR",
    "https://paiement.example/",
    "https://paiement.example.attaquant.example/retour",
    "https://paiement.example@attaquant.example/retour",
    "https://attaquant.example/https://paiement.example/retour",
    "https://paiement.example%2eattaquant.example/retour",
    "https://paiement.example/%72etour",
    "https://paiement.example/x/../retour",
    "https://paiement.example\\@attaquant.example/retour",
    "http://paiement.example/retour",
    "HTTPS://PAIEMENT.EXAMPLE/retour",
    "//paiement.example/retour",
    "/oauth/passkeys",
    "javascript:alert(1)",
    "data:text/html,hello",
    "https://paiement.example/retour\r\nSet-Cookie: x=1",
    'https://paiement.example/retour"><script>',
    "https://paiement.exаmple/retour",
    "",
]


@pytest.mark.parametrize("wrong", [{}, {"response_type": "token"}, {"scope": "openid partout"}])
async def test_a_browser_is_sent_nowhere_but_where_the_site_was_registered(
    wrong: dict[str, str], site: Site, browser: Browser
) -> None:
    for address in ELSEWHERE:
        page = await browser.get(site.address(redirect_uri=address, **wrong))

        assert (page.status, page.location) == (400, ""), address
        assert "pas connu ici" in page.text
        assert "<script>" not in page.text


@pytest.mark.parametrize("client_id", ["inconnu", "", "paiement' || '1", "$ne", "x" * 3000, None])
async def test_an_unknown_site_is_told_to_the_person_and_to_nobody_else(
    client_id: str | None, site: Site, browser: Browser
) -> None:
    page = await browser.get(site.address(client_id=client_id))

    assert (page.status, page.location) == (400, "")


async def test_a_parameter_given_twice_is_refused(site: Site, browser: Browser) -> None:
    twice = f"{site.address()}&redirect_uri=https%3A%2F%2Fattaquant.example%2F"

    assert (await browser.get(twice)).status == 400


async def test_a_partner_signs_nobody_in(door: Door, site: Site, browser: Browser) -> None:
    await door.db["clients"].update_one({"_id": site.client_id}, {"$set": {"kind": "partner"}})

    assert (await browser.get(site.address())).status == 400


async def test_a_site_that_was_ended_signs_nobody_in(
    door: Door, site: Site, browser: Browser, claire: Any, clock: MovableClock
) -> None:
    code = (await site.visit(browser)).answer["code"]
    await door.db["clients"].update_one({"_id": site.client_id}, {"$set": {"revoked_at": clock()}})

    assert (await browser.get(site.address())).status == 400
    assert (await site.exchange(code))[0] == 401


async def test_no_page_of_ours_leads_on_to_somebody_else(browser: Browser, claire: Any) -> None:
    for wanted in ("https://attaquant.example", "//attaquant.example", "/\\attaquant.example", "/oauth//x", "/x"):
        page = await browser.get(f"/oauth/sign-in?next={wanted}")
        assert page.form("/oauth/sign-in").fields["next"] == "/oauth/passkeys"


# --- answers and who gives them ---------------------------------------------------------------------------------------
async def test_every_answer_names_who_gives_it_errors_too(site: Site, browser: Browser, claire: Any) -> None:
    assert (await site.visit(browser)).answer["iss"] == PUBLIC

    for wrong in (
        {"response_type": "token"},
        {"response_type": "code id_token"},
        {"scope": "openid families.read"},
        {"scope": "email"},
        {"prompt": "none login"},
        {"prompt": "bientot"},
        {"max_age": "-1"},
        {"response_mode": "fragment"},
        {"request": "eyJhbGciOiJub25lIn0.e30."},
        {"request_uri": "https://attaquant.example/request"},
    ):
        back = await browser.get(site.address(**wrong))
        assert back.location.startswith(f"{BACK}?"), wrong
        assert (back.answer["iss"], back.answer["state"]) == (PUBLIC, site.state), wrong
        assert back.answer["error"], wrong
        assert "code" not in back.answer, wrong


@pytest.mark.parametrize("scope", ["openid families.read", "openid admin", "openid *", "openid openid.x"])
async def test_a_site_gets_no_scope_it_was_not_registered_with(
    scope: str, site: Site, browser: Browser, claire: Any
) -> None:
    assert (await browser.get(site.address(scope))).answer["error"] == "invalid_scope"


async def test_a_refresh_token_gives_no_scope_more(site: Site, browser: Browser, claire: Any) -> None:
    tokens = await site.signs_in(browser, "openid offline_access")

    status, refused = await site.refresh(tokens["refresh_token"], scope="openid offline_access preau")

    assert (status, refused["error"]) == (400, "invalid_scope")


# --- refresh tokens ---------------------------------------------------------------------------------------------------
async def test_a_refresh_token_serves_once_and_a_second_use_ends_its_whole_family(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    first = await site.signs_in(browser, "openid offline_access preau")
    _, second = await site.refresh(first["refresh_token"])
    _, third = await site.refresh(second["refresh_token"])

    status, refused = await site.refresh(first["refresh_token"])

    assert (status, refused["error"]) == (400, "invalid_grant")
    assert (await site.refresh(third["refresh_token"]))[1]["error"] == "invalid_grant"
    assert (await site.userinfo(third["access_token"]))[0] == 401
    assert "token_reused" in [one["kind"] for one in await notices(door)]


async def test_a_refresh_token_of_another_site_serves_nobody_and_stays_good_for_its_own(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    other = await registered(door, "autre-site")
    tokens = await site.signs_in(browser, "openid offline_access")

    assert (await other.refresh(tokens["refresh_token"]))[1]["error"] == "invalid_grant"
    assert (await site.refresh(tokens["refresh_token"]))[0] == 200


async def test_a_refresh_token_is_refused_without_the_secret_of_its_site(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    tokens = await site.signs_in(browser, "openid offline_access")
    asked = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": site.client_id}

    for secret in (None, "", "faux", site.secret[:-1]):
        sent = asked | ({"client_secret": secret} if secret is not None else {})
        answer = await door.client.post("/oauth/token", data=sent)
        assert answer.status in (400, 401), secret
        assert (await answer.json())["error"] == "invalid_client"
    assert (await site.refresh(tokens["refresh_token"]))[0] == 200


@pytest.mark.parametrize("token", ["", ".", "gnt_0.x", "ses_0.x", "x" * 3000, "é.è", "gnt_$ne.1"])
async def test_what_is_no_refresh_token_is_refused(token: str, site: Site) -> None:
    status, refused = await site.refresh(token)

    assert status == 400
    assert refused["error"] in ("invalid_grant", "invalid_request")


async def test_the_cookie_of_our_pages_is_no_refresh_token_of_a_site(site: Site, browser: Browser, claire: Any) -> None:
    await site.visit(browser)

    assert (await site.refresh(browser.cookies["preau-account"]))[1]["error"] == "invalid_grant"


# --- secrets of sites -------------------------------------------------------------------------------------------------
async def test_a_wrong_secret_gets_nothing_whatever_way_it_is_sent(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    code = (await site.visit(browser)).answer["code"]
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": site.verifier}

    by_header = await door.client.post("/oauth/token", data=asked, headers={"Authorization": basic("paiement", "faux")})
    by_form = await door.client.post("/oauth/token", data={**asked, "client_id": "paiement", "client_secret": "faux"})
    by_nothing = await door.client.post("/oauth/token", data={**asked, "client_id": "paiement"})

    assert (by_header.status, (await by_header.json())["error"]) == (401, "invalid_client")
    assert by_header.headers["WWW-Authenticate"].startswith("Basic")
    assert (await by_form.json())["error"] == "invalid_client"
    assert (await by_nothing.json())["error"] == "invalid_client"
    assert (await site.exchange(code))[0] == 200


async def test_a_site_has_no_token_of_its_own_and_a_partner_none_of_people(door: Door, site: Site) -> None:
    assert (await site.token({"grant_type": "client_credentials"}))[1]["error"] == "unauthorized_client"


@pytest.mark.parametrize("grant_type", ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "", "x"])
async def test_no_other_way_to_a_token(grant_type: str, site: Site) -> None:
    asked = {"grant_type": grant_type, "username": "claire", "password": "x"}

    assert (await site.token(asked))[1]["error"] == "unsupported_grant_type"


# --- forged tokens ----------------------------------------------------------------------------------------------------
def forged(door: Door, claims: dict[str, Any]) -> dict[str, str]:
    """The same claims, signed in every way but the right one."""
    good = {"alg": "ES256", "typ": "at+jwt", "kid": door.issuer.key.kid}
    stranger = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    public = OctKey.import_key(json.dumps(door.issuer.key.as_dict(private=False)).encode())
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
    signed = jwt.encode(good, claims, door.issuer.key)
    head, _, _ = signed.partition(".")
    return {
        "no signature": f"{none}.{body}.",
        "no algorithm": f"{none}.{body}.{signed.rpartition('.')[2]}",
        "the public key as a secret": jws.serialize_compact(
            {**good, "alg": "HS256"}, json.dumps(claims).encode(), public, algorithms=["HS256"]
        ),
        "a key of one's own": jwt.encode(good, claims, stranger),
        "a key of one's own, named": jwt.encode({**good, "kid": stranger.kid}, claims, stranger),
        "other claims under a signature": f"{head}.{body}x.{signed.rpartition('.')[2]}",
        "another kind": jwt.encode({**good, "typ": "JWT"}, claims, door.issuer.key),
        "another provider": jwt.encode(good, {**claims, "iss": "https://attaquant.example"}, door.issuer.key),
        "another audience": jwt.encode(good, {**claims, "aud": ["https://attaquant.example"]}, door.issuer.key),
        "an audience as text": jwt.encode(good, {**claims, "aud": f"{PUBLIC}/oauth/userinfo"}, door.issuer.key),
        "past its time": jwt.encode(good, {**claims, "exp": claims["iat"] - 1}, door.issuer.key),
        "without a time": jwt.encode(good, {k: v for k, v in claims.items() if k != "exp"}, door.issuer.key),
        "another grant": jwt.encode(good, {**claims, "sid": "gnt_" + "0" * 32}, door.issuer.key),
    }


async def test_a_forged_access_token_tells_nothing(door: Door, site: Site, browser: Browser, claire: Any) -> None:
    good = (await site.signs_in(browser))["access_token"]
    claims = dict(jwt.decode(good, door.issuer.key, algorithms=["ES256"]).claims)
    assert (claims["iss"], claims["aud"]) == (ISSUER, [f"{PUBLIC}/oauth/userinfo"])

    for what, token in forged(door, claims).items():
        assert (await site.userinfo(token))[0] == 401, what
    assert (await site.userinfo(jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims, door.issuer.key)))[0] == 200


async def test_a_token_of_the_portal_tells_a_site_nothing(site: Site, claire: dict[str, str]) -> None:
    assert (await site.userinfo(claire["Authorization"].removeprefix("Bearer ")))[0] == 401


# --- forms of others --------------------------------------------------------------------------------------------------
FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://attaquant.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": PUBLIC, "Sec-Fetch-Site": "same-site"},
    {"Origin": f"{PUBLIC}.attaquant.example", "Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_form_of_another_site_agrees_to_nothing(
    headers: dict[str, str], site: Site, browser: Browser, claire: Any
) -> None:
    page = await browser.follow(await browser.get(site.address()))
    page = await browser.follow(
        await browser.send(
            page, "/oauth/sign-in", email="claire.lefevre@messagerie.example", password="quatre girafes sous la pluie"
        )
    )
    form = page.form("/oauth/consent")

    refused = await browser.post(form.action, {**form.fields, "decision": "agree"}, **headers)

    assert (refused.status, refused.location) == (403, "")
    assert "n’est plus valable" in refused.text


async def test_a_form_of_another_browser_agrees_to_nothing(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    stranger = Browser(door.client)
    theirs = await stranger.follow(await stranger.get(site.address()))
    await site.visit(browser)

    taken = theirs.form("/oauth/sign-in").fields
    refused = await browser.post("/oauth/sign-in", {**taken, "email": "x@y.example", "password": "x"})

    assert refused.status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/oauth/sign-in",
        "/oauth/second-factor",
        "/oauth/passkey",
        "/oauth/passkey-options",
        "/oauth/consent",
        "/oauth/enrolment",
        "/oauth/enrolment/code",
        "/oauth/passkeys",
        "/oauth/passkeys/options",
        "/oauth/passkeys/removal",
        "/oauth/sites/removal",
        "/oauth/logout/confirmation",
    ],
)
async def test_no_form_is_taken_without_its_token_or_from_who_knows_where(path: str, browser: Browser) -> None:
    page = await browser.get("/oauth/sign-in")
    token = page.form("/oauth/sign-in").fields["form"]

    assert (await browser.post(path, {})).status == 403
    assert (await browser.post(path, {"form": secrets.token_hex(32)})).status == 403
    assert (await browser.post(path, {"form": token}, **{"Origin": "", "Sec-Fetch-Site": ""})).status == 403
    for headers in FOREIGN:
        assert (await browser.post(path, {"form": token}, **headers)).status == 403
