"""The SOAP contract, seen by eopayment itself."""

from datetime import timedelta

import eopayment
import pytest
from aiohttp import ClientSession
from eopayment.payfip_ws import PayFiPError

from deploy.sandbox.app import Addresses
from tests.sandbox.doubles import FakeMerchant, MovableClock
from tests.sandbox.payfip_client import PayFiPClient

pytestmark = pytest.mark.enable_socket


@pytest.fixture
async def payfip(sandbox: Addresses, merchant: FakeMerchant) -> PayFiPClient:
    return PayFiPClient(sandbox.payment, merchant.url)


async def play(player: ClientSession, sandbox: Addresses, idop: str, **wish: str) -> int:
    url = f"{sandbox.payment}/sandbox/payments/{idop}/outcome"
    async with player.post(url, json=wish) as answer:
        return answer.status


async def test_a_payment_nobody_made_yet_is_waiting(payfip: PayFiPClient) -> None:
    assert (await payfip.status(await payfip.request())).result == eopayment.WAITING


async def test_an_unknown_payment_is_expired(payfip: PayFiPClient) -> None:
    assert (await payfip.status("never-given")).result == eopayment.EXPIRED


@pytest.mark.parametrize(
    ("result", "expected", "told"),
    [
        ("paid", eopayment.PAID, "paid CB"),
        ("debited", eopayment.PAID, "paid direct debit"),
        ("refused", eopayment.DENIED, "refused CB"),
        ("debit_refused", eopayment.DENIED, "refused direct debit"),
    ],
)
async def test_the_result_the_payer_chose_is_told(
    payfip: PayFiPClient, browser: ClientSession, sandbox: Addresses, result: str, expected: int, told: str
) -> None:
    idop = await payfip.request()
    await play(browser, sandbox, idop, result=result)
    status = await payfip.status(idop)
    assert (status.result, status.bank_status, status.order_id, status.test) == (expected, told, idop, True)


async def test_an_abandoned_payment_waits_two_minutes_then_is_cancelled(
    payfip: PayFiPClient, browser: ClientSession, sandbox: Addresses, clock: MovableClock
) -> None:
    fresh, old = await payfip.request(), await payfip.request()
    await play(browser, sandbox, fresh, result="abandoned")
    clock.move(timedelta(minutes=-5))
    await play(browser, sandbox, old, result="abandoned")
    assert (await payfip.status(fresh)).result == eopayment.WAITING
    assert (await payfip.status(old)).result == eopayment.CANCELLED


async def test_a_told_payment_carries_what_was_asked_and_when_it_happened_in_paris(
    payfip: PayFiPClient, browser: ClientSession, sandbox: Addresses, clock: MovableClock
) -> None:
    clock.now = clock.now.replace(year=2026, month=7, day=1, hour=22, minute=30)
    idop = await payfip.request()
    await play(browser, sandbox, idop, result="paid")
    told = (await payfip.status(idop)).bank_data
    assert (told["dattrans"], told["heurtrans"]) == ("02072026", "0030")
    assert (told["montant"], told["refdet"], told["exer"]) == ("1230", "F2026000123", "2026")
    assert (told["numcli"], told["objet"]) == ("012345", "Cantine ecole novembre")
    assert told["numauto"]


async def test_a_payment_without_result_stays_unknown_until_it_is_forgotten_after_a_day(
    payfip: PayFiPClient, clock: MovableClock
) -> None:
    idop = await payfip.request()
    clock.move(timedelta(minutes=25))
    with pytest.raises(PayFiPError, match="P5"):
        await payfip.info(idop)
    clock.move(timedelta(hours=24))
    with pytest.raises(PayFiPError, match="P1"):
        await payfip.info(idop)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"numcli": "12345"}, "T1"),
        ({"numcli": "999001"}, "T2"),
        ({"saisie": "Z"}, "S1"),
        ({"exer": "26"}, "E1"),
        ({"refdet": "F-2026-1"}, "R3"),
        ({"refdet": "F" * 31}, "R3"),
        ({"montant": "12.30"}, "M1"),
        ({"montant": "99"}, "M3"),
        ({"montant": "10000001"}, "M5"),
        ({"mel": None}, "A1"),
        ({"mel": "claire"}, "A2"),
        ({"mel": "c" * 80 + "@courriel.example"}, "A2"),
        ({"url_notification": "ftp://nowhere"}, "N1"),
        ({"url_redirect": ""}, "D1"),
    ],
)
async def test_what_payfip_refuses_is_a_functional_fault_with_its_code(
    payfip: PayFiPClient, wrong: dict[str, str | None], code: str
) -> None:
    with pytest.raises(PayFiPError) as refused:
        await payfip.create(**wrong)
    assert refused.value.code == code
    assert refused.value.message


@pytest.mark.parametrize("cents", ["100", "10000000"])
async def test_the_bounds_of_the_amount_are_accepted(payfip: PayFiPClient, cents: str) -> None:
    assert await payfip.create(montant=cents)


async def test_a_cash_office_finds_its_own_details(payfip: PayFiPClient) -> None:
    assert (await payfip.client_details("012345")).numcli == "012345"
    with pytest.raises(PayFiPError, match="T2"):
        await payfip.client_details("999999")


@pytest.mark.parametrize("body", [b"", b"<not-soap", b"<a/>", b"<!DOCTYPE a><a/>"])
async def test_what_is_not_soap_gets_a_protocol_fault(sandbox: Addresses, browser: ClientSession, body: bytes) -> None:
    async with browser.post(f"{sandbox.payment}/tpa/services/securite", data=body) as answer:
        assert answer.status == 500
        assert "S:Client" in await answer.text()
