"""The routes of direct debit: a family signs, an agent makes the file, the bank answers; and who is refused what."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.billing.app import FOLDER
from services.billing.app.debits import debit_desk_of, keep_debits, plan_debits, share_debits
from services.billing.app.secrets import SealedSecrets
from services.billing.app.work import Stores
from services.billing.domain.invoices import Invoice
from services.billing.http import debits, parts
from services.billing.usecases.debits.desk import DebitDesk
from shared import audit
from shared.auth import Role
from shared.problems import MEDIA_TYPE
from shared.service import new_app
from tests.billing.bank_answers import BILLION_LAUGHS, XXE, camt054, returned
from tests.billing.conftest import MovableClock
from tests.billing.debit_samples import IBAN, ICS, OTHER_IBAN, SIRET
from tests.billing.samples import HOUSEHOLD_ID, OFFICE, TOWN_ID, draft
from tests.callers import Issuer

Site = TestClient[Any, Any]
API = "/api/v1"
TOWN = {"municipality_id": TOWN_ID}
CREDITOR = {
    "name": "Régie restauration Sainte-Aurore",
    "ics": "fr72 ZZZ 123456",
    "iban": OTHER_IBAN,
    "bic": "PSSTFRPP",
    "siret": SIRET,
    "file_code": "RESTO",
}
PAPER = {
    **TOWN,
    "household_id": HOUSEHOLD_ID,
    "cash_office_id": OFFICE.id,
    "iban": IBAN,
    "holder": "Claire Martin",
    "rum": "CANTINE-0042",
    "signed_on": "2024-09-02",
    "last_collected_on": "2026-11-10",
}


@pytest.fixture
async def issuer(clock: MovableClock) -> AsyncIterator[Issuer]:
    issuer = Issuer(clock, lifetime=10**8)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
def desk(town: Stores, clock: MovableClock) -> DebitDesk:
    return debit_desk_of(town, SealedSecrets("k1:" + "0a" * 32), clock)


@pytest.fixture
async def site(town: Stores, desk: DebitDesk, issuer: Issuer, clock: MovableClock) -> AsyncIterator[Site]:
    app = new_app("billing", FOLDER, debits.ROUTES, issuer.tokens(), clock)
    share_debits(app, town.sepa, desk)
    _share(app, town, desk)
    async with TestClient(TestServer(app)) as client:
        yield client


def _share(app: web.Application, stores: Stores, desk: DebitDesk) -> None:
    app[audit.TRAIL] = stores.trail
    app[parts.TARIFFS], app[parts.FAMILIES], app[parts.FORMER] = stores.tariffs, stores.families, stores.former
    app[parts.INVOICES], app[parts.SECRETS] = stores.invoices, desk.secrets


@pytest.fixture
def parent(issuer: Issuer) -> dict[str, str]:
    return {**issuer.guardian(HOUSEHOLD_ID, TOWN_ID), "Accept-Language": "fr"}


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN_ID, Role.MANAGER)


@pytest.fixture
def cashier(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN_ID, Role.CASHIER)


async def set_creditor(site: Site, manager: dict[str, str], version: int = 0, **changed: Any) -> Any:
    headers = {**manager, "If-Match": f'"{version}"'}
    return await site.put(f"{API}/cash-offices/{OFFICE.id}/creditor", json={**CREDITOR, **changed}, headers=headers)


async def sign(site: Site, parent: dict[str, str], iban: str = IBAN, **changed: Any) -> Any:
    text = await site.get(f"{API}/mandate-texts?cash_office_id={OFFICE.id}", headers=parent)
    body = {
        "cash_office_id": OFFICE.id,
        "iban": iban,
        "holder": "Claire Martin",
        "text_version": (await text.json())["version"],
        **changed,
    }
    return await site.post(f"{API}/mandates", json=body, headers=parent)


async def invoiced(town: Stores, desk: DebitDesk) -> Invoice:
    invoice = await town.invoices.issue(draft())
    await plan_debits(town, desk)
    return invoice


async def file_made(site: Site, cashier: dict[str, str], day: str = "2026-12-31") -> dict[str, Any]:
    body = {**TOWN, "cash_office_id": OFFICE.id, "collect_on": day}
    answer = await site.post(f"{API}/debit-batches", json=body, headers={**cashier, "Idempotency-Key": "file-00001"})
    assert answer.status == 201, await answer.text()
    return dict(await answer.json())


async def expect(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status == status, await answer.text()
    assert answer.content_type == MEDIA_TYPE
    problem: dict[str, Any] = await answer.json()
    assert problem["type"] == f"/problems/{code}"
    return problem


async def test_a_creditor_is_set_by_whoever_read_it_last(site: Site, manager: dict[str, str]) -> None:
    await expect(await site.get(f"{API}/cash-offices/{OFFICE.id}/creditor", headers=manager), 409, "no-direct-debit")
    first = await set_creditor(site, manager)

    assert first.status == 200, await first.text()
    assert (await first.json())["ics"] == ICS
    await expect(await set_creditor(site, manager), 412, "version-passed")
    changed = await set_creditor(site, manager, 1, notice_days=7)
    assert (await changed.json())["notice_days"] == 7
    shown = await site.get(f"{API}/cash-offices/{OFFICE.id}/creditor", headers=manager)
    assert shown.headers["ETag"] == '"2"'


@pytest.mark.parametrize(
    "changed",
    [
        {"ics": "FR73ZZZ123456"},
        {"bic": "X"},
        {"siret": "21380185500016"},
        {"iban": "FR76"},
        {"file_code": "../x"},
        {"notice_days": 0},
        {"day_of_month": 29},
        {"name": " "},
        {"ics": {"$ne": ""}},
    ],
)
async def test_a_creditor_banks_would_refuse_is_refused_here(
    site: Site, manager: dict[str, str], changed: dict[str, Any]
) -> None:
    assert (await set_creditor(site, manager, **changed)).status == 422


async def test_a_family_reads_signs_changes_and_revokes(site: Site, parent: dict[str, str], manager: Any) -> None:
    await set_creditor(site, manager)
    text = await (await site.get(f"{API}/mandate-texts?cash_office_id={OFFICE.id}", headers=parent)).json()
    signed = await sign(site, parent)
    mandate = await signed.json()

    assert "autorisez Régie restauration Sainte-Aurore" in text["paragraphs"][0]
    assert signed.status == 201
    assert (mandate["account"], mandate["state"], mandate["lapses_on"]) == ("FR•• •••• 0189", "active", "2029-12-01")
    assert IBAN not in await signed.text()
    path = f"{API}/mandates/{mandate['id']}"
    changed = await site.put(f"{path}/account", json={"iban": OTHER_IBAN, "holder": "Paul Martin"}, headers=parent)
    assert (await changed.json())["account"] == "FR•• •••• 2606"
    assert (await (await site.post(f"{path}/revocation", headers=parent)).json())["state"] == "revoked"
    late = await site.put(f"{path}/account", json={"iban": IBAN, "holder": "Paul Martin"}, headers=parent)
    await expect(late, 409, "mandate-ended")
    (office,) = await (await site.get(f"{API}/direct-debits?municipality_id={TOWN_ID}", headers=parent)).json()
    assert [one["state"] for one in office["mandates"]] == ["revoked"]


@pytest.mark.parametrize("iban", ["FR7630006000011234567890188", "x", "9" * 60, "BR1800360305000010009795493C1"])
async def test_a_wrong_account_is_explained(site: Site, parent: dict[str, str], manager: Any, iban: str) -> None:
    await set_creditor(site, manager)

    problem = await expect(await sign(site, parent, iban), 422, "account-wrong")

    assert problem["errors"][0]["field"] == "iban"
    assert problem["detail"].startswith("Ceci n’est pas le numéro (IBAN)")
    assert "%(" not in problem["detail"]


async def test_nobody_signs_where_they_are_no_family(site: Site, issuer: Issuer, manager: Any) -> None:
    await set_creditor(site, manager)

    await expect(await sign(site, issuer.guardian("hsh_other", TOWN_ID)), 404, "not-found")


async def test_another_family_sees_and_changes_nothing(
    site: Site, issuer: Issuer, parent: dict[str, str], manager: Any
) -> None:
    await set_creditor(site, manager)
    mandate = await (await sign(site, parent)).json()
    stranger = issuer.guardian("hsh_other", TOWN_ID, account_id="acc_other")

    (office,) = await (await site.get(f"{API}/direct-debits?municipality_id={TOWN_ID}", headers=stranger)).json()

    assert office["mandates"] == office["debits"] == []
    await expect(await site.post(f"{API}/mandates/{mandate['id']}/revocation", headers=stranger), 404, "not-found")


async def test_an_agent_types_a_mandate_from_paper(site: Site, manager: Any, cashier: dict[str, str]) -> None:
    await set_creditor(site, manager)

    entered = await site.post(f"{API}/family-mandates", json=PAPER, headers=cashier)
    again = await site.post(f"{API}/family-mandates", json=PAPER, headers=cashier)
    listed = await site.get(
        f"{API}/family-mandates?municipality_id={TOWN_ID}&cash_office_id={OFFICE.id}", headers=cashier
    )

    assert entered.status == 201, await entered.text()
    assert (await entered.json())["rum"] == "CANTINE-0042"
    await expect(again, 409, "mandate-in-force")
    assert [one["household_id"] for one in (await listed.json())["items"]] == [HOUSEHOLD_ID]


@pytest.mark.parametrize(
    "changed",
    [
        {"rum": "x" * 36},
        {"rum": "{$gt}"},
        {"signed_on": "2027-01-01"},
        {"signed_on": "2020-01-01", "last_collected_on": None},
        {"holder": "x"},
    ],
)
async def test_a_paper_no_bank_would_accept_is_refused(
    site: Site, manager: Any, cashier: dict[str, str], changed: dict[str, Any]
) -> None:
    await set_creditor(site, manager)

    assert (await site.post(f"{API}/family-mandates", json={**PAPER, **changed}, headers=cashier)).status == 422


async def test_agents_keep_to_families_and_offices_of_their_town(
    site: Site, issuer: Issuer, manager: Any, cashier: dict[str, str], parent: dict[str, str]
) -> None:
    await set_creditor(site, manager)
    mandate = await (await sign(site, parent)).json()
    elsewhere = issuer.agent("le-val-dore", Role.MANAGER)
    path = f"{API}/family-mandates/{mandate['id']}/revocation"

    await expect(await site.post(path, json=TOWN, headers=elsewhere), 403, "forbidden")
    await expect(await site.post(path, json={"municipality_id": "le-val-dore"}, headers=elsewhere), 404, "not-found")
    unknown = await site.post(f"{API}/family-mandates", json={**PAPER, "household_id": "hsh_x"}, headers=cashier)
    await expect(unknown, 404, "not-found")
    await expect(await set_creditor(site, cashier), 403, "forbidden")


async def test_a_file_goes_from_the_office_to_the_bank_and_what_comes_back_is_owed_again(
    site: Site, town: Stores, desk: DebitDesk, parent: Any, manager: Any, cashier: dict[str, str], clock: MovableClock
) -> None:
    await set_creditor(site, manager)
    await sign(site, parent)
    invoice = await invoiced(town, desk)

    batch = await file_made(site, cashier)
    file = await site.get(f"{API}/debit-batches/{batch['id']}/file?municipality_id={TOWN_ID}", headers=cashier)
    content = await file.read()
    sent = await site.post(f"{API}/debit-batches/{batch['id']}/sending", json=TOWN, headers=cashier)
    clock.move(days=30)
    await keep_debits(desk)
    (office,) = await (await site.get(f"{API}/direct-debits?municipality_id={TOWN_ID}", headers=parent)).json()
    name = (await town.sepa.debits.of_household(HOUSEHOLD_ID))[0].end_to_end
    xml = {**cashier, "Content-Type": "application/xml"}
    answers = f"{API}/bank-answers?municipality_id={TOWN_ID}"
    report = await (await site.post(answers, data=camt054(returned(name)), headers=xml)).json()

    assert hashlib.sha256(content).hexdigest() == batch["sha256"]
    assert IBAN.encode() in content
    assert file.headers["Content-Disposition"] == f'attachment; filename="{batch["file_name"]}"'
    assert (await sent.json())["state"] == "sent"
    assert [one["state"] for one in office["debits"]] == ["collected"]
    assert (report["rejected"], report["to_look_at"]) == (1, 0)
    assert [one["id"] for one in await (await site.get(answers, headers=cashier)).json()] == [report["id"]]
    reopened = await town.invoices.get(HOUSEHOLD_ID, invoice.id)
    assert reopened
    assert reopened.state == "open"


async def test_an_agent_plans_and_takes_out_a_debit(
    site: Site, town: Stores, desk: DebitDesk, parent: Any, manager: Any, cashier: dict[str, str]
) -> None:
    await set_creditor(site, manager)
    invoice = await invoiced(town, desk)
    await sign(site, parent)
    body = {**TOWN, "household_id": HOUSEHOLD_ID, "invoice_id": invoice.id}

    planned = await site.post(f"{API}/debits", json=body, headers=cashier)
    twice = await site.post(f"{API}/debits", json=body, headers=cashier)
    listed = await site.get(f"{API}/debits?municipality_id={TOWN_ID}&cash_office_id={OFFICE.id}", headers=cashier)
    debit_id = (await planned.json())["id"]
    cancelled = await site.post(f"{API}/debits/{debit_id}/cancellation", json=TOWN, headers=cashier)

    assert planned.status == 201, await planned.text()
    await expect(twice, 409, "debit-scheduled")
    assert [one["id"] for one in (await listed.json())["items"]] == [debit_id]
    assert (await cancelled.json())["state"] == "cancelled"


async def test_a_file_withdrawn_is_not_sent_and_one_sent_is_not_withdrawn(
    site: Site, town: Stores, desk: DebitDesk, parent: Any, manager: Any, cashier: dict[str, str]
) -> None:
    await set_creditor(site, manager)
    await sign(site, parent)
    await invoiced(town, desk)
    path = f"{API}/debit-batches/{(await file_made(site, cashier))['id']}"
    why = {**TOWN, "reason": "Mauvaise date"}

    assert (await (await site.post(f"{path}/withdrawal", json=why, headers=cashier)).json())["state"] == "withdrawn"
    await expect(await site.post(f"{path}/sending", json=TOWN, headers=cashier), 409, "debit-batch-withdrawn")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (XXE, 422, "unsafe-xml"),
        (BILLION_LAUGHS, 422, "unsafe-xml"),
        (b"nothing", 422, "unreadable-xml"),
        (b"<Document/>", 422, "not-a-bank-answer"),
    ],
)
async def test_a_file_that_is_no_answer_does_no_harm(
    site: Site, cashier: dict[str, str], content: bytes, status: int, code: str
) -> None:
    headers = {**cashier, "Content-Type": "application/xml"}

    answer = await site.post(f"{API}/bank-answers?municipality_id={TOWN_ID}", data=content, headers=headers)

    await expect(answer, status, code)
