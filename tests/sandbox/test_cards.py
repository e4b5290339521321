"""The card provider's stand-in: what it takes for a signed form, and the words it sends."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientResponse, ClientSession

from deploy.sandbox.app import Addresses
from deploy.sandbox.payment.cards.words import signature_of
from tests.sandbox.doubles import FakeMerchant, MovableClock
from tests.sandbox.payfip_client import PayFiPClient

pytestmark = pytest.mark.enable_socket

KEY = "preau-sandbox-card-key"


def form(merchant: FakeMerchant, **changed: str) -> dict[str, str]:
    fields = {
        "vads_site_id": "12345678",
        "vads_ctx_mode": "TEST",
        "vads_currency": "978",
        "vads_order_id": "P0123",
        "vads_trans_id": "abcdef",
        "vads_trans_date": "20261201090000",
        "vads_amount": "1230",
        "vads_action_mode": "INTERACTIVE",
        "vads_page_action": "PAYMENT",
        "vads_url_return": f"{merchant.url}/back?payment=pay_1",
        "vads_url_check": f"{merchant.url}/notify",
        "vads_version": "V2",
        **changed,
    }
    return {**fields, "signature": signature_of(fields, KEY)}


async def bring(browser: ClientSession, sandbox: Addresses, fields: dict[str, str]) -> tuple[int, str]:
    async with browser.post(f"{sandbox.payment}/vads-payment/", data=fields) as page:
        return page.status, await page.text()


async def press(browser: ClientSession, sandbox: Addresses, choice: str) -> ClientResponse:
    sent = {"transaction": "20261201090000_abcdef", "choix": choice}
    return await browser.post(f"{sandbox.payment}/vads-payment/choix", data=sent, allow_redirects=False)


async def play(visitor: ClientSession, sandbox: Addresses, **wish: Any) -> tuple[int, dict[str, Any]]:
    url = f"{sandbox.payment}/sandbox/card-payments/20261201090000_abcdef/outcome"
    async with visitor.post(url, json=wish) as answer:
        return answer.status, await answer.json()


async def test_a_signed_form_shows_the_page_and_the_same_form_the_same_payment(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant
) -> None:
    first, second = [await bring(browser, sandbox, form(merchant)) for _ in range(2)]

    assert first == second
    assert first[0] == 200
    assert "12,30\xa0€" in first[1]
    async with browser.get(f"{sandbox.payment}/sandbox/card-payments") as listed:
        (one,) = (await listed.json())["payments"]
    assert (one["name"], one["shop"], one["amount_cents"]) == ("20261201090000_abcdef", "12345678", 1230)


async def test_a_form_that_is_not_signed_or_not_whole_is_refused(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant
) -> None:
    changed = {**form(merchant), "vads_amount": "1"}
    unsigned = {name: value for name, value in form(merchant).items() if name != "signature"}
    for wrong in (changed, unsigned, form(merchant, vads_trans_id="abc"), form(merchant, vads_amount="1.00")):
        status, page = await bring(browser, sandbox, wrong)
        assert (status, "C1" in page) == (409, True)


async def test_a_pressed_button_tells_the_merchant_a_signed_word_and_sends_it_with_the_browser(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant
) -> None:
    await bring(browser, sandbox, form(merchant))

    back = await press(browser, sandbox, "payer")

    ((kind, told),) = merchant.calls
    word = {name: values[0] for name, values in parse_qs(told, keep_blank_values=True).items()}
    assert (back.status, kind) == (303, "notification")
    gone = urlsplit(back.headers["Location"])
    assert f"{gone.scheme}://{gone.netloc}{gone.path}" == f"{merchant.url}/back"
    assert parse_qs(gone.query, keep_blank_values=True) == {
        "payment": ["pay_1"],
        **parse_qs(told, keep_blank_values=True),
    }
    assert (word["vads_trans_status"], word["vads_result"], word["vads_amount"]) == ("AUTHORISED", "00", "1230")
    assert word["signature"] == signature_of(word, KEY)
    assert (await press(browser, sandbox, "payer")).status == 409
    assert (await press(browser, sandbox, "offrir")).status == 400


@pytest.mark.parametrize(
    ("choice", "status", "calls"),
    [("refuser", "REFUSED", 1), ("abandonner", "ABANDONED", 1), ("payer-deux-avis", "AUTHORISED", 2)],
)
async def test_every_button_has_its_outcome(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant, choice: str, status: str, calls: int
) -> None:
    await bring(browser, sandbox, form(merchant))
    await press(browser, sandbox, choice)

    assert [f"vads_trans_status={status}" in told for _, told in merchant.calls] == [True] * calls


async def test_odd_words_on_demand(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant, clock: MovableClock
) -> None:
    assert (await play(browser, sandbox, result="paid"))[0] == 404
    await bring(browser, sandbox, form(merchant))
    _, refused = await play(browser, sandbox, result="refused", forged=True, names="unknown", browser="closes")
    assert refused["word"]["signature"] != signature_of(refused["word"], KEY)
    assert refused["word"]["vads_order_id"] != "P0123"
    clock.move(timedelta(minutes=11))
    assert (await play(browser, sandbox, result="paid"))[1]["code"] == "P4"

    status, late = await play(browser, sandbox, result="paid", late=True, amount_cents=1, notify="never")

    assert (status, late["word"]["vads_amount"]) == (200, "1")
    assert [call["kind"] for call in late["calls"]] == ["return"]


async def test_payfip_too_pays_late_another_amount_and_names_unknown_payments(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant, clock: MovableClock
) -> None:
    payfip = PayFiPClient(sandbox.payment, merchant.url)
    idop = await payfip.request()
    clock.move(timedelta(minutes=16))
    url = f"{sandbox.payment}/sandbox/payments/{idop}/outcome"
    wish = {"result": "paid", "late": True, "amount_cents": 1, "names": "unknown", "browser": "closes"}
    async with browser.post(url, json=wish) as answer:
        assert answer.status == 200

    ((_, told),) = merchant.calls
    assert told.startswith("idop=")
    assert idop not in told
    assert (await payfip.info(idop)).montant == "1"


async def test_a_bank_that_is_down_answers_nothing_until_it_is_up_again(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant
) -> None:
    async def down(*, wanted: bool) -> Any:
        async with browser.post(f"{sandbox.payment}/sandbox/bank", json={"down": wanted}) as answer:
            return await answer.json()

    assert await down(wanted=True) == {"down": True}
    assert (await bring(browser, sandbox, form(merchant)))[0] == 503
    async with browser.post(f"{sandbox.payment}/tpa/services/securite", data=b"") as soap:
        assert soap.status == 503
    async with browser.post(f"{sandbox.payment}/sandbox/bank", data=b"{}x") as wrong:
        assert wrong.status == 422
    await down(wanted=False)
    assert (await bring(browser, sandbox, form(merchant)))[0] == 200
