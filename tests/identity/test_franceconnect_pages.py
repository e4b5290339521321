"""FranceConnect as a browser goes through it: sign in, first time with a code or an account, link, unlink, leave."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from yarl import URL

from deploy.sample.authenticator import code_of, step_of
from deploy.sandbox.franceconnect import http
from deploy.sandbox.franceconnect.provider import API, Provider, Site
from services.identity.settings import Settings
from tests.identity.conftest import Door, bearer
from tests.identity.samples import MAIL, PASSWORD, MovableClock

PUBLIC = "http://localhost:8080"
CALLBACK, LEFT = f"{PUBLIC}/oauth/franceconnect/callback", f"{PUBLIC}/oauth/franceconnect/signed-out"
SECRET = "what FranceConnect gave us"
CLAIRE, THOMAS, OTHER = "0", "1", "3"
GOING = "/oauth/passkeys"
CODE_FORM = {"email": MAIL, "password": PASSWORD}


@pytest.fixture
async def provider(clock: MovableClock) -> AsyncIterator[Provider]:
    provider = Provider(Site(client_id="preau", client_secret=SECRET, back=CALLBACK, signed_out=LEFT), clock)
    async with TestServer(http.build(provider)) as server:
        provider.issuer = str(server.make_url(API))
        yield provider


@pytest.fixture
def settings(settings: Settings, provider: Provider, tmp_path: Path) -> Settings:
    secret_file = tmp_path / "franceconnect-secret"
    secret_file.write_text(f"{SECRET}\n")
    changes = {
        "public_url": PUBLIC,
        "franceconnect_issuer": provider.issuer,
        "franceconnect_client_id": "preau",
        "franceconnect_client_secret_file": secret_file,
    }
    return settings.model_copy(update=changes)


class Browser:
    """One browser, with its cookies, that follows nothing by itself."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.base = str(door.client.make_url("/")).rstrip("/")

    async def see(self, address: str) -> tuple[int, str]:
        """Status and text, or where it is sent."""
        url = address if address.startswith("http") else f"{self.base}{address}"
        async with self.session.get(URL(url, encoded=True), allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()

    async def send(self, path: str, form: dict[str, str], **headers: str) -> tuple[int, str]:
        sent = {"Sec-Fetch-Site": "same-origin", **headers}
        async with self.session.post(f"{self.base}{path}", data=form, headers=sent, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()

    async def form_of(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's last form."""
        status, text = await self.see(path)
        assert status == 200, text
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
        return {name: unescape(value) for name, value in found}

    async def choose(self, at_provider: str, person: str) -> str:
        """The button pressed there; the address here it leads to."""
        async with self.session.post(
            URL(at_provider, encoded=True), data={"personne": person}, allow_redirects=False
        ) as answer:
            assert answer.status == 303, await answer.text()
            back = answer.headers["Location"]
        assert back.startswith(f"{CALLBACK}?")
        return back.removeprefix(PUBLIC)

    async def franceconnect(self, person: str, next_page: str = GOING) -> tuple[int, str]:
        """There and back."""
        status, address = await self.see(f"/oauth/franceconnect/start?next={next_page}")
        assert status == 303, address
        return await self.see(await self.choose(address, person))

    async def sign_in(self, next_page: str = GOING) -> tuple[int, str]:
        form = await self.form_of(f"/oauth/sign-in?next={next_page}")
        typed = {"form": form["form"], "next": next_page, "email": MAIL, "password": PASSWORD}
        return await self.send("/oauth/sign-in", typed)

    async def is_in(self) -> bool:
        status, _ = await self.see(GOING)
        return status == 200


@pytest.fixture
async def browser(door: Door) -> AsyncIterator[Browser]:
    browser = Browser(door)
    yield browser
    await browser.session.close()


async def methods(door: Door) -> list[list[str]]:
    return [sorted(one["methods"]) async for one in door.db["sessions"].find({}, sort=[("opened_at", 1)])]


async def adopted(door: Door, browser: Browser, person: str = CLAIRE, **changes: str) -> tuple[int, str]:
    """Somebody unknown comes, and types the code of the family's letter."""
    code = await door.invited()
    assert await browser.franceconnect(person) == (303, "/oauth/franceconnect/newcomer")
    form = await browser.form_of("/oauth/franceconnect/newcomer")
    typed = {"form": form["form"], "code": code, **CODE_FORM, **changes}
    return await browser.send("/oauth/franceconnect/newcomer", typed)


async def test_the_sign_in_page_offers_franceconnect(browser: Browser) -> None:
    _, text = await browser.see("/oauth/sign-in?next=/oauth/passkeys")

    assert "/oauth/franceconnect/start?next=" in text


async def test_somebody_unknown_is_greeted_and_asked_for_a_code_or_an_account(browser: Browser) -> None:
    assert await browser.franceconnect(CLAIRE) == (303, "/oauth/franceconnect/newcomer")

    status, text = await browser.see("/oauth/franceconnect/newcomer")

    assert status == 200
    assert "Claire Lefèvre" in text
    assert not await browser.is_in()


async def test_the_code_makes_an_account_that_franceconnect_opens_from_then_on(door: Door, browser: Browser) -> None:
    assert await adopted(door, browser) == (303, GOING)
    assert await browser.is_in()

    other = Browser(door)
    assert await other.franceconnect(CLAIRE) == (303, GOING)
    assert await other.is_in()
    await other.session.close()

    account = await door.db["accounts"].find_one({"email": MAIL})
    assert account
    assert account["first_name"] == "Claire"
    assert (await methods(door))[-1] == ["franceconnect"]
    assert len(await door.told("identity.adhesion_joined.v1")) == 1
    assert [one["data"]["kind"] for one in await door.told("identity.security_noticed.v1")] == ["franceconnect_linked"]


async def test_the_second_guardian_becomes_the_second_guardian(door: Door, browser: Browser) -> None:
    assert await adopted(door, browser, THOMAS) == (303, GOING)

    account = await door.db["accounts"].find_one({"email": MAIL})
    household = await door.db["households"].find_one({})
    assert account
    assert household
    assert account["first_name"] == "Thomas"
    assert account["guardian_id"] == household["guardians"][1]["id"]


@pytest.mark.parametrize(
    "changes",
    [{"code": "ZZZZZZZZZ9"}, {"email": "autre@messagerie.example"}, {"password": "azerty"}, {"code": ""}],
)
async def test_a_code_that_is_not_right_says_what_to_do_and_makes_nothing(
    door: Door, browser: Browser, changes: dict[str, str]
) -> None:
    status, text = await adopted(door, browser, **changes)

    assert status in (404, 422)
    assert 'class="problem"' in text
    assert await door.db["accounts"].find_one({"email": MAIL}) is None
    assert await door.db["federated_identities"].find_one({}) is None
    form = await browser.form_of("/oauth/franceconnect/newcomer")
    typed = {"form": form["form"], "code": (await door.codes(MAIL))[-1], **CODE_FORM}
    assert await browser.send("/oauth/franceconnect/newcomer", typed) == (303, GOING)


async def test_an_account_that_exists_is_not_taken_over_by_a_code(door: Door, browser: Browser) -> None:
    await door.joined()
    await browser.franceconnect(CLAIRE)
    form = await browser.form_of("/oauth/franceconnect/newcomer")
    typed = {"form": form["form"], "code": (await door.codes(MAIL))[-1], **CODE_FORM, "password": "x" * 20}

    status, text = await browser.send("/oauth/franceconnect/newcomer", typed)

    assert status == 409
    assert "/oauth/sign-in?next=" in text
    assert await door.db["federated_identities"].find_one({}) is None


async def test_who_has_an_account_signs_in_once_confirms_and_is_linked(door: Door, browser: Browser) -> None:
    await door.joined()
    await browser.franceconnect(CLAIRE)
    assert (await browser.sign_in("/oauth/franceconnect/confirmation"))[1] == "/oauth/franceconnect/confirmation"
    form = await browser.form_of("/oauth/franceconnect/confirmation")
    _, text = await browser.see("/oauth/franceconnect/confirmation")

    done = await browser.send("/oauth/franceconnect/confirmation", {**form, "decision": "link"})

    assert MAIL in text
    assert done == (303, GOING)
    other = Browser(door)
    assert await other.franceconnect(CLAIRE) == (303, GOING)
    await other.session.close()


async def test_who_would_rather_not_goes_on_unlinked(door: Door, browser: Browser) -> None:
    await door.joined()
    await browser.franceconnect(CLAIRE)
    await browser.sign_in("/oauth/franceconnect/confirmation")
    form = await browser.form_of("/oauth/franceconnect/confirmation")

    assert await browser.send("/oauth/franceconnect/confirmation", {**form, "decision": "leave"}) == (303, GOING)

    assert await door.db["federated_identities"].find_one({}) is None
    assert (await browser.see("/oauth/franceconnect/confirmation"))[0] == 403


async def test_a_signed_in_person_links_and_unlinks(door: Door, browser: Browser) -> None:
    await door.joined()
    await browser.sign_in("/oauth/franceconnect/link")
    form = await browser.form_of("/oauth/franceconnect/link")

    status, address = await browser.send("/oauth/franceconnect/link", form)
    back = await browser.see(await browser.choose(address, OTHER))

    assert (status, back) == (303, (303, "/oauth/franceconnect/link"))
    form = await browser.form_of("/oauth/franceconnect/link")
    assert form["federation"].startswith("fed_")
    assert await browser.send("/oauth/franceconnect/unlink", form) == (303, "/oauth/franceconnect/link")
    assert await door.db["federated_identities"].find_one({}) is None


async def test_linking_and_unlinking_need_somebody_signed_in_a_moment_ago(
    door: Door, browser: Browser, clock: MovableClock
) -> None:
    await door.joined()
    to_sign_in = "/oauth/sign-in?next=%2Foauth%2Ffranceconnect%2Flink"
    assert await browser.see("/oauth/franceconnect/link") == (303, to_sign_in)

    await browser.sign_in("/oauth/franceconnect/link")
    form = await browser.form_of("/oauth/franceconnect/link")
    clock.pass_(minutes=10, seconds=1)

    assert await browser.send("/oauth/franceconnect/link", form) == (303, to_sign_in)
    assert await browser.send("/oauth/franceconnect/unlink", {**form, "federation": "fed_x"}) == (303, to_sign_in)


async def test_a_return_is_worth_nothing_in_another_browser_or_a_second_time(door: Door, browser: Browser) -> None:
    await adopted(door, browser)
    victim = Browser(door)
    _, address = await browser.see(f"/oauth/franceconnect/start?next={GOING}")
    back = await browser.choose(address, CLAIRE)

    stolen, _ = await victim.see(back)
    assert (stolen, await victim.is_in()) == (403, False)
    assert (await browser.see(back))[0] == 303
    assert (await browser.see(back))[0] == 403
    await victim.session.close()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "state=x&code=x",
        "error=access_denied",
        "state=&code=",
        "state=x&code=x&iss=https://attacker.example",
    ],
)
async def test_a_return_nobody_waits_for_is_a_page_and_no_sign_in(browser: Browser, query: str) -> None:
    status, text = await browser.see(f"/oauth/franceconnect/callback?{query}")

    assert status == 403
    assert "/oauth/sign-in" in text
    assert not await browser.is_in()


async def test_another_issuer_s_return_is_refused(door: Door, browser: Browser) -> None:
    await adopted(door, browser)
    other = Browser(door)
    _, address = await other.see(f"/oauth/franceconnect/start?next={GOING}")
    back = await other.choose(address, CLAIRE)
    parts = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    mixed = f"/oauth/franceconnect/callback?state={parts['state']}&code={parts['code']}&iss=https://attacker.example"

    status, _ = await other.see(mixed)

    assert (status, await other.is_in()) == (502, False)
    await other.session.close()


async def test_turning_round_leads_back_to_where_one_was_going(browser: Browser) -> None:
    status, text = await browser.franceconnect("")

    assert status == 401
    assert "/oauth/sign-in?next=/oauth/passkeys" in text


@pytest.mark.parametrize(
    "to", ["https://attacker.example/", "//attacker.example", "/oauth//attacker.example", "javascript:x"]
)
async def test_franceconnect_leads_to_no_page_but_ours(door: Door, browser: Browser, to: str) -> None:
    await adopted(door, browser)
    other = Browser(door)

    assert await other.franceconnect(CLAIRE, to) == (303, GOING)
    await other.session.close()


async def test_a_form_of_another_site_links_nothing(door: Door, browser: Browser) -> None:
    await door.joined()
    await browser.franceconnect(CLAIRE)
    await browser.sign_in("/oauth/franceconnect/confirmation")
    form = await browser.form_of("/oauth/franceconnect/confirmation")
    linking = {**form, "decision": "link"}

    foreign = await browser.send("/oauth/franceconnect/confirmation", linking, **{"Sec-Fetch-Site": "cross-site"})
    forged = await browser.send("/oauth/franceconnect/confirmation", {**linking, "form": "x"})

    assert (foreign[0], forged[0]) == (403, 403)
    assert await door.db["federated_identities"].find_one({}) is None


async def test_a_quarter_of_an_hour_later_one_starts_again(door: Door, browser: Browser, clock: MovableClock) -> None:
    await browser.franceconnect(CLAIRE)
    form = await browser.form_of("/oauth/franceconnect/newcomer")
    code = await door.invited()
    clock.pass_(minutes=15)

    assert (await browser.see("/oauth/franceconnect/newcomer"))[0] == 403
    late = await browser.send("/oauth/franceconnect/newcomer", {**form, "code": code, **CODE_FORM})
    assert late[0] == 403
    assert await door.db["accounts"].find_one({"email": MAIL}) is None


async def test_leaving_goes_by_franceconnect_and_comes_back(door: Door, browser: Browser) -> None:
    await adopted(door, browser)
    form = await browser.form_of("/oauth/logout")

    _, address = await browser.send("/oauth/logout/confirmation", form)
    status, back = await browser.see(address)
    home = await browser.see(back.removeprefix(PUBLIC))

    assert "/session/end?" in address
    assert status == 303
    assert back.startswith(f"{LEFT}?state=")
    assert home == (303, "/oauth/signed-out")
    assert not await browser.is_in()


async def test_what_browsers_come_back_with_afterwards_leads_nowhere_else(browser: Browser) -> None:
    for query in ("", "?state=", "?state=https://attacker.example"):
        assert await browser.see(f"/oauth/franceconnect/signed-out{query}") == (303, "/oauth/signed-out")


async def test_while_franceconnect_is_away_the_other_way_stays_open(
    door: Door, browser: Browser, provider: Provider, clock: MovableClock
) -> None:
    client: Any = door.parts.franceconnect.provider
    client._relying = type(client._relying)(**{**vars(client._relying), "issuer": "http://127.0.0.1:1/api/v2"})

    status, text = await browser.see("/oauth/franceconnect/start?next=/oauth/passkeys")

    assert status == 503
    assert "/oauth/sign-in?next=/oauth/passkeys" in text


async def test_with_a_second_factor_franceconnect_alone_neither_signs_in_nor_unlinks(
    door: Door, browser: Browser, clock: MovableClock
) -> None:
    await adopted(door, browser)
    _, session = await door.post("sessions", {"email": MAIL, "password": PASSWORD})
    _, app = await door.post("me/totp", headers=bearer(session))
    code = code_of(app["secret"], step_of(clock().timestamp()))
    assert (await door.post("me/totp/confirmation", {"code": code}, bearer(session)))[0] in (200, 201)

    assert await browser.see("/oauth/franceconnect/link") == (
        303,
        "/oauth/sign-in?next=%2Foauth%2Ffranceconnect%2Flink",
    )
    other = Browser(door)
    status, text = await other.franceconnect(CLAIRE)
    assert status == 200
    assert 'action="/oauth/second-factor"' in text
    assert not await other.is_in()
    await other.session.close()
