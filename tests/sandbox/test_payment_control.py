"""The control API plays the payer; notifications come before, after, never or twice."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from deploy.sandbox.app import Addresses
from tests.sandbox.doubles import FakeMerchant, MovableClock
from tests.sandbox.payfip_client import PayFiPClient

pytestmark = pytest.mark.enable_socket


@pytest.fixture
async def idop(sandbox: Addresses, merchant: FakeMerchant) -> str:
    return await PayFiPClient(sandbox.payment, merchant.url).request()


async def play(player: ClientSession, sandbox: Addresses, idop: str, **wish: str) -> tuple[int, dict[str, Any]]:
    url = f"{sandbox.payment}/sandbox/payments/{idop}/outcome"
    async with player.post(url, json=wish) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        ({}, ["notification", "return"]),
        ({"notify": "before"}, ["notification", "return"]),
        ({"notify": "after"}, ["return", "notification"]),
        ({"notify": "never"}, ["return"]),
        ({"notify": "twice"}, ["notification", "notification", "return"]),
        ({"browser": "closes"}, ["notification"]),
        ({"notify": "never", "browser": "closes"}, []),
    ],
)
async def test_the_calls_come_in_the_chosen_order(
    sandbox: Addresses,
    browser: ClientSession,
    merchant: FakeMerchant,
    idop: str,
    wish: dict[str, str],
    order: list[str],
) -> None:
    status, told = await play(browser, sandbox, idop, result="paid", **wish)
    assert status == 200
    assert [kind for kind, _ in merchant.calls] == order
    assert [(call["kind"], call["status"]) for call in told["calls"]] == [(kind, 200) for kind in order]


async def test_a_notification_carries_the_idop_and_nothing_else(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant, idop: str
) -> None:
    await play(browser, sandbox, idop, result="paid")
    assert merchant.calls == [("notification", f"idop={idop}"), ("return", "payment=pay_1")]


async def test_a_merchant_in_trouble_does_not_lose_the_payment(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant, idop: str
) -> None:
    merchant.status = 503
    _, told = await play(browser, sandbox, idop, result="paid", browser="closes")
    assert (told["resultrans"], told["calls"]) == ("P", [{"kind": "notification", "status": 503}])


async def test_a_merchant_who_is_gone_does_not_lose_the_payment(sandbox: Addresses, browser: ClientSession) -> None:
    idop = await PayFiPClient(sandbox.payment, "http://127.0.0.1:9").request()
    _, told = await play(browser, sandbox, idop, result="paid", browser="closes")
    assert (told["resultrans"], told["calls"]) == ("P", [{"kind": "notification", "status": None}])


async def test_an_abandoned_payment_can_still_be_paid_within_its_quarter_hour(
    sandbox: Addresses, browser: ClientSession, clock: MovableClock, idop: str
) -> None:
    clock.move(timedelta(minutes=3))
    await play(browser, sandbox, idop, result="abandoned")
    clock.move(timedelta(minutes=6))
    status, told = await play(browser, sandbox, idop, result="paid")
    assert (status, told["resultrans"]) == (200, "P")


async def test_a_payment_is_paid_once(sandbox: Addresses, browser: ClientSession, idop: str) -> None:
    await play(browser, sandbox, idop, result="paid")
    status, told = await play(browser, sandbox, idop, result="refused")
    assert (status, told["code"]) == (409, "P3")


async def test_an_idop_lives_a_quarter_of_an_hour(
    sandbox: Addresses, browser: ClientSession, clock: MovableClock, idop: str
) -> None:
    clock.move(timedelta(minutes=15, seconds=1))
    status, told = await play(browser, sandbox, idop, result="paid")
    assert (status, told["code"]) == (409, "P4")


async def test_an_unknown_payment_and_an_unknown_result_are_refused(
    sandbox: Addresses, browser: ClientSession, idop: str
) -> None:
    assert (await play(browser, sandbox, "nobody", result="paid"))[0] == 404
    assert (await play(browser, sandbox, idop, result="stolen"))[0] == 422


async def test_payments_are_listed_newest_first(
    sandbox: Addresses, browser: ClientSession, merchant: FakeMerchant, idop: str
) -> None:
    second = await PayFiPClient(sandbox.payment, merchant.url).request(amount="20.00", refdet="F2")
    async with browser.get(f"{sandbox.payment}/sandbox/payments") as answer:
        payments = (await answer.json())["payments"]
    assert [payment["idop"] for payment in payments] == [second, idop]
    assert (payments[0]["amount_cents"], payments[0]["refdet"], payments[0]["result"]) == (2000, "F2", None)
    assert payments[0]["redirect_url"] == f"{merchant.url}/back?payment=pay_1"
