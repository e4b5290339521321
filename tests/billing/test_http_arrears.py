"""The routes of unpaid invoices, the Treasury and reconciliation: status, body, headers, and who is refused what."""

import io
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.billing.app import FOLDER
from services.billing.app.arrears import share_arrears
from services.billing.app.work import Stores
from services.billing.http import parts, reconciliation, treasury, unpaid
from shared import audit
from shared.auth import Role
from shared.contracts.audit import AgentActed
from shared.service import new_app
from tests.billing.arrears import CODES, impatient, owed
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, OFFICE, TOWN_ID
from tests.billing.telling import told_by
from tests.callers import Issuer

Site = TestClient[Any, Any]
AT = f"/api/v1/cash-offices/{OFFICE.id}"
ROUTES = [*unpaid.ROUTES, *treasury.ROUTES, *reconciliation.ROUTES]
CSV = {"Content-Type": "text/csv"}
XML = {"Content-Type": "application/xml"}


@pytest.fixture
async def issuer(clock: MovableClock) -> AsyncIterator[Issuer]:
    issuer = Issuer(clock, lifetime=10**8)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def site(town: Stores, issuer: Issuer, clock: MovableClock) -> AsyncIterator[Site]:
    app = new_app("billing", FOLDER, ROUTES, issuer.tokens(), clock)
    app[audit.TRAIL] = town.trail
    app[parts.COPIES], app[parts.TARIFFS], app[parts.FAMILIES] = town.copies, town.tariffs, town.families
    app[parts.FORMER] = town.former
    share_arrears(app, town, clock)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def cashier(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN_ID, Role.CASHIER)


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN_ID, Role.MANAGER)


async def ask(site: Site, method: str, path: str, headers: dict[str, str], status: int = 200, **sent: Any) -> Any:
    answer = await site.request(method, path if path.startswith("/api") else f"{AT}{path}", headers=headers, **sent)
    assert answer.status == status, await answer.text()
    return await answer.json() if answer.content_type.endswith("json") else await answer.read()


async def test_unpaid_invoices_are_listed_by_age_page_by_page(site, cashier, town, db):
    for month in ("2026-07", "2026-08", "2026-09"):
        await owed(town, 1000, month=month)
    first = await ask(site, "GET", "/unpaid-invoices?limit=2", cashier)
    assert [band["cents"] for band in first["bands"]] == [0, 3000, 0, 0, 0]
    assert [(one["household_name"], one["days_late"], one["band"]) for one in first["items"]] == [
        ("Martin", 30, "d0_30")
    ] * 2
    rest = await ask(site, "GET", f"/unpaid-invoices?limit=2&cursor={first['next_cursor']}", cashier)
    assert (len(rest["items"]), rest["next_cursor"], rest["bands"]) == (1, None, [])
    notes = await told_by(db, "audit")
    assert isinstance(notes[0], AgentActed)
    assert (notes[0].action, notes[0].household_ids) == ("unpaid_invoices_listed", (HOUSEHOLD_ID,))


async def test_unpaid_invoices_come_as_csv_and_xlsx(site, cashier, town):
    await owed(town, 1005)
    table = (await ask(site, "GET", "/unpaid-invoice-exports", cashier)).decode("utf-8-sig").splitlines()
    assert table[0].startswith("Régie;Foyer;Nom du foyer;Facture")
    assert table[1].endswith("30;0 à 30 jours;10,05;10,05;open")
    book = await ask(site, "GET", "/unpaid-invoice-exports?format=xlsx", cashier)
    assert zipfile.ZipFile(io.BytesIO(book)).testzip() is None


async def test_a_reminder_policy_is_read_and_changed_by_managers(site, cashier, manager):
    shown = await ask(site, "GET", "/reminder-policy", cashier)
    assert shown["steps"] == [{"days": 10, "by": "mail"}, {"days": 30, "by": "mail"}]
    wanted = {"enabled": True, "steps": [{"days": 5}, {"days": 20, "by": "post"}]}
    await ask(site, "PUT", "/reminder-policy", {**cashier, "If-Match": '"0"'}, 403, json=wanted)
    await ask(site, "PUT", "/reminder-policy", manager, 428, json=wanted)
    changed = await ask(site, "PUT", "/reminder-policy", {**manager, "If-Match": '"0"'}, json=wanted)
    assert (changed["version"], changed["steps"][1]) == (1, {"days": 20, "by": "post"})
    unordered = {"enabled": True, "steps": [{"days": 5}, {"days": 5}]}
    await ask(site, "PUT", "/reminder-policy", {**manager, "If-Match": '"1"'}, 422, json=unordered)


async def test_days_of_a_step_are_days(site, manager):
    for days in (0, 366, -1, 1.5, "10", True, None, {"$gt": 1}):
        wanted = {"enabled": True, "steps": [{"days": days}]}
        await ask(site, "PUT", "/reminder-policy", {**manager, "If-Match": "*"}, 422, json=wanted)
    assert (await ask(site, "GET", "/reminder-policy", manager))["version"] == 0


async def test_a_round_writes_letters_and_those_by_post_have_addresses(site, cashier, town):
    await impatient(town)
    await owed(town, household="hsh_unknown")
    await owed(town, 1000)
    assert await ask(site, "POST", "/reminder-rounds", cashier) == {"by_mail": 1, "by_post": 1, "invoices": 2}
    page = await ask(site, "GET", "/reminders?by=mail", cashier)
    assert [(one["household_id"], one["total_cents"]) for one in page["items"]] == [(HOUSEHOLD_ID, 1000)]
    table = (await ask(site, "GET", "/reminder-exports?by=mail", cashier)).decode("utf-8-sig").splitlines()
    assert "Mme Claire Martin, M. Paul Martin;3 rue des Tilleuls 38000 Sainte-Aurore" in table[1]


async def test_a_family_is_exempted_with_a_reason(site, cashier, town, db):
    path = f"/api/v1/reminder-exemptions/{HOUSEHOLD_ID}?municipality_id={TOWN_ID}"
    await ask(site, "PUT", path, cashier, 422, json={"reason": " "})
    await ask(site, "PUT", path, cashier, 422, json={"reason": "Plan", "until": "2020-01-01"})
    other = f"/api/v1/reminder-exemptions/hsh_other?municipality_id={TOWN_ID}"
    await ask(site, "PUT", other, cashier, 404, json={"reason": "Plan"})
    await ask(site, "PUT", path, cashier, json={"reason": "Plan d'apurement"})
    await ask(site, "PUT", path, cashier, json={"reason": "Surendettement"})
    (shown,) = await ask(site, "GET", f"/api/v1/reminder-exemptions?municipality_id={TOWN_ID}", cashier)
    assert (shown["reason"], shown["until"], shown["by"]) == ("Surendettement", None, "acc_agent")
    await ask(site, "DELETE", path, cashier, 204)
    await ask(site, "DELETE", path, cashier, 404)


async def test_debts_go_to_the_treasury_and_the_family_sees_how_they_are_paid(site, cashier, issuer, town):
    await impatient(town)
    await owed(town)
    await ask(site, "POST", "/reminder-rounds", cashier)
    preview = await ask(site, "GET", "/treasury-candidates", cashier)
    assert (preview["debts"], preview["cents"]) == (1, 7055)
    keyed = {**cashier, "Idempotency-Key": "batch-0001"}
    await ask(site, "POST", "/treasury-batches", cashier, 400, json={"invoice_ids": None})
    await ask(site, "POST", "/treasury-batches", keyed, 422, json={})
    batch = await ask(site, "POST", "/treasury-batches", keyed, 201, json={"invoice_ids": None})
    assert (batch["state"], batch["orders"], batch["cents"]) == ("ready", 1, 7055)
    assert await ask(site, "POST", "/treasury-batches", keyed, 201, json={"invoice_ids": None}) == batch
    answer = await site.get(f"{AT}/treasury-batches/{batch['id']}/file", headers=cashier)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{batch["file_name"]}"'
    assert (answer.headers["ETag"], answer.charset) == (f'"{batch["sha256"]}"', "iso-8859-1")
    assert b'<Nom V="Martin"' in await answer.read()
    (own,) = await ask(site, "GET", "/api/v1/collection-orders", issuer.guardian(HOUSEHOLD_ID, TOWN_ID))
    assert (own["structure_id"], own["cents"], own["state"]) == ("123456", 7055, "handed_over")
    assert own["reference"].startswith("2026-01-2026000001")
    assert await ask(site, "GET", "/api/v1/collection-orders", issuer.guardian("hsh_other", TOWN_ID)) == []
    sent = await ask(site, "POST", f"/treasury-batches/{batch['id']}/sending", cashier)
    assert sent["state"] == "sent"
    refused = {"accepted": False, "reason": "Code produit"}
    done = await ask(site, "POST", f"/treasury-batches/{batch['id']}/answer", cashier, json=refused)
    assert done["state"] == "refused"
    await ask(site, "POST", f"/treasury-batches/{batch['id']}/answer", cashier, 409, json={"accepted": True})
    page = await ask(site, "GET", "/collection-orders?state=rejected", cashier)
    assert page["items"][0]["said"] == ["2026-12-01 rejected Code produit"]


async def test_the_codes_of_the_treasury_are_checked(site, cashier):
    shown = await ask(site, "GET", "/treasury-settings", cashier)
    assert (shown["post"], shown["version"], shown["threshold_cents"]) == ("", 0, 1500)
    wanted = {"post": "038012", "siret": CODES.siret, "collectivity": "400", "budget": "01", "product": "CANT"}
    read = {**cashier, "If-Match": '"0"'}
    wrong = [("siret", "21380012100014"), ("siret", "2138"), ("post", "38"), ("product", "cantine"), ("budget", "<&>")]
    for name, value in [*wrong, ("threshold_cents", 1499), ("after_days", -1)]:
        await ask(site, "PUT", "/treasury-settings", read, 422, json={**wanted, name: value})
    assert (await ask(site, "PUT", "/treasury-settings", read, json=wanted))["version"] == 1
    await ask(site, "GET", "/treasury-candidates", cashier)


async def test_returns_that_are_none_are_refused(site, cashier, town):
    await impatient(town)
    trap = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><PES_Retour>&b;</PES_Retour>'
    for content in (trap, b"", b"<a/>", b"not xml", b"<PES_Retour><Bordereau><Piece/></Bordereau></PES_Retour>"):
        await ask(site, "POST", "/treasury-returns", {**cashier, **XML}, 422, data=content)
    await ask(site, "POST", "/treasury-returns", {**cashier, **CSV}, 415, data=b"a;b")
    assert await ask(site, "GET", "/treasury-returns", cashier) == []


async def test_a_statement_is_imported_and_its_difference_answered(site, cashier, town):
    content = "date;libelle;montant\n01/12/2026;FRAIS;-2,50\n01/12/2026;x;beaucoup\n"
    report = await ask(site, "POST", "/statements?kind=bank", {**cashier, **CSV}, 201, data=content.encode())
    assert (report["lines"], report["raised"], [one["line"] for one in report["refused"]]) == (1, 1, [3])
    page = await ask(site, "GET", "/reconciliation-tasks", cashier)
    task = page["items"][0]
    assert (page["open"], task["kind"], task["cents"]) == (1, "unknown_line", -250)
    path = f"/reconciliation-tasks/{task['id']}/resolution"
    await ask(site, "POST", path, cashier, 422, json={"act": "forget", "reason": "Frais"})
    await ask(site, "POST", path, cashier, 422, json={"act": "write_off_difference", "reason": "Frais"})
    await ask(site, "POST", path, cashier, 404, json={"act": "match", "reason": "Frais", "ids": ["rct_none"]})
    done = await ask(site, "POST", path, cashier, json={"act": "explain", "reason": "Frais"})
    assert (done["state"], done["resolution"]["by"]) == ("resolved", "acc_agent")
    await ask(site, "POST", path, cashier, 409, json={"act": "explain", "reason": "Autre"})
    (line,) = (await ask(site, "GET", "/statement-lines?state=explained", cashier))["items"]
    assert line["reason"] == "Frais"
    assert len((await ask(site, "GET", "/statements", cashier))["items"]) == 1


async def test_a_bank_may_send_xml(site, cashier):
    entry = '<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-12-01</Dt></BookgDt></Ntry>'
    content = f"<Document><BkToCstmrStmt><Stmt>{entry}</Stmt></BkToCstmrStmt></Document>".encode()
    report = await ask(site, "POST", "/statements?kind=bank", {**cashier, **XML}, 201, data=content)
    assert report["total_cents"] == 500
    await ask(site, "POST", "/statements?kind=payfip", {**cashier, **XML}, 422, data=content)


EVERY = [(route.method, route.path) for route in ROUTES if "cash_office_id" in route.path]


async def test_other_towns_and_families_are_refused(site, issuer):
    strangers = (issuer.guardian(HOUSEHOLD_ID, TOWN_ID), issuer.agent("le-val-dore", Role.CASHIER, Role.MANAGER))
    for method, template in EVERY:
        path = template.replace("{cash_office_id}", OFFICE.id).replace("{batch_id}", "trb_1")
        path = path.replace("{task_id}", "tsk_1")
        file = method == "POST" and path.endswith(("-returns", "/statements"))
        path += "?kind=bank" if file and path.endswith("/statements") else ""
        body = {"json": BODIES.get(path.rsplit("/", 1)[-1], {})} if method in ("POST", "PUT") else {}
        for caller in strangers:
            headers = {**caller, "Idempotency-Key": "batch-0001", **(XML if file else {})}
            sent: dict[str, Any] = {"data": b"<a/>"} if file else body
            answer = await site.request(method, path, headers=headers, **sent)
            assert answer.status == 403, (path, await answer.text())


BODIES: dict[str, Any] = {
    "treasury-batches": {"invoice_ids": None},
    "reminder-policy": {"enabled": True, "steps": []},
    "treasury-settings": {
        "post": "038012",
        "siret": CODES.siret,
        "collectivity": "400",
        "budget": "01",
        "product": "CANT",
    },
    "answer": {"accepted": True},
    "resolution": {"act": "explain", "reason": "Frais"},
}
