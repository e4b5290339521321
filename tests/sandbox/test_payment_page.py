"""The payment page as a browser without scripts uses it."""

from datetime import timedelta

import pytest
from aiohttp import ClientResponse, ClientSession

from deploy.sandbox.app import Addresses
from tests.sandbox.doubles import FakeMerchant, MovableClock
from tests.sandbox.payfip_client import PayFiPClient

pytestmark = pytest.mark.enable_socket


@pytest.fixture
async def idop(sandbox: Addresses, merchant: FakeMerchant) -> str:
    return await PayFiPClient(sandbox.payment, merchant.url).request()


async def press(browser: ClientSession, sandbox: Addresses, idop: str, choice: str) -> ClientResponse:
    form = {"idop": idop, "choix": choice}
    return await browser.post(f"{sandbox.payment}/tpa/paiementws.web", data=form, allow_redirects=False)


async def test_the_page_shows_what_is_to_be_paid_in_french(
    sandbox: Addresses, browser: ClientSession, idop: str
) -> None:
    async with browser.get(f"{sandbox.payment}/tpa/paiementws.web", params={"idop": idop}) as answer:
        text = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    assert "12,30\xa0€" in text
    assert all(button in text for button in ("Payer", "Refuser", "Abandonner"))
    assert not any(inline in text for inline in ("<script", "style="))
    assert "unsafe" not in policy


@pytest.mark.parametrize(("choice", "result"), [("payer", "P"), ("refuser", "R"), ("abandonner", "A")])
async def test_a_pressed_button_notifies_then_sends_the_browser_back(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant, idop: str, choice: str, result: str
) -> None:
    answer = await press(browser, sandbox, idop, choice)
    assert (answer.status, answer.headers["Location"]) == (303, f"{merchant.url}/back?payment=pay_1")
    assert merchant.calls == [("notification", f"idop={idop}")]
    async with browser.get(f"{sandbox.payment}/sandbox/payments") as listed:
        assert (await listed.json())["payments"][0]["resultrans"] == result


async def test_a_refused_card_can_be_tried_again_but_a_paid_page_is_over(
    sandbox: Addresses, browser: ClientSession, idop: str
) -> None:
    statuses = [(await press(browser, sandbox, idop, choice)).status for choice in ("refuser", "payer", "payer")]
    assert statuses == [303, 303, 409]


async def test_unknown_and_old_pages_say_so(
    sandbox: Addresses, browser: ClientSession, clock: MovableClock, idop: str
) -> None:
    url = f"{sandbox.payment}/tpa/paiementws.web"
    clock.move(timedelta(minutes=16))
    async with browser.get(url, params={"idop": idop}) as old, browser.get(url) as unknown:
        assert (old.status, unknown.status) == (410, 404)
        assert "P4" in await old.text()
        assert "P1" in await unknown.text()


async def test_an_unknown_button_is_refused(sandbox: Addresses, browser: ClientSession, idop: str) -> None:
    assert (await press(browser, sandbox, idop, "offrir")).status == 400
