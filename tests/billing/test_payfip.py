"""The PayFiP adapter against the SOAP stand-in: what it asks, what each answer becomes (golden test G10)."""

from typing import Any

import pytest
from aiohttp import ClientSession

from deploy.sandbox.app import Addresses
from services.billing.app.payfip import PayFiPService
from services.billing.app.paying.providers import Providers, payfip_page
from services.billing.app.secrets import SealedSecrets
from services.billing.app.work import Stores, counter_of, till_of
from services.billing.domain.payfip import Opening, ProviderDown, ProviderRefused
from services.billing.domain.payments import Payment
from services.billing.settings import Settings
from services.billing.usecases.follow_payment import Till, follow_next, follow_soon
from services.billing.usecases.start_payment import Asked, Counter, pay_invoices
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, draft, settings

OPENING = Opening(
    payment_id="pay_1",
    client="012345",
    reference="P2026000123",
    year=2026,
    amount_cents=7055,
    email="claire@courriel.example",
    subject="Sainte-Aurore F2026-000123 été",
)


@pytest.fixture
def there(sandbox: Addresses) -> Settings:
    return settings(
        payfip_endpoint=f"{sandbox.payment}/tpa/services/securite",
        payfip_page=f"{sandbox.payment}/tpa/paiementws.web",
    )


@pytest.fixture
def payfip(there: Settings) -> PayFiPService:
    return PayFiPService(there)


async def play(payer: ClientSession, idop: str, result: str) -> dict[str, Any]:
    wish = {"result": result, "notify": "never", "browser": "closes"}
    async with payer.post(f"/sandbox/payments/{idop}/outcome", json=wish) as answer:
        assert answer.status == 200, await answer.text()
        played: dict[str, Any] = await answer.json()
        return played


async def known(payer: ClientSession, idop: str) -> dict[str, Any]:
    async with payer.get("/sandbox/payments") as answer:
        payments = (await answer.json())["payments"]
    found: dict[str, Any] = next(one for one in payments if one["idop"] == idop)
    return found


async def test_payfip_is_asked_as_its_contract_wants(payfip: PayFiPService, payer: ClientSession) -> None:
    idop = await payfip.open(OPENING)

    asked = await known(payer, idop)
    assert (asked["numcli"], asked["refdet"], asked["amount_cents"]) == ("012345", "P2026000123", 7055)
    assert (asked["saisie"], asked["exer"], asked["mel"]) == ("T", "2026", "claire@courriel.example")
    assert asked["objet"] == "Sainte Aurore F2026 000123 ete"
    assert asked["notification_url"] == "http://127.0.0.1:9/api/v1/payment-notifications/payfip"
    assert asked["redirect_url"] == "http://127.0.0.1:9/api/v1/payment-returns/pay_1"


@pytest.mark.parametrize(
    ("result", "code"),
    [("paid", "P"), ("debited", "V"), ("refused", "R"), ("debit_refused", "Z"), ("abandoned", "A")],
)
async def test_every_result_is_read(payfip: PayFiPService, payer: ClientSession, result: str, code: str) -> None:
    idop = await payfip.open(OPENING)
    await play(payer, idop, result)

    status = await payfip.status(idop)

    assert (status.code, status.amount_cents, status.reference) == (code, 7055, "P2026000123")


async def test_no_result_and_no_payment_are_told_apart(payfip: PayFiPService) -> None:
    assert (await payfip.status(await payfip.open(OPENING))).code == "P5"
    assert (await payfip.status("00000000-0000-4000-8000-000000000000")).code == "P1"


async def test_a_client_number_payfip_does_not_know_is_refused_with_its_code(payfip: PayFiPService) -> None:
    unknown = Opening(**{**vars(OPENING), "client": "999999"})

    with pytest.raises(ProviderRefused) as refusal:
        await payfip.open(unknown)
    assert refusal.value.facts["code"] == "T2"


async def test_a_payfip_that_does_not_answer_is_down() -> None:
    nobody = PayFiPService(settings(payfip_endpoint="http://127.0.0.1:9/tpa"))

    with pytest.raises(ProviderDown):
        await nobody.open(OPENING)
    with pytest.raises(ProviderDown):
        await nobody.status("idop")


async def test_an_answer_that_is_no_soap_is_down(sandbox: Addresses) -> None:
    elsewhere = PayFiPService(settings(payfip_endpoint=f"{sandbox.payment}/tpa/paiementws.web"))

    with pytest.raises(ProviderDown):
        await elsewhere.open(OPENING)


def test_the_page_is_named_by_its_idop() -> None:
    assert payfip_page(settings(), "a b") == "https://www.payfip.gouv.fr/tpa/paiementws.web?idop=a+b"


@pytest.fixture
def counter(town: Stores, there: Settings, clock: MovableClock) -> Counter:
    providers = Providers(there, SealedSecrets(""), clock)
    return counter_of(town, till_of(town, providers, clock), providers.page)


@pytest.fixture
def till(counter: Counter) -> Till:
    return counter.till


@pytest.fixture
async def payment(town: Stores, counter: Counter) -> Payment:
    invoice = await town.invoices.issue(draft())
    return await pay_invoices(
        [invoice.id], Asked(household_id=HOUSEHOLD_ID, key="key-0000001", fingerprint="f"), counter=counter
    )


async def notified(town: Stores, till: Till, payment: Payment) -> str:
    await town.payments.check_now(payment.idop or "", till.clock())
    while await follow_next(till):
        pass
    return (await town.payments.reload(payment)).state


async def returned(till: Till, payment: Payment) -> str:
    return (await follow_soon(payment, till, 8.0)).state


async def test_the_notification_comes_before_the_browser(
    town: Stores, till: Till, payment: Payment, payer: ClientSession
) -> None:
    await play(payer, payment.idop or "", "paid")

    assert await notified(town, till, payment) == "paid"
    assert await returned(till, await town.payments.reload(payment)) == "paid"
    assert (await town.invoices.of_household(HOUSEHOLD_ID))[0].state == "paid"


async def test_the_browser_comes_before_the_notification(
    town: Stores, till: Till, payment: Payment, payer: ClientSession
) -> None:
    await play(payer, payment.idop or "", "paid")

    assert await returned(till, payment) == "paid"
    assert await notified(town, till, payment) == "paid"


async def test_without_notification_nor_browser_the_clock_settles(
    town: Stores, till: Till, payment: Payment, payer: ClientSession, clock: MovableClock
) -> None:
    await play(payer, payment.idop or "", "paid")
    clock.move(minutes=1)

    assert await follow_next(till)
    assert (await town.invoices.of_household(HOUSEHOLD_ID))[0].state == "paid"


async def test_a_second_notification_changes_nothing(
    town: Stores, till: Till, payment: Payment, payer: ClientSession
) -> None:
    await play(payer, payment.idop or "", "paid")
    await notified(town, till, payment)
    settled = await town.payments.reload(payment)

    await notified(town, till, payment)

    assert await town.payments.reload(payment) == settled


async def test_a_refused_card(town: Stores, till: Till, payment: Payment, payer: ClientSession) -> None:
    await play(payer, payment.idop or "", "refused")

    assert await notified(town, till, payment) == "refused"


async def test_abandoned_at_minute_3_then_paid_at_minute_9(
    town: Stores, till: Till, payment: Payment, payer: ClientSession, clock: MovableClock
) -> None:
    clock.move(minutes=3)
    await play(payer, payment.idop or "", "abandoned")
    assert await notified(town, till, payment) == "pending"

    clock.move(minutes=6)
    await play(payer, payment.idop or "", "paid")
    assert await notified(town, till, payment) == "paid"


async def test_no_result_at_minute_25_is_expired(
    town: Stores, till: Till, payment: Payment, clock: MovableClock
) -> None:
    clock.move(minutes=25)

    assert await notified(town, till, payment) == "expired"


async def test_a_payment_payfip_forgot_is_expired(
    town: Stores, till: Till, payment: Payment, clock: MovableClock
) -> None:
    clock.move(hours=25)

    assert await notified(town, till, payment) == "expired"
