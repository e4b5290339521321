"""A parent comes with FranceConnect, through the gateway: the town's code once, then nothing to type any more."""

import re
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from tests.journeys.office import TownHall
from tests.journeys.people import PASSWORD
from tests.journeys.town import Preau

CLAIRE = "claire.lefevre@messagerie.example"
HOME = "/oauth/passkeys"
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Browser:
    """A browser in front of the gateway; it follows what it is sent to, as browsers do."""

    def __init__(self, preau: Preau) -> None:
        self.preau = preau
        self.home = preau.tables["identity"]["IDENTITY_PUBLIC_URL"]
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def see(self, address: str) -> tuple[str, str]:
        """Where it ends up, and what it reads there."""
        url = address if address.startswith("http") else f"{self.home}{address}"
        async with self.http.get(URL(url, encoded=True)) as answer:
            return str(answer.url), await answer.text()

    async def send(self, address: str, form: dict[str, str]) -> tuple[str, str]:
        url = address if address.startswith("http") else f"{self.home}{address}"
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with self.http.post(URL(url, encoded=True), data=form, headers=headers) as answer:
            return str(answer.url), await answer.text()

    async def franceconnect(self, given_name: str) -> tuple[str, str]:
        """From the sign-in page to FranceConnect, where the button of that person is pressed, and back."""
        at, page = await self.see(f"/oauth/franceconnect/start?next={quote(HOME, safe='')}")
        assert at.startswith(self.preau.addresses.franceconnect)
        number = next(value for value, name in re.findall(r'value="(\d)">([^<]+)<', page) if given_name in name)
        return await self.send(at, {"personne": number})


@pytest.fixture
async def browser(preau: Preau) -> AsyncIterator[Browser]:
    browser = Browser(preau)
    yield browser
    await browser.http.close()


async def test_a_parent_comes_with_franceconnect_and_a_code_and_then_with_franceconnect_alone(
    preau: Preau, aurore: TownHall, browser: Browser
) -> None:
    code = await aurore.invite("F0001")

    at, page = await browser.franceconnect("Claire")
    assert at.endswith("/oauth/franceconnect/newcomer")
    assert "Claire Lefèvre" in page
    form = {name: unescape(value) for name, value in FIELD.findall(page)}
    typed = {**form, "code": f" {code[:5].lower()} {code[5:]} ", "email": CLAIRE, "password": PASSWORD}
    at, _ = await browser.send("/oauth/franceconnect/newcomer", typed)
    assert at.endswith(HOME)

    other = Browser(preau)
    at, page = await other.franceconnect("Claire")
    await other.http.close()
    assert at.endswith(HOME)
    assert CLAIRE in page
    session = await preau.anyone.post("/sessions", {"email": CLAIRE, "password": PASSWORD})
    assert session["access_token"]
    await preau.quiet()


async def test_a_partner_of_the_town_reads_references_with_a_token_of_its_own(preau: Preau, aurore: TownHall) -> None:
    body = {"name": "Cuisine centrale", "scopes": ["families.read"]}
    made = await aurore.manager.post(f"/partner-accounts?municipality_id={aurore.id}", body)
    form = {"grant_type": "client_credentials", "client_id": made["client_id"], "client_secret": made["secret"]}
    async with preau.http.post(f"{preau.urls['gateway']}/oauth/token", data=form) as answer:
        token = await answer.json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}

    mine = await preau.gateway.ask("GET", "/partner", headers=headers)
    families = await preau.gateway.ask("GET", f"/partner/families?municipality_id={aurore.id}", headers=headers)
    elsewhere = await preau.gateway.ask("GET", "/partner/families?municipality_id=le-val-dore", headers=headers)
    personal = await preau.gateway.ask("GET", "/household", headers=headers)

    assert (token["token_type"], token["scope"]) == ("Bearer", "families.read")
    assert mine.json["client_id"] == made["client_id"]
    assert {one["reference"] for one in families.json["items"]} >= {"F0001", "F0002"}
    assert b"Lef" not in families.content
    assert (elsewhere.status, personal.status) == (403, 403)
    heard = await preau.heard.until("identity.partner_set.v1")
    assert heard[-1]["data"]["client_id"] == made["client_id"]


async def test_a_wrong_secret_buys_no_token(preau: Preau, aurore: TownHall) -> None:
    body = {"name": "Cuisine centrale", "scopes": ["families.read"]}
    made = await aurore.manager.post(f"/partner-accounts?municipality_id={aurore.id}", body)
    wrong = [
        {"client_id": made["client_id"], "client_secret": "preau_guess"},
        {"client_id": made["client_id"]},
        {"client_id": "cli_nobody", "client_secret": made["secret"]},
        {"client_id": made["client_id"], "client_secret": made["secret"], "scope": "catalogue.read"},
    ]
    answers = []
    for form in wrong:
        asked = {"grant_type": "client_credentials", **form}
        async with preau.http.post(f"{preau.urls['gateway']}/oauth/token", data=asked) as answer:
            answers.append((answer.status, (await answer.json())["error"]))

    assert answers == [
        (401, "invalid_client"),
        (401, "invalid_client"),
        (401, "invalid_client"),
        (400, "invalid_scope"),
    ]
