"""How long a site may speak for a person, and how it hears that the person left."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt

from services.identity.usecases.tell_logouts import LONGEST_PAUSE, MOST_TRIES, pause
from tests.identity.accounts import delete
from tests.identity.conftest import Door
from tests.identity.oauth.browser import PUBLIC, Browser
from tests.identity.oauth.relying import LEFT, Site, registered
from tests.identity.samples import MAIL, PASSWORD, MovableClock

OFFLINE = "openid offline_access preau"


# --- refresh tokens ---------------------------------------------------------------------------------------------------
async def test_a_site_goes_on_without_the_person_as_agreed(
    door: Door, site: Site, browser: Browser, claire: Any, clock: MovableClock
) -> None:
    tokens = await site.signs_in(browser, OFFLINE)

    for _ in range(3):
        clock.pass_(days=6)
        status, tokens = await site.refresh(tokens["refresh_token"])
        assert (status, tokens["scope"]) == (200, "offline_access openid preau")
    assert (await door.get("household", {"Authorization": f"Bearer {tokens['access_token']}"}))[0] == 200


async def test_a_refresh_token_lapses_after_a_week_without_use_and_after_a_month_anyway(
    site: Site, browser: Browser, claire: Any, clock: MovableClock
) -> None:
    idle = await site.signs_in(browser, OFFLINE)
    clock.pass_(days=7)
    assert (await site.refresh(idle["refresh_token"]))[1]["error"] == "invalid_grant"

    used = await site.signs_in(browser, OFFLINE)
    for _ in range(4):
        clock.pass_(days=6)
        _, used = await site.refresh(used["refresh_token"])
    clock.pass_(days=6, seconds=1)
    assert (await site.refresh(used["refresh_token"]))[1]["error"] == "invalid_grant"


async def test_two_refreshes_at_once_give_one_answer(site: Site, browser: Browser, claire: Any) -> None:
    tokens = await site.signs_in(browser, OFFLINE)

    outcomes = await asyncio.gather(*(site.refresh(tokens["refresh_token"]) for _ in range(2)))

    assert sorted(status for status, _ in outcomes) == [200, 400]


async def test_a_site_that_was_not_let_come_back_has_no_refresh_token(
    site: Site, browser: Browser, claire: Any
) -> None:
    assert "refresh_token" not in await site.signs_in(browser, "openid preau")


# --- revocation -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
async def test_a_site_gives_back_what_it_has(which: str, site: Site, browser: Browser, claire: Any) -> None:
    tokens = await site.signs_in(browser, OFFLINE)

    status, _ = await site.token({"token": tokens[which], "token_type_hint": which}, "/oauth/revoke")

    assert status == 200
    assert (await site.refresh(tokens["refresh_token"]))[1]["error"] == "invalid_grant"
    assert (await site.userinfo(tokens["access_token"]))[0] == 401


async def test_what_is_no_token_is_given_back_without_a_word(site: Site) -> None:
    assert (await site.token({"token": "rien"}, "/oauth/revoke"))[0] == 200


async def test_a_site_gives_back_nothing_of_another(door: Door, site: Site, browser: Browser, claire: Any) -> None:
    other = await registered(door, "autre-site")
    tokens = await site.signs_in(browser, OFFLINE)

    status, refused = await other.token({"token": tokens["refresh_token"]}, "/oauth/revoke")

    assert (status, refused["error"]) == (400, "invalid_grant")
    assert (await site.refresh(tokens["refresh_token"]))[0] == 200


# --- agreements -------------------------------------------------------------------------------------------------------
async def test_a_person_sees_what_sites_know_and_takes_it_back(
    door: Door, site: Site, browser: Browser, claire: dict[str, str], clock: MovableClock
) -> None:
    tokens = await site.signs_in(browser, OFFLINE)
    _, (agreed,) = await door.get("me/consents", claire)
    assert agreed == {
        "client_id": "paiement",
        "name": "Site de paiement",
        "scopes": ["offline_access", "openid", "preau"],
        "given_at": clock().isoformat().replace("+00:00", "Z"),
    }

    assert (await delete(door, "me/consents/paiement", claire))[0] == 204

    assert (await door.get("me/consents", claire))[1] == []
    assert (await site.refresh(tokens["refresh_token"]))[1]["error"] == "invalid_grant"
    assert (await browser.get(site.address(OFFLINE))).form("/oauth/consent")


async def test_there_is_nothing_to_take_back_from_a_site_one_never_saw(door: Door, claire: dict[str, str]) -> None:
    assert (await delete(door, "me/consents/inconnu", claire))[0] == 404


async def test_what_was_agreed_to_is_also_taken_back_on_our_page(site: Site, browser: Browser, claire: Any) -> None:
    tokens = await site.signs_in(browser, OFFLINE)
    page = await browser.get("/oauth/passkeys")
    assert "Site de paiement" in page.text

    await browser.send(page, "/oauth/sites/removal")

    assert "Site de paiement" not in (await browser.get("/oauth/passkeys")).text
    assert (await site.refresh(tokens["refresh_token"]))[0] == 400


async def test_a_closed_account_is_known_to_no_site_any_more(
    door: Door, site: Site, browser: Browser, claire: dict[str, str]
) -> None:
    tokens = await site.signs_in(browser, OFFLINE)

    status, _ = await door.post("me/closing", {"email": MAIL}, claire)

    assert status in (200, 204)
    assert (await site.refresh(tokens["refresh_token"]))[0] == 400
    assert (await site.userinfo(tokens["access_token"]))[0] == 401
    assert await door.db["site_consents"].count_documents({}) == 0


# --- leaving ----------------------------------------------------------------------------------------------------------
async def leave(site: Site, browser: Browser, id_token: str, **changes: str) -> Any:
    """The site asks to sign the person out, who says yes."""
    asked = {"id_token_hint": id_token, "post_logout_redirect_uri": LEFT, "state": "xyz", **changes}
    page = await browser.get(f"/oauth/logout?{urlencode(asked)}")
    return await browser.send(page, "/oauth/logout/confirmation")


async def test_a_site_has_the_person_signed_out_who_comes_back_to_it(site: Site, browser: Browser, claire: Any) -> None:
    tokens = await site.signs_in(browser)

    page = await leave(site, browser, tokens["id_token"])

    assert page.location == f"{LEFT}?state=xyz"
    assert "preau-account" not in browser.cookies
    assert (await site.userinfo(tokens["access_token"]))[0] == 401
    assert (await browser.get(site.address())).location.startswith("/oauth/sign-in")


async def test_nobody_is_signed_out_before_they_say_so(site: Site, browser: Browser, claire: Any) -> None:
    tokens = await site.signs_in(browser)

    page = await browser.get(f"/oauth/logout?id_token_hint={tokens['id_token']}")

    assert page.form("/oauth/logout/confirmation")
    assert (await site.userinfo(tokens["access_token"]))[0] == 200


async def test_a_site_may_ask_by_a_form_too(site: Site, browser: Browser, claire: Any) -> None:
    tokens = await site.signs_in(browser)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": LEFT}
    strange = {"Origin": "https://paiement.example", "Sec-Fetch-Site": "cross-site"}

    page = await browser.follow(await browser.post("/oauth/logout", asked, **strange))

    assert (await browser.send(page, "/oauth/logout/confirmation")).location == LEFT


@pytest.mark.parametrize(
    "wanted", ["https://attaquant.example/", f"{LEFT}/x", f"{LEFT}#x", "https://paiement.example.attaquant.example/"]
)
async def test_a_browser_is_sent_back_to_no_other_address_after_it_signed_out(
    wanted: str, site: Site, browser: Browser, claire: Any
) -> None:
    tokens = await site.signs_in(browser)

    page = await leave(site, browser, tokens["id_token"], post_logout_redirect_uri=wanted)

    assert page.location == "/oauth/signed-out"


async def test_no_site_gets_the_browser_back_without_an_id_token_of_ours(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    tokens = await site.signs_in(browser)
    claims = dict(jwt.decode(tokens["id_token"], door.issuer.key, algorithms=["ES256"]).claims)
    header = {"alg": "ES256", "typ": "JWT"}
    elsewhere = jwt.encode(header, {**claims, "iss": "https://attaquant.example"}, door.issuer.key)

    for hint in ("", "rien", tokens["access_token"], elsewhere):
        page = await leave(site, browser, hint, client_id="paiement")
        assert page.location == "/oauth/signed-out", hint
        await site.visit(browser)


async def test_whoever_is_signed_out_already_is_asked_nothing(site: Site, browser: Browser, claire: Any) -> None:
    tokens = await site.signs_in(browser)
    await leave(site, browser, tokens["id_token"])
    asked = urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": LEFT})

    assert (await browser.get(f"/oauth/logout?{asked}")).location == LEFT
    assert "Vous êtes déconnecté" in (await browser.get("/oauth/logout")).text


# --- sites hear of it -------------------------------------------------------------------------------------------------
@dataclass
class Ear:
    """The address at which a site hears that somebody left."""

    status: int = 200
    heard: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.heard.append(str((await request.post())["logout_token"]))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def ear(door: Door) -> AsyncIterator[Ear]:
    ear, app = Ear(), web.Application()
    app.router.add_post("/logout", ear.answer)
    async with TestServer(app) as server:
        ear.url = str(server.make_url("/logout"))
        yield ear
    await door.parts.sites.calls.close()


@pytest.fixture
async def hearing(door: Door, ear: Ear) -> Site:
    return await registered(door, "entend", backchannel_logout_uri=ear.url)


async def tell(door: Door) -> None:
    while await door.parts.sites.telling.tell_next():
        pass


async def test_a_site_hears_that_the_person_left(
    door: Door, hearing: Site, ear: Ear, browser: Browser, claire: Any, clock: MovableClock
) -> None:
    claims = await hearing.claims((await hearing.signs_in(browser))["id_token"])
    page = await browser.get("/oauth/logout")
    await browser.send(page, "/oauth/logout/confirmation")

    await tell(door)

    (token,) = ear.heard
    read = jwt.decode(token, door.issuer.key, algorithms=["ES256"])
    assert read.header["typ"] == "logout+jwt"
    assert {name: read.claims[name] for name in ("iss", "aud", "sub", "sid")} == {
        "iss": PUBLIC,
        "aud": "entend",
        "sub": claims["sub"],
        "sid": claims["sid"],
    }
    assert read.claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert read.claims["iat"] == int(clock().timestamp())
    assert "nonce" not in read.claims
    await tell(door)
    assert len(ear.heard) == 1


async def test_a_site_hears_it_however_the_session_ended(
    door: Door, hearing: Site, ear: Ear, browser: Browser, claire: dict[str, str]
) -> None:
    await hearing.signs_in(browser)
    _, sessions = await door.get("sessions", claire)
    (other,) = [one for one in sessions if not one["current"]]

    assert (await delete(door, f"sessions/{other['session_id']}", claire))[0] == 204
    await tell(door)

    assert len(ear.heard) == 1
    assert (await browser.get(hearing.address())).location.startswith("/oauth/sign-in")


async def test_leaving_everywhere_ends_what_sites_had_also_in_the_absence_of_the_person(
    door: Door, hearing: Site, ear: Ear, browser: Browser, claire: dict[str, str]
) -> None:
    tokens = await hearing.signs_in(browser, OFFLINE)

    assert (await delete(door, "sessions", claire))[0] == 204
    await tell(door)

    assert len(ear.heard) == 1
    assert (await hearing.refresh(tokens["refresh_token"]))[0] == 400


async def test_leaving_one_browser_leaves_a_site_what_it_has_for_the_absence(
    door: Door, hearing: Site, ear: Ear, browser: Browser, claire: Any
) -> None:
    tokens = await hearing.signs_in(browser, OFFLINE)
    page = await browser.get("/oauth/logout")
    await browser.send(page, "/oauth/logout/confirmation")
    await tell(door)

    assert len(ear.heard) == 1
    assert (await hearing.refresh(tokens["refresh_token"]))[0] == 200


async def test_nobody_ends_what_sites_know_of_another(
    door: Door, hearing: Site, ear: Ear, browser: Browser, claire: dict[str, str]
) -> None:
    claims = await hearing.claims((await hearing.signs_in(browser))["id_token"])
    stranger = door.issuer.guardian("hsh_" + "0" * 32, account_id="acc_" + "0" * 32)

    assert (await delete(door, f"sessions/{claims['sid']}", stranger))[0] == 404
    await tell(door)

    assert ear.heard == []


async def test_a_site_that_does_not_answer_is_told_again_later(
    door: Door, hearing: Site, ear: Ear, browser: Browser, claire: dict[str, str], clock: MovableClock
) -> None:
    ear.status = 303
    await hearing.signs_in(browser)
    await delete(door, "sessions", claire)
    await tell(door)
    assert len(ear.heard) == 1

    ear.status = 204
    clock.pass_(seconds=9)
    await tell(door)
    assert len(ear.heard) == 1
    clock.pass_(seconds=1)
    await tell(door)

    assert len(ear.heard) == 2
    clock.pass_(days=1)
    await tell(door)
    assert len(ear.heard) == 2


async def test_a_site_that_never_answers_is_given_up(
    door: Door, hearing: Site, ear: Ear, browser: Browser, claire: dict[str, str], clock: MovableClock
) -> None:
    ear.status = 500
    await hearing.signs_in(browser)
    await delete(door, "sessions", claire)

    for _ in range(MOST_TRIES + 3):
        await tell(door)
        clock.pass_(hours=1)

    assert len(ear.heard) == MOST_TRIES


def test_the_pauses_grow_up_to_an_hour() -> None:
    assert [pause(tries) for tries in (1, 2, 3)] == [timedelta(seconds=seconds) for seconds in (10, 20, 40)]
    assert pause(MOST_TRIES) == LONGEST_PAUSE


async def test_proving_once_more_who_one_is_leaves_no_site(
    door: Door, hearing: Site, ear: Ear, browser: Browser, claire: Any
) -> None:
    await hearing.signs_in(browser)
    former = browser.cookies["preau-account"]

    page = await browser.get("/oauth/sign-in")
    await browser.send(page, "/oauth/sign-in", email=MAIL, password=PASSWORD)
    await tell(door)

    assert browser.cookies["preau-account"] != former
    assert ear.heard == []


async def test_what_is_kept_holds_no_secret_anybody_could_use(
    door: Door, site: Site, browser: Browser, claire: Any
) -> None:
    code = (await site.visit(browser, site.address(OFFLINE))).answer["code"]
    _, tokens = await site.exchange(code)

    kept = ""
    for name in ("authorization_codes", "grants", "sessions", "authorizations", "site_consents", "clients"):
        kept += json.dumps([one async for one in door.db[name].find({})], default=str)

    cookie = browser.cookies["preau-account"]
    for secret in (code, tokens["refresh_token"].partition(".")[2], cookie.partition(".")[2], site.secret):
        assert secret not in kept
