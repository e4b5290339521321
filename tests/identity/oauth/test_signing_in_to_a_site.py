"""A site signs a family in with the account of its portal, as OpenID Connect has it."""

import base64
import hashlib
from typing import Any

from tests.identity.conftest import Door
from tests.identity.oauth.browser import PUBLIC, Browser
from tests.identity.oauth.relying import BACK, Site, registered
from tests.identity.samples import MAIL, MovableClock


async def test_the_configuration_says_where_everything_is(door: Door) -> None:
    answer = await door.client.get("/.well-known/openid-configuration")
    found = await answer.json()

    assert found["issuer"] == PUBLIC
    assert found["authorization_endpoint"] == f"{PUBLIC}/oauth/authorize"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    assert found["id_token_signing_alg_values_supported"] == ["ES256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["backchannel_logout_session_supported"] is True


async def test_a_family_signs_in_and_agrees_and_the_site_learns_who_it_is(
    site: Site, browser: Browser, claire: dict[str, str], clock: MovableClock
) -> None:
    back = await site.visit(browser)

    assert back.location.startswith(f"{BACK}?")
    assert (back.answer["state"], back.answer["iss"]) == (site.state, PUBLIC)
    status, tokens = await site.exchange(back.answer["code"])
    assert (status, tokens["token_type"], tokens["expires_in"]) == (200, "Bearer", 600)
    assert "refresh_token" not in tokens
    claims = await site.claims(tokens["id_token"])
    assert claims["nonce"] == site.nonce
    assert claims["amr"] == ["pwd"]
    assert claims["auth_time"] == int(clock().timestamp())
    assert claims["exp"] - claims["iat"] == 600
    assert claims["at_hash"] == half_hash(tokens["access_token"])
    assert claims["sid"].startswith("ses_")
    status, person = await site.userinfo(tokens["access_token"])
    assert (status, person["sub"]) == (200, claims["sub"])
    assert person == {
        "sub": claims["sub"],
        "name": "Claire Lefèvre",
        "given_name": "Claire",
        "family_name": "Lefèvre",
        "locale": "fr",
        "email": MAIL,
        "email_verified": True,
    }


def half_hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).decode().rstrip("=")


async def test_an_answer_with_tokens_is_kept_by_no_cache(site: Site, browser: Browser, claire: Any, door: Door) -> None:
    code = (await site.visit(browser)).answer["code"]
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": site.verifier,
        "client_id": site.client_id,
        "client_secret": site.secret,
    }

    answer = await door.client.post("/oauth/token", data=asked)

    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")


async def test_the_second_visit_asks_for_nothing(site: Site, browser: Browser, claire: Any) -> None:
    await site.visit(browser)

    back = await browser.get(site.address())

    assert (back.status, back.answer["state"]) == (303, site.state)


async def test_more_than_was_agreed_to_is_asked_again_and_what_was_given_stays(
    site: Site, browser: Browser, claire: Any
) -> None:
    await site.visit(browser, site.address("openid email"))

    asked = await browser.follow(await browser.get(site.address("openid email phone")))
    assert "numéro de téléphone" in asked.text
    await browser.follow(await browser.send(asked, "/oauth/consent", decision="agree"))

    assert (await browser.get(site.address("openid phone"))).answer["code"]


async def test_whoever_refuses_goes_back_without_a_code(site: Site, browser: Browser, claire: Any) -> None:
    page = await browser.follow(await browser.get(site.address()))
    page = await browser.follow(
        await browser.send(page, "/oauth/sign-in", email=MAIL, password="quatre girafes sous la pluie")
    )

    back = await browser.send(page, "/oauth/consent", decision="refuse")

    assert back.location.startswith(BACK)
    assert (back.answer["error"], back.answer["state"], back.answer["iss"]) == ("access_denied", site.state, PUBLIC)


async def test_a_site_of_the_house_asks_for_no_agreement(door: Door, browser: Browser, claire: Any) -> None:
    portal = await registered(door, "portail", first_party=True)
    page = await browser.follow(await browser.get(portal.address()))

    back = await browser.follow(
        await browser.send(page, "/oauth/sign-in", email=MAIL, password="quatre girafes sous la pluie")
    )

    assert back.answer["code"]


async def test_an_access_token_without_the_api_opens_nothing_of_it(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    tokens = await site.signs_in(browser)

    assert (await door.get("me", {"Authorization": f"Bearer {tokens['access_token']}"}))[0] == 401


async def test_with_the_api_agreed_to_the_site_acts_for_the_family(
    door: Door, site: Site, browser: Browser, claire: dict[str, str]
) -> None:
    tokens = await site.signs_in(browser, "openid preau")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    status, household = await door.get("household", bearer)

    assert (status, household) == await door.get("household", claire)
    assert (await site.userinfo(tokens["access_token"]))[0] == 200


async def test_a_site_can_change_nothing_that_needs_a_fresh_sign_in(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    tokens = await site.signs_in(browser, "openid preau")

    status, problem = await door.post(
        "me/closing", {"email": MAIL}, {"Authorization": f"Bearer {tokens['access_token']}"}
    )

    assert (status, problem["type"]) == (403, "/problems/sign-in-again")


async def test_an_id_token_is_no_access_token(door: Door, site: Site, browser: Browser, claire: Any) -> None:
    tokens = await site.signs_in(browser, "openid preau")

    assert (await door.get("me", {"Authorization": f"Bearer {tokens['id_token']}"}))[0] == 401
    assert (await site.userinfo(tokens["id_token"]))[0] == 401


async def test_userinfo_is_also_asked_by_post_and_refused_without_a_token(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    tokens = await site.signs_in(browser)
    assert (await site.userinfo(tokens["access_token"], "POST"))[0] == 200

    answer = await door.client.get("/oauth/userinfo")

    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="preau"')


async def test_an_access_token_ends_after_ten_minutes(
    site: Site, browser: Browser, claire: Any, clock: MovableClock
) -> None:
    tokens = await site.signs_in(browser)

    clock.pass_(minutes=9, seconds=59)
    assert (await site.userinfo(tokens["access_token"]))[0] == 200
    clock.pass_(seconds=1)
    assert (await site.userinfo(tokens["access_token"]))[0] == 401


async def test_no_page_at_all_when_a_site_wants_none(site: Site, browser: Browser, claire: Any) -> None:
    silent = site.address(prompt="none")
    assert (await browser.get(silent)).answer["error"] == "login_required"
    page = await browser.follow(await browser.get(site.address()))
    page = await browser.follow(
        await browser.send(page, "/oauth/sign-in", email=MAIL, password="quatre girafes sous la pluie")
    )

    assert (await browser.get(silent)).answer["error"] == "consent_required"
    await browser.follow(await browser.send(page, "/oauth/consent", decision="agree"))
    answer = (await browser.get(silent)).answer
    assert answer["code"]
    assert answer["iss"] == PUBLIC


async def test_a_site_may_want_the_password_once_more(
    site: Site, browser: Browser, claire: Any, clock: MovableClock
) -> None:
    first = await site.claims((await site.signs_in(browser))["id_token"])
    clock.pass_(minutes=5)

    asked = await browser.follow(await browser.get(site.address(prompt="login")))
    assert asked.form("/oauth/sign-in")
    back = await site.visit(browser, site.address(prompt="login"))

    status, tokens = await site.exchange(back.answer["code"])
    assert status == 200
    claims = await site.claims(tokens["id_token"])
    assert claims["auth_time"] == int(clock().timestamp())
    assert claims["sid"] == first["sid"]


async def test_a_site_may_want_a_sign_in_that_is_not_too_old(
    site: Site, browser: Browser, claire: Any, clock: MovableClock
) -> None:
    await site.visit(browser)
    clock.pass_(minutes=5)

    assert (await browser.get(site.address(max_age="300"))).answer["code"]
    clock.pass_(seconds=1)
    assert (await browser.get(site.address(max_age="300"))).location.startswith("/oauth/sign-in")


async def test_a_request_sent_as_a_form_is_taken_by_a_link(site: Site, browser: Browser, claire: Any) -> None:
    strange = {"Origin": "https://paiement.example", "Sec-Fetch-Site": "cross-site"}

    page = await browser.post("/oauth/authorize", site.request(), **strange)

    assert page.location.startswith("/oauth/authorize?asked=")
    assert (await browser.follow(page)).form("/oauth/sign-in")


async def test_a_kept_request_lapses_after_half_an_hour(
    site: Site, browser: Browser, claire: Any, clock: MovableClock
) -> None:
    page = await browser.post("/oauth/authorize", site.request())
    clock.pass_(minutes=30)

    lapsed = await browser.get(page.location)

    assert lapsed.status == 400
    assert "Cette connexion a expiré" in lapsed.text


async def test_a_kept_request_is_answered_once(site: Site, browser: Browser, claire: Any) -> None:
    kept = await browser.post("/oauth/authorize", site.request())
    assert (await site.visit(browser, kept.location)).answer["code"]

    assert (await browser.get(kept.location)).status == 400


async def test_a_site_without_a_secret_signs_in_by_its_challenge_alone(
    door: Door, browser: Browser, claire: Any
) -> None:
    telephone = await registered(door, "telephone", public=True)

    tokens = await telephone.signs_in(browser)

    assert (await telephone.userinfo(tokens["access_token"]))[0] == 200


async def test_a_partner_gets_a_token_for_its_own_system(door: Door) -> None:
    body = {"name": "Cantine", "scopes": ["families.read"]}
    status, partner = await door.post("partner-accounts?municipality_id=sainte-aurore", body, door.manager)
    assert status == 201, partner
    system = Site(door, partner["client_id"], partner["secret"])

    status, token = await system.token({"grant_type": "client_credentials"})

    assert (status, token["scope"], token["token_type"]) == (200, "families.read", "Bearer")
    status, seen = await door.get("partner", {"Authorization": f"Bearer {token['access_token']}"})
    assert (status, seen["client_id"]) == (200, partner["client_id"])
    assert (await system.token({"grant_type": "client_credentials", "scope": "events.read"}))[1]["error"] == (
        "invalid_scope"
    )
