"""Our own pages: what they ask, what they refuse, and what their answers carry."""

import re
from typing import Any

import pyotp
import pytest

from tests.identity.conftest import Door, SetTown
from tests.identity.oauth.browser import Browser, Page
from tests.identity.oauth.relying import BACK, Site
from tests.identity.samples import MAIL, PASSWORD, TOWN, MovableClock

MANAGER = TOWN["manager"]["email"]


async def type_password(browser: Browser, next_page: str = "", email: str = MAIL, password: str = PASSWORD) -> Page:
    page = await browser.get(f"/oauth/sign-in?next={next_page}")
    return await browser.send(page, "/oauth/sign-in", email=email, password=password)


@pytest.fixture
async def helene(door: Door, open_town: SetTown) -> None:
    """The manager of Sainte-Aurore, who chose a password and has no second factor."""
    code = await open_town(TOWN)
    body = {"code": code, "email": MANAGER, "password": PASSWORD}
    assert (await door.post("agent-registrations", body))[0] == 201


def key_on(page: Page) -> pyotp.TOTP:
    """What the app reads in the picture."""
    found = re.search(r"secret=([A-Z2-7]+)", page.text)
    assert found
    return pyotp.TOTP(found.group(1))


async def enrolled(browser: Browser, clock: MovableClock) -> tuple[pyotp.TOTP, list[str]]:
    """The manager after her first sign-in: her app and her recovery codes."""
    page = await browser.follow(await type_password(browser, email=MANAGER))
    page = await browser.send(page, "/oauth/enrolment")
    app = key_on(page)
    page = await browser.send(page, "/oauth/enrolment/code", code=app.at(clock()))
    return app, re.findall(r'<li class="code">([^<]+)</li>', page.text)


# --- signing in -------------------------------------------------------------------------------------------------------
async def test_a_wrong_password_and_an_unknown_address_get_the_same_page(browser: Browser, claire: Any) -> None:
    wrong = await type_password(browser, password="pas le bon mot de passe")
    unknown = await type_password(browser, email="personne@messagerie.example")

    assert (wrong.status, unknown.status) == (401, 401)
    assert wrong.text.replace(MAIL, "") == unknown.text.replace("personne@messagerie.example", "")
    assert "ne correspondent pas" in wrong.text


async def test_guessing_is_slowed_down_on_the_page_as_at_the_api(browser: Browser, claire: Any) -> None:
    statuses = [(await type_password(browser, password=f"essai {number}")).status for number in range(12)]

    assert statuses[0] == 401
    assert statuses[-1] == 429


async def test_the_address_that_was_typed_is_shown_again_and_the_password_never(browser: Browser) -> None:
    page = await type_password(browser, email='"><script>x', password="mon secret à moi")

    fields = page.form("/oauth/sign-in").fields
    assert (fields["email"], fields["password"]) == ('"><script>x', "")
    assert "<script>x" not in page.text
    assert "mon secret" not in page.text


async def test_the_cookie_changes_with_every_sign_in_and_tells_nothing(browser: Browser, claire: Any) -> None:
    page = await type_password(browser)
    first = browser.cookies["preau-account"]
    set_cookie = next(one for one in page.headers.getall("Set-Cookie") if "preau-account" in one)
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(set_cookie.split("; "))
    assert "Max-Age" not in set_cookie

    await type_password(browser)

    assert browser.cookies["preau-account"] != first
    browser.cookies["preau-account"] = first
    assert (await browser.get("/oauth/passkeys")).location.startswith("/oauth/sign-in")


async def test_another_person_at_the_same_browser_ends_the_session_of_the_first(
    door: Door, browser: Browser, claire: dict[str, str], helene: None
) -> None:
    await type_password(browser)
    assert len((await door.get("sessions", claire))[1]) == 2

    await type_password(browser, email=MANAGER)

    assert len((await door.get("sessions", claire))[1]) == 1


async def test_what_is_no_form_is_refused_in_a_page(door: Door) -> None:
    headers = {"Origin": "http://localhost:8080", "Accept-Language": "fr"}

    answer = await door.client.post("/oauth/sign-in", json={"email": "x"}, headers=headers)

    assert (answer.status, answer.content_type) == (400, "text/html")
    assert "illisible" in await answer.text()


async def test_pages_speak_english_to_whoever_prefers_it(browser: Browser) -> None:
    browser.headers["Accept-Language"] = "en-GB"

    page = await browser.get("/oauth/sign-in")

    assert '<html lang="en">' in page.text
    assert "Sign in with a passkey" in page.text


# --- the second step --------------------------------------------------------------------------------------------------
async def test_an_agent_has_a_second_factor_before_any_site_hears_of_them(
    site: Site, browser: Browser, helene: None, clock: MovableClock
) -> None:
    page = await browser.follow(await browser.get(site.address("openid preau")))
    page = await browser.follow(await browser.send(page, "/oauth/sign-in", email=MANAGER, password=PASSWORD))
    assert "plus qu’un mot de passe" in page.text
    again = await browser.get(site.address("openid preau"))
    assert again.location.startswith("/oauth/enrolment")

    page = await browser.send(page, "/oauth/enrolment")
    wrong = await browser.send(page, "/oauth/enrolment/code", code="000000")
    assert wrong.status == 422
    assert key_on(wrong).secret == key_on(page).secret
    page = await browser.send(wrong, "/oauth/enrolment/code", code=key_on(page).at(clock()))

    assert page.text.count('<li class="code">') == 10
    onward = re.search(r'href="(/oauth/authorize[^"]+)"', page.text)
    assert onward
    consent = await browser.get(onward.group(1))
    back = await browser.follow(await browser.send(consent, "/oauth/consent", decision="agree"))
    _, tokens = await site.exchange(back.answer["code"])
    claims = await site.claims(tokens["id_token"])
    assert claims["amr"] == ["mfa", "otp", "pwd"]


async def test_a_site_speaks_for_an_agent_only_after_a_strong_sign_in(
    door: Door, site: Site, browser: Browser, helene: None, clock: MovableClock
) -> None:
    await enrolled(browser, clock)
    tokens = await site.signs_in(browser, "openid preau")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert (await door.get("family-files?municipality_id=sainte-aurore", bearer))[0] == 200


async def test_nobody_without_a_second_factor_is_told_to_a_site_silently(
    site: Site, browser: Browser, helene: None
) -> None:
    await type_password(browser, email=MANAGER)

    assert (await browser.get(site.address(prompt="none"))).answer["error"] == "interaction_required"


async def test_a_code_of_the_app_is_asked_after_the_password(
    door: Door, browser: Browser, helene: None, clock: MovableClock
) -> None:
    app, _ = await enrolled(browser, clock)
    clock.pass_(minutes=1)
    other = Browser(door.client)

    page = await type_password(other, email=MANAGER)
    assert page.status == 200
    wrong = await other.send(page, "/oauth/second-factor", code="000000")
    assert (wrong.status, "preau-account" in other.cookies) == (401, False)
    right = await other.send(wrong, "/oauth/second-factor", code=app.at(clock()))

    assert (right.status, right.location) == (303, "/oauth/passkeys")
    assert MANAGER in (await other.get(right.location)).text


async def test_a_recovery_code_lets_in_once(door: Door, browser: Browser, helene: None, clock: MovableClock) -> None:
    _, codes = await enrolled(browser, clock)
    assert len(codes) == 10

    for expected in (303, 401):
        page = await type_password(Browser(door.client), email=MANAGER)
        other = Browser(door.client)
        page = await type_password(other, email=MANAGER)
        form = page.form("/oauth/second-factor")
        sent = {**form.fields, "code": "", "recovery_code": codes[0]}
        assert (await other.post("/oauth/second-factor", sent)).status == expected


async def test_after_five_misses_the_password_is_asked_again(
    door: Door, browser: Browser, helene: None, clock: MovableClock
) -> None:
    app, _ = await enrolled(browser, clock)
    clock.pass_(minutes=1)
    page = await type_password(browser, email=MANAGER)
    for _ in range(5):
        page = await browser.send(page, "/oauth/second-factor", code="000000")

    over = await browser.send(page, "/oauth/second-factor", code=app.at(clock()))

    assert over.status == 401
    assert over.form("/oauth/sign-in")


@pytest.mark.parametrize("credential", ["x", "[1]", "{}", '{"rawId": {"$ne": ""}}', "[" * 5000, '"text"'])
async def test_a_credential_no_browser_made_is_refused(credential: str, browser: Browser) -> None:
    page = await browser.get("/oauth/sign-in")
    form = page.form("/oauth/passkey")

    refused = await browser.post("/oauth/passkey", {**form.fields, "challenge": "x", "credential": credential})

    assert 400 <= refused.status < 500
    assert "preau-account" not in browser.cookies


async def test_passkeys_are_changed_only_a_moment_after_signing_in(
    browser: Browser, claire: Any, clock: MovableClock
) -> None:
    await type_password(browser)
    page = await browser.get("/oauth/passkeys")
    clock.pass_(minutes=10, seconds=1)

    assert (await browser.get("/oauth/passkeys")).location.startswith("/oauth/sign-in")
    late = await browser.send(page, "/oauth/passkeys", name="x", credential="{}")
    assert late.location.startswith("/oauth/sign-in")
    assert (await browser.post("/oauth/passkeys/options", page.form("/oauth/passkeys").fields)).status == 401


# --- what every page carries ------------------------------------------------------------------------------------------
async def test_every_page_keeps_to_itself(site: Site, browser: Browser, claire: Any) -> None:
    for path in ("/oauth/sign-in", "/oauth/logout", "/oauth/signed-out", "/oauth/authorize"):
        page = await browser.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"


async def test_a_form_may_lead_on_to_the_site_that_waits_and_to_no_other(
    site: Site, browser: Browser, claire: Any
) -> None:
    alone = await browser.get("/oauth/sign-in")
    waiting = await browser.follow(await browser.get(site.address()))

    assert "form-action 'self';" in alone.headers["Content-Security-Policy"]
    assert f"form-action 'self' {BACK.removesuffix('/retour')};" in waiting.headers["Content-Security-Policy"]


async def test_only_pages_with_passkeys_have_a_script_and_it_is_a_file(browser: Browser) -> None:
    page = await browser.get("/oauth/sign-in")
    plain = await browser.get("/oauth/signed-out")

    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "script-src" not in plain.headers["Content-Security-Policy"]
    assert "<script" not in plain.text
    address = re.search(r'<script src="([^"]+)" defer></script>', page.text)
    assert address
    assert (await browser.get(address.group(1))).headers["Content-Type"].startswith("text/javascript")


async def test_files_of_no_page_are_not_given(browser: Browser) -> None:
    for name in ("../app.py", "..%2Fapp.py", "passkeys", ".css", "account.css.bak"):
        assert (await browser.get(f"/oauth/static/{name}")).status == 404
