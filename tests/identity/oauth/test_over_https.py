"""Behind https the cookies are for this host alone, and browsers are told to come by https only."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.identity.http import ROUTES
from services.identity.http.parts import PARTS
from services.identity.store.logout_calls import telling
from shared.service import new_app
from tests.identity.conftest import FOLDER, Door
from tests.identity.oauth.browser import Browser
from tests.identity.samples import MAIL, PASSWORD

PUBLIC = "https://compte.sainte-aurore.example"


@pytest.fixture
async def browser(door: Door) -> AsyncIterator[Browser]:
    """At the same service, whose public address is https."""
    app = new_app("identity", FOLDER, ROUTES, door.issuer.tokens(), door.parts.clock)
    app[PARTS] = replace(door.parts, sites=replace(door.parts.sites, public_url=PUBLIC))
    async with TestClient(TestServer(app)) as client:
        yield Browser(client)


async def test_cookies_belong_to_this_host_and_travel_encrypted(browser: Browser, claire: dict[str, str]) -> None:
    page = await browser.get("/oauth/sign-in")
    form = page.form("/oauth/sign-in").fields
    typed = {**form, "email": MAIL, "password": PASSWORD}

    page = await browser.post("/oauth/sign-in", typed, Origin=PUBLIC)

    assert set(browser.cookies) == {"__Host-preau-visit", "__Host-preau-account"}
    (cookie,) = page.headers.getall("Set-Cookie")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_a_form_of_the_unencrypted_page_is_refused(browser: Browser) -> None:
    form = (await browser.get("/oauth/sign-in")).form("/oauth/sign-in").fields

    refused = await browser.post("/oauth/sign-in", form, Origin=PUBLIC.replace("https", "http"))

    assert refused.status == 403


async def test_whoever_tells_sites_goes_on_as_long_as_there_is_something_to_tell() -> None:
    left, done = [True, True, False], asyncio.Event()

    async def tell_next() -> bool:
        more = left.pop(0)
        if not left:
            done.set()
            left.append(False)
        return more

    async with telling(tell_next):
        assert await asyncio.wait_for(done.wait(), 30)
