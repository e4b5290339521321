"""Paying by card: the signed form, the provider's page, and its word, true, repeated, forged or about other things."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer, unused_port

from deploy.sandbox.app import Addresses
from deploy.sandbox.payment.cards.words import CardPayment, signature_of, word_of
from deploy.sandbox.payment.wishes import Wish
from services.billing.app import FOLDER, let_nudge, share
from services.billing.app.arrears import share_arrears
from services.billing.app.loops import Loop
from services.billing.app.paying.cards import CardKey, CardPages
from services.billing.app.paying.providers import Providers
from services.billing.app.secrets import SealedSecrets
from services.billing.app.work import Stores, card_desk_of, counter_of, till_of
from services.billing.domain.invoices import followed
from services.billing.domain.paying.accounts import Account
from services.billing.domain.paying.beginning import for_invoices
from services.billing.domain.payments import decide
from services.billing.domain.payments import opened as attempted
from services.billing.domain.treasury.collection import CollectionOrder, Owed
from services.billing.http import ROUTES, parts
from services.billing.store.documents import to_document
from services.billing.usecases.follow_payment import Till, follow_next
from shared.auth import Role
from shared.mongo import Database
from shared.service import new_app
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, NOW, OFFICE, TOWN_ID, draft, invoice, settings
from tests.billing.telling import told_by
from tests.callers import Issuer

Site = TestClient[Any, Any]
SHOP, KEY = "12345678", "preau-sandbox-card-key"
ACCOUNT = f"/api/v1/cash-offices/{OFFICE.id}/payment-provider"
NOTIFICATION = "/api/v1/payment-notifications/card"
PORTAL = "https://preau.example"


@pytest.fixture
async def issuer(clock: MovableClock) -> AsyncIterator[Issuer]:
    issuer = Issuer(clock, lifetime=10**8)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
def alerts() -> list[str]:
    return []


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
async def site(
    town: Stores, sandbox: Addresses, issuer: Issuer, clock: MovableClock, alerts: list[str], notes: list[str]
) -> AsyncIterator[Site]:
    """Where the provider's calls arrive too."""
    port = unused_port()
    chosen = settings(
        gateway_url=f"http://127.0.0.1:{port}", portal_url=PORTAL, card_page=f"{sandbox.payment}/vads-payment/"
    )
    secrets = SealedSecrets(f"k1:{'0a' * 32}")
    providers = Providers(chosen, secrets, clock)
    till = replace(till_of(town, providers, clock), alert=lambda name, **_: alerts.append(name))
    app = new_app("billing", FOLDER, ROUTES, issuer.tokens(), clock)
    share(app, town, counter_of(town, till, providers.page), chosen)
    share_arrears(app, town, clock)
    app[parts.SECRETS] = secrets
    app[parts.CARDS] = replace(card_desk_of(town, till, providers), note=lambda name, **_: notes.append(name))

    async def nothing() -> None: ...

    let_nudge(app, *(Loop(name, nothing, 60.0) for name in ("payments", "months", "prices")))
    async with TestClient(TestServer(app, port=port)) as client:
        yield client


@pytest.fixture
def till(site: Site) -> Till:
    assert site.app
    return site.app[parts.COUNTER].till


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN_ID, Role.MANAGER)


@pytest.fixture
def parent(issuer: Issuer) -> dict[str, str]:
    return issuer.guardian(HOUSEHOLD_ID, TOWN_ID)


CARD = {"kind": "systempay", "client": SHOP, "mode": "test", "key": KEY, "partial": True}


async def choose(site: Site, manager: dict[str, str], version: int = 0, **changed: Any) -> Any:
    wanted = {name: value for name, value in {**CARD, **changed}.items() if value is not None}
    return await site.put(ACCOUNT, json=wanted, headers={**manager, "If-Match": f'"{version}"'})


async def begin(site: Site, town: Stores, manager: dict[str, str], parent: dict[str, str], **body: Any) -> Any:
    """A payment of a new invoice by card, with its page not yet opened."""
    assert (await choose(site, manager)).status == 200
    invoice = await town.invoices.issue(draft())
    asked = {"invoice_ids": [invoice.id], **body}
    answer = await site.post("/api/v1/payments", json=asked, headers={**parent, "Idempotency-Key": "key-0000001"})
    assert answer.status == 201, await answer.text()
    return await answer.json()


async def form_of(site: Site, payment: Any) -> tuple[str, dict[str, str]]:
    """What the payer's browser would send: where, and which fields."""
    answer = await site.get(f"/api/v1/payment-pages/{payment['payment_id']}")
    text = await answer.text()
    assert answer.status == 200, text
    (action,) = re.findall(r'action="([^"]+)"', text)
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)
    return unescape(action), {unescape(name): unescape(value) for name, value in fields}


async def opened(site: Site, payer: ClientSession, payment: Any) -> str:
    """The provider's name of the transaction, once the browser brought the form."""
    action, fields = await form_of(site, payment)
    async with payer.post(action, data=fields) as page:
        assert page.status == 200, await page.text()
    return f"{fields['vads_trans_date']}_{fields['vads_trans_id']}"


async def play(payer: ClientSession, name: str, **wish: Any) -> Any:
    async with payer.post(f"/sandbox/card-payments/{name}/outcome", json=wish) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def state(site: Site, parent: dict[str, str], payment: Any) -> str:
    shown = await site.get(f"/api/v1/payments/{payment['payment_id']}", headers=parent)
    return str((await shown.json())["state"])


async def events(db: Database) -> list[str]:
    return [type(event).__name__ for event in await told_by(db, "payments")]


async def test_a_manager_chooses_a_card_provider_and_its_key_is_never_shown(
    site: Site, db: Database, manager: dict[str, str]
) -> None:
    before = await site.get(ACCOUNT, headers=manager)
    assert (await before.json())["kind"] == "payfip"
    chosen = await choose(site, manager)

    shown = await (await site.get(ACCOUNT, headers=manager)).json()

    assert chosen.headers["ETag"] == '"1"'
    assert shown == {
        "cash_office_id": OFFICE.id,
        "kind": "systempay",
        "client": SHOP,
        "mode": "test",
        "partial": True,
        "has_key": True,
        "notification_url": str(site.make_url(NOTIFICATION)),
        "version": 1,
    }
    stored = await db["payment_accounts"].find_one({"_id": OFFICE.id})
    assert KEY not in str(stored)
    assert (await choose(site, manager, 1, key=None, partial=False)).status == 200
    assert (await choose(site, manager, 2, key=None, mode="production")).status == 409
    assert (await choose(site, manager, 1)).status == 412
    none = await site.put(ACCOUNT, json={"kind": "none"}, headers={**manager, "If-Match": '"2"'})
    assert (await none.json())["kind"] == "none"


async def test_an_account_of_another_shape_is_refused(site: Site, manager: dict[str, str]) -> None:
    wrongs: list[dict[str, Any]] = [
        {"client": "123"},
        {"client": {"$ne": ""}},
        {"mode": "activation"},
        {"kind": "paybox"},
        {"key": "short"},
        {"key": "naïve-key-é"},
        {"more": 1},
    ]
    assert {(await choose(site, manager, **wrong)).status for wrong in wrongs} == {422}


async def test_only_managers_of_the_town_choose(site: Site, issuer: Issuer, parent: dict[str, str]) -> None:
    cashier = issuer.agent(TOWN_ID, Role.CASHIER)
    elsewhere = issuer.agent("le-val-dore", Role.MANAGER)

    assert (await choose(site, cashier)).status == 403
    assert {(await choose(site, elsewhere)).status, (await choose(site, parent)).status} <= {403, 404}
    assert (await site.get(ACCOUNT, headers=cashier)).status == 200
    unknown = ACCOUNT.replace("restauration", "perdue")
    assert (await site.get(unknown, headers=issuer.agent(TOWN_ID, Role.MANAGER))).status == 404


async def test_the_page_leads_to_the_provider_with_a_signed_form_that_names_nobody(
    site: Site, town: Stores, manager: dict[str, str], parent: dict[str, str], payer: ClientSession
) -> None:
    payment = await begin(site, town, manager, parent)
    assert payment["redirect_url"] == str(site.make_url(f"/api/v1/payment-pages/{payment['payment_id']}"))

    action, fields = await form_of(site, payment)
    again = await form_of(site, payment)

    assert action.endswith("/vads-payment/")
    assert (fields["vads_amount"], fields["vads_currency"], fields["vads_site_id"]) == ("7055", "978", SHOP)
    assert (fields["vads_ctx_mode"], fields["vads_trans_date"]) == ("TEST", "20261201090000")
    assert fields["signature"] == signature_of(fields, KEY)
    assert not [name for name in fields if name.startswith("vads_cust_") and name != "vads_cust_country"]
    # A page opened twice is one transaction there.
    assert again == (action, fields)
    await opened(site, payer, payment)


async def test_the_page_closes_and_leads_back_to_the_portal(
    site: Site, town: Stores, manager: dict[str, str], parent: dict[str, str], clock: MovableClock
) -> None:
    payment = await begin(site, town, manager, parent)
    clock.move(minutes=15)

    late = await site.get(f"/api/v1/payment-pages/{payment['payment_id']}", allow_redirects=False)
    unknown = await site.get("/api/v1/payment-pages/pay_unknown", allow_redirects=False)

    assert (late.status, late.headers["Location"]) == (303, f"{PORTAL}/payments/{payment['payment_id']}")
    assert (unknown.status, unknown.headers["Location"]) == (303, f"{PORTAL}/")


@pytest.mark.parametrize(
    "wish",
    [
        {"notify": "before"},
        {"notify": "after"},
        {"notify": "twice"},
        {"browser": "closes"},
        {"notify": "never"},
    ],
)
async def test_a_card_payment_settles_once_whoever_tells(
    site: Site,
    town: Stores,
    db: Database,
    manager: dict[str, str],
    parent: dict[str, str],
    payer: ClientSession,
    wish: dict[str, str],
) -> None:
    payment = await begin(site, town, manager, parent)
    name = await opened(site, payer, payment)

    played = await play(payer, name, result="paid", **wish)

    assert {call["status"] for call in played["calls"]} <= {200, 303}
    assert await state(site, parent, payment) == "paid"
    assert await events(db) == ["InvoicesPaid"]
    assert (await town.invoices.of_household(HOUSEHOLD_ID))[0].state == "paid"
    # Replayed by whoever saw it.
    assert (await site.post(NOTIFICATION, data=played["word"])).status == 200
    assert await events(db) == ["InvoicesPaid"]


@pytest.mark.parametrize(("result", "ends"), [("refused", "refused"), ("abandoned", "abandoned")])
async def test_no_money_ends_the_attempt_at_once(
    site: Site,
    town: Stores,
    manager: dict[str, str],
    parent: dict[str, str],
    payer: ClientSession,
    result: str,
    ends: str,
) -> None:
    payment = await begin(site, town, manager, parent)
    await play(payer, await opened(site, payer, payment), result=result)

    assert await state(site, parent, payment) == ends
    assert await town.payments.live(HOUSEHOLD_ID) == []


async def test_silence_ends_it_after_half_an_hour_and_late_money_still_counts(
    site: Site,
    town: Stores,
    db: Database,
    manager: dict[str, str],
    parent: dict[str, str],
    payer: ClientSession,
    clock: MovableClock,
    till: Till,
) -> None:
    payment = await begin(site, town, manager, parent)
    name = await opened(site, payer, payment)
    clock.move(minutes=30)
    assert await follow_next(till)
    assert await state(site, parent, payment) == "expired"

    await play(payer, name, result="paid", late=True)

    assert await state(site, parent, payment) == "paid"
    assert await events(db) == ["PaymentFailed", "InvoicesPaid"]


async def test_another_amount_is_for_people(
    site: Site,
    town: Stores,
    manager: dict[str, str],
    parent: dict[str, str],
    payer: ClientSession,
    alerts: list[str],
) -> None:
    payment = await begin(site, town, manager, parent)
    await play(payer, await opened(site, payer, payment), result="paid", amount_cents=5000)

    assert await state(site, parent, payment) == "review"
    assert alerts == ["payment_to_review"]
    (review,) = await (await site.get(f"/api/v1/payment-reviews?municipality_id={TOWN_ID}", headers=manager)).json()
    assert (review["payment_id"], review["why"]) == (payment["payment_id"], "other-amount")
    assert (review["amount_cents"], review["told_cents"]) == (7055, 5000)


async def decide_on(site: Site, who: dict[str, str], payment: Any, key: str = "decision-1", **body: Any) -> Any:
    path = f"/api/v1/payment-reviews/{payment['payment_id']}/resolution?municipality_id={TOWN_ID}"
    return await site.post(path, json=body, headers={**who, "Idempotency-Key": key})


async def test_an_agent_accepts_the_money_that_came_once(
    site: Site,
    town: Stores,
    db: Database,
    issuer: Issuer,
    manager: dict[str, str],
    parent: dict[str, str],
    payer: ClientSession,
) -> None:
    payment = await begin(site, town, manager, parent)
    await play(payer, await opened(site, payer, payment), result="paid", amount_cents=5000)
    accept = {"decision": "accept", "amount_cents": 5000, "reason": "Vu au back-office."}

    other = await decide_on(site, manager, payment, **{**accept, "amount_cents": 7055})
    assert (await other.json())["type"] == "/problems/other-money-told"
    done = await decide_on(site, manager, payment, **accept)
    again = await decide_on(site, manager, payment, **accept)

    assert (done.status, await done.json()) == (200, await again.json())
    assert (await decide_on(site, manager, payment, decision="dismiss", reason="Non.")).status == 422
    late = await decide_on(site, manager, payment, "decision-2", decision="dismiss", reason="Non.")
    assert (await late.json())["type"] == "/problems/payment-not-in-review"
    (invoice,) = await town.invoices.of_household(HOUSEHOLD_ID)
    assert (invoice.state, invoice.remaining_cents) == ("partly_paid", 2055)
    assert await events(db) == ["InvoicesPaid"]
    assert await (await site.get(f"/api/v1/payment-reviews?municipality_id={TOWN_ID}", headers=manager)).json() == []


async def test_an_agent_dismisses_what_is_no_money_and_the_invoice_can_be_paid_again(
    site: Site, town: Stores, issuer: Issuer, manager: dict[str, str], parent: dict[str, str], payer: ClientSession
) -> None:
    payment = await begin(site, town, manager, parent)
    await play(payer, await opened(site, payer, payment), result="paid", amount_cents=1)
    elsewhere = issuer.agent("le-val-dore", Role.MANAGER)
    dismiss = {"decision": "dismiss", "reason": "Essai de la banque."}

    assert (await decide_on(site, elsewhere, payment, **dismiss)).status in (403, 404)
    assert (await decide_on(site, parent, payment, **dismiss)).status == 403
    assert (await decide_on(site, manager, {"payment_id": "pay_unknown"}, **dismiss)).status == 404
    done = await decide_on(site, manager, payment, **dismiss)

    assert (await done.json())["state"] == "failed"
    assert await state(site, parent, payment) == "failed"
    (invoice,) = await town.invoices.of_household(HOUSEHOLD_ID)
    asked = {"invoice_ids": [invoice.id]}
    answer = await site.post("/api/v1/payments", json=asked, headers={**parent, "Idempotency-Key": "key-0000002"})
    assert answer.status == 201


def forged(word: dict[str, str], **changed: str) -> dict[str, str]:
    """The word changed and signed by somebody who does not know the key."""
    told = {**word, **changed}
    return {**told, "signature": signature_of(told, "guessed-key")}


def signed(word: dict[str, str], **changed: str) -> dict[str, str]:
    """What the provider itself would sign."""
    told = {name: value for name, value in {**word, **changed}.items() if name != "signature"}
    return {**told, "signature": signature_of(told, KEY)}


async def test_what_is_not_signed_by_the_shop_says_nothing(
    site: Site,
    town: Stores,
    manager: dict[str, str],
    parent: dict[str, str],
    payer: ClientSession,
    notes: list[str],
) -> None:
    payment = await begin(site, town, manager, parent)
    name = await opened(site, payer, payment)
    word = (await play(payer, name, result="paid", notify="never", browser="closes"))["word"]
    words: list[Any] = [
        forged(word),
        {**word, "vads_amount": "1"},
        {**word, "vads_extra": "x"},
        {name: value for name, value in word.items() if name != "signature"},
        signed(word, vads_ctx_mode="PRODUCTION"),
        signed(word, vads_order_id="P00000000000000000000000000000"),
        signed(word, vads_site_id="87654321"),
        {**word, "vads_ctx_mode": "NONE"},
        {},
    ]

    answers = [await site.post(NOTIFICATION, data=said) for said in words]
    raw = [b"\xff\xfe", b"a=1&a=2", b"&".join(b"x%d=1" % at for at in range(500)), b"x" * 20_000]
    answers += [await site.post(NOTIFICATION, data=said) for said in raw]

    assert {(answer.status, await answer.text()) for answer in answers} == {(200, "")}
    assert await state(site, parent, payment) == "pending"
    assert "card_word_not_signed" in notes
    assert "card_word_without_payment" in notes


@pytest.mark.parametrize(
    ("changed", "ends"),
    [
        # A refund, a verification or a state that decides nothing is no payment, however well it is signed.
        ({"vads_operation_type": "CREDIT"}, "pending"),
        ({"vads_operation_type": "VERIFICATION"}, "pending"),
        ({"vads_trans_status": "WAITING_AUTHORISATION"}, "pending"),
        ({"vads_trans_status": "UNDER_VERIFICATION"}, "pending"),
        # Dollars, or money of another transaction under our reference, are for people.
        ({"vads_currency": "840"}, "review"),
        ({"vads_trans_id": "ZZZZZZ"}, "review"),
        ({"vads_amount": "99999999999"}, "review"),
        ({"vads_amount": "-7055"}, "review"),
        ({"vads_trans_status": "CAPTURED"}, "paid"),
        ({"vads_trans_status": "EXPIRED"}, "expired"),
    ],
)
def test_a_signed_word_means_what_it_says_and_no_more(changed: dict[str, str], ends: str) -> None:
    account = Account(id=OFFICE.id, municipality_id=TOWN_ID, kind="payzen", client=SHOP, mode="test")
    begun = for_invoices("pay_1", [invoice()], OFFICE, key="k", fingerprint="f", now=NOW, account=account)
    pages, key = CardPages("", "http://127.0.0.1:9"), CardKey(mode="test", key=KEY)
    attempt = attempted(begun, pages.new_name(NOW), NOW)
    form = pages.form(attempt, key)
    assert form.url == "https://secure.payzen.eu/vads-payment/"
    sent = CardPayment(name="", fields=form.fields, created_at=NOW)

    status = pages.read(signed(word_of(sent, Wish(result="paid"), KEY, 1), **changed), attempt, [key])

    assert status
    assert decide(attempt, status, NOW).state == ends


async def test_a_word_signed_under_the_key_before_is_still_believed(
    site: Site, town: Stores, manager: dict[str, str], parent: dict[str, str], payer: ClientSession
) -> None:
    payment = await begin(site, town, manager, parent)
    name = await opened(site, payer, payment)
    assert (await choose(site, manager, 1, key="another-key-of-the-shop")).status == 200

    await play(payer, name, result="paid")

    assert await state(site, parent, payment) == "paid"


async def test_an_office_that_turned_to_payfip_still_hears_of_its_card_payments(
    site: Site, town: Stores, manager: dict[str, str], parent: dict[str, str], payer: ClientSession
) -> None:
    payment = await begin(site, town, manager, parent)
    name = await opened(site, payer, payment)
    assert (await choose(site, manager, 1, kind="payfip", client="012345", key=None)).status == 200

    await play(payer, name, result="paid", browser="closes")

    assert await state(site, parent, payment) == "paid"


async def test_a_part_is_paid_and_the_rest_stays_owed(
    site: Site, town: Stores, manager: dict[str, str], parent: dict[str, str], payer: ClientSession
) -> None:
    payment = await begin(site, town, manager, parent, amount_cents=3000)
    await play(payer, await opened(site, payer, payment), result="paid")

    (invoice,) = await town.invoices.of_household(HOUSEHOLD_ID)
    assert (invoice.state, invoice.remaining_cents) == ("partly_paid", 4055)
    asked = {"invoice_ids": [invoice.id], "amount_cents": 4056}
    above = await site.post("/api/v1/payments", json=asked, headers={**parent, "Idempotency-Key": "key-0000002"})
    assert (await above.json())["type"] == "/problems/amount-above-owed"


async def test_the_word_that_comes_with_the_browser_is_read_too(
    site: Site, town: Stores, manager: dict[str, str], parent: dict[str, str], payer: ClientSession
) -> None:
    payment = await begin(site, town, manager, parent)
    name = await opened(site, payer, payment)
    word = (await play(payer, name, result="paid", notify="never", browser="closes"))["word"]
    back = f"/api/v1/payment-returns/{payment['payment_id']}"

    lied = await site.get(back, params=forged(word), allow_redirects=False)
    assert (lied.status, await state(site, parent, payment)) == (303, "pending")
    come = await site.get(back, params=word, allow_redirects=False)

    assert come.headers["Location"] == f"{PORTAL}/payments/{payment['payment_id']}"
    assert await state(site, parent, payment) == "paid"


async def test_an_invoice_at_the_treasury_is_not_paid_here_and_says_how(
    site: Site, town: Stores, db: Database, parent: dict[str, str]
) -> None:
    invoice = await town.invoices.issue(draft())
    await town.invoices.change(
        HOUSEHOLD_ID, invoice.id, lambda one: followed(replace(one, handed_over_at=NOW)), postings=[]
    )
    debt = CollectionOrder(
        id="cor_1",
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        cash_office_id=OFFICE.id,
        batch_id="trb_1",
        year=2026,
        batch_number=3,
        number="000001",
        keys=("1", "Z"),
        structure_id="123456",
        handed_over_at=NOW,
        debts=(Owed(invoice_id=invoice.id, number=invoice.number, month=invoice.month, cents=7055),),
        cents=7055,
    )
    await db["collection_orders"].insert_one({**to_document(debt), "version": 1})

    (shown,) = await (await site.get("/api/v1/invoices", headers={**parent, "Accept-Language": "en"})).json()
    asked = {"invoice_ids": [invoice.id]}
    answer = await site.post("/api/v1/payments", json=asked, headers={**parent, "Idempotency-Key": "key-0000001"})

    assert (shown["payable"], shown["not_payable"]["code"]) == (False, "handed-to-the-treasury")
    assert f"structure 123456, reference {debt.reference}" in shown["not_payable"]["detail"]
    assert (answer.status, (await answer.json())["type"]) == (409, "/problems/handed-to-the-treasury")
