"""The till's door: cashiers of the town alone, one refusal per route, tables and papers that tie."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.billing.app import FOLDER, share, share_printer
from services.billing.app.till import keep_books, share_till
from services.billing.app.work import Stores, counter_of, till_of
from services.billing.domain.invoices import Invoice
from services.billing.http.till import ROUTES
from services.billing.store.till.invariants import INVARIANTS
from shared.auth import Role
from shared.mongo import Database
from shared.problems import MEDIA_TYPE
from shared.service import new_app
from tests.billing.conftest import MovableClock
from tests.billing.samples import CANTEEN, HOUSEHOLD_ID, LEISURE, MEAL, OFFICE, TOWN_ID, draft, settings
from tests.billing.telling import FakePayFiP
from tests.callers import Issuer

Site = TestClient[Any, Any]
Headers = dict[str, str]
DECEMBER = {"cash_office_id": OFFICE.id, "from": "2026-12-01", "until": "2026-12-31"}
TOWN = {"municipality_id": TOWN_ID}
OWED = 7055


@pytest.fixture
async def issuer(clock: MovableClock) -> AsyncIterator[Issuer]:
    issuer = Issuer(clock, lifetime=10**8)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def site(town: Stores, issuer: Issuer, clock: MovableClock) -> AsyncIterator[Site]:
    app = new_app("billing", FOLDER, ROUTES, issuer.tokens(), clock)
    share_printer(app)
    share(app, town, counter_of(town, till_of(town, FakePayFiP(), clock), lambda _: ""), settings())
    share_till(app, town, clock)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def cashier(issuer: Issuer) -> Headers:
    return issuer.agent(TOWN_ID, Role.CASHIER)


@pytest.fixture
async def owed(town: Stores) -> Invoice:
    return await town.invoices.issue(draft())


async def post(site: Site, path: str, body: Any, who: Headers, *, key: str = "key-0000001", **query: str) -> Any:
    return await site.post(f"/api/v1{path}", json=body, headers={**who, "Idempotency-Key": key}, params=query)


async def get(site: Site, path: str, who: Headers, **query: Any) -> Any:
    return await site.get(f"/api/v1{path}", headers=who, params=query)


async def read(answer: Any, status: int = 200) -> Any:
    assert answer.status == status, await answer.text()
    return await answer.json()


async def expect_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status == status, await answer.text()
    assert answer.content_type == MEDIA_TYPE
    body: dict[str, Any] = await answer.json()
    assert body["type"] == f"/problems/{code}"
    return body


def payment_of(owed: Invoice, cents: int = OWED, **changed: Any) -> dict[str, Any]:
    plain = {
        "cash_office_id": OFFICE.id,
        "household_id": HOUSEHOLD_ID,
        "cents": cents,
        "mode": "cash",
        "pieces": [{"invoice_id": owed.id, "cents": min(cents, OWED)}],
    }
    return {**plain, **changed}


class TestPaymentsAndReceipts:
    async def test_a_cheque_is_taken_read_listed_and_cancelled(
        self, site: Site, cashier: Headers, owed: Invoice, issuer: Issuer
    ) -> None:
        body = payment_of(owed, mode="cheque", cheque={"number": "0001234", "bank": "Crédit communal"})
        first = await read(await post(site, "/counter-payments", body, cashier), 201)
        again = await read(await post(site, "/counter-payments", body, cashier), 201)
        assert first == again
        assert (first["number"], first["parts"][0]["taken_cents"], first["transaction"]) == (
            "Q2026-000001",
            OWED,
            "0001234",
        )
        assert await read(await get(site, f"/receipts/{first['id']}", cashier, **TOWN)) == first
        page = await read(await get(site, "/receipts", cashier, **DECEMBER, limit=1))
        assert page == {"items": [first], "next_cursor": None}
        parent = issuer.guardian(HOUSEHOLD_ID, TOWN_ID)
        assert await read(await get(site, "/household-receipts", parent)) == [first]
        assert await read(await get(site, f"/household-receipts/{first['id']}", parent)) == first
        cancelled = await read(
            await post(site, f"/receipts/{first['id']}/cancellation", {"reason": "sans provision"}, cashier, **TOWN)
        )
        assert (cancelled["cancelled_on"], cancelled["cancelled_for"]) == ("2026-12-01", "sans provision")

    @pytest.mark.parametrize(
        ("changed", "status", "code"),
        [
            ({"cents": OWED + 1}, 409, "parts-unlike-amount"),
            ({"mode": "cheque"}, 422, "cheque-details-missing"),
            ({"mode": "voucher"}, 422, "vouchers-unlike-amount"),
            ({"household_id": "hsh_other"}, 404, "not-found"),
            ({"received_on": "2026-12-02"}, 409, "day-not-over"),
            ({"cents": 0}, 422, "invalid-input"),
            ({"cents": 10.5}, 422, "invalid-input"),
            ({"cents": "7055"}, 422, "invalid-input"),
            ({"mode": "online"}, 422, "invalid-input"),
            ({"pieces": []}, 422, "invalid-input"),
            ({"cash_office_id": {"$ne": ""}}, 422, "invalid-input"),
            ({"cash_office_id": f"{TOWN_ID}.regie-inconnue"}, 404, "not-found"),
            ({"cash_office_id": "le-val-dore.regie"}, 403, "forbidden"),
        ],
    )
    async def test_what_does_not_fit_is_refused(
        self, changed: dict[str, Any], status: int, code: str, site: Site, cashier: Headers, owed: Invoice
    ) -> None:
        await expect_problem(
            await post(site, "/counter-payments", {**payment_of(owed), **changed}, cashier), status, code
        )

    async def test_a_sentence_is_in_the_callers_language(self, site: Site, cashier: Headers, owed: Invoice) -> None:
        body = payment_of(owed, cents=OWED + 1)
        french = {**cashier, "Accept-Language": "fr"}
        problem = await expect_problem(await post(site, "/counter-payments", body, french), 409, "parts-unlike-amount")
        assert "70,56" in problem["detail"]

    async def test_receipts_are_for_the_family_and_its_town_alone(
        self, site: Site, cashier: Headers, owed: Invoice, issuer: Issuer
    ) -> None:
        made = await read(await post(site, "/counter-payments", payment_of(owed), cashier), 201)
        stranger = issuer.guardian("hsh_other", TOWN_ID, account_id="acc_other")
        await expect_problem(await get(site, f"/household-receipts/{made['id']}", stranger), 404, "not-found")
        elsewhere = issuer.agent("le-val-dore", Role.CASHIER)
        answer = await get(site, f"/receipts/{made['id']}", elsewhere, municipality_id="le-val-dore")
        await expect_problem(answer, 404, "not-found")
        await expect_problem(await get(site, "/receipts", elsewhere, **DECEMBER), 403, "forbidden")


class TestCreditsRefundsAndRemissions:
    async def test_a_surplus_is_used_taken_back_and_paid_back(
        self, site: Site, cashier: Headers, owed: Invoice, town: Stores, db: Database, clock: MovableClock
    ) -> None:
        other = await town.invoices.issue(draft(month="2026-10"))
        body = payment_of(owed, cents=OWED + 500, surplus="credit")
        assert (await read(await post(site, "/counter-payments", body, cashier), 201))["surplus_cents"] == 500
        asked = {"cash_office_id": OFFICE.id, "household_id": HOUSEHOLD_ID}
        note = (await read(await get(site, "/credits", cashier, **asked)))[0]
        assert (note["number"], note["left_cents"]) == ("A2026-000001", 500)
        use = {"household_id": HOUSEHOLD_ID, "invoice_id": other.id}
        used = await read(await post(site, "/credit-uses", use, cashier), 201)
        assert (used["cents"], used["remaining_cents"], used["state"]) == (500, OWED - 500, "partly_paid")
        back = {**use, "credit_id": note["id"]}
        undone = await read(await post(site, "/credit-uses/cancellation", back, cashier))
        assert (undone["cents"], undone["state"]) == (-500, "open")
        refund = {"household_id": HOUSEHOLD_ID, "credit_id": note["id"]}
        opened = await read(await post(site, "/refunds", refund, cashier, **TOWN), 201)
        assert (opened["amount_cents"], opened["piece"], opened["state"]) == (500, "A2026-000001", "due")
        path = f"/refunds/{opened['id']}"
        await expect_problem(
            await post(site, f"{path}/decision", {"decision": "credit"}, cashier, **TOWN), 409, "refund-decided"
        )
        decided = await read(await post(site, f"{path}/decision", {"decision": "transfer"}, cashier, **TOWN))
        assert decided["number"] == "V2026-000001"
        out = {"paid_on": "2026-12-01", "reference": "VIR 12"}
        assert (await read(await post(site, f"{path}/payment", out, cashier, **TOWN)))["state"] == "paid"
        listed = await read(await get(site, "/refunds", cashier, **TOWN, state="paid"))
        assert [one["reference"] for one in listed["items"]] == ["VIR 12"]
        await keep_books(town, clock)
        assert [line for check in INVARIANTS.values() for line in await check(db)] == []

    async def test_a_debt_is_remitted_with_a_reason_and_never_twice(
        self, site: Site, cashier: Headers, owed: Invoice
    ) -> None:
        body = {"household_id": HOUSEHOLD_ID, "invoice_id": owed.id, "cents": 1000, "reason": "décision du CCAS"}
        for _ in range(2):
            done = await read(await post(site, "/remissions", body, cashier), 201)
            assert done["remaining_cents"] == OWED - 1000
        more = {**body, "cents": OWED}
        await expect_problem(
            await post(site, "/remissions", more, cashier, key="key-0000002"), 409, "more-than-remains"
        )


class TestTheBooks:
    async def test_accounting_codes_are_set_by_whoever_read_them(self, site: Site, cashier: Headers) -> None:
        path = f"/api/v1/cash-offices/{OFFICE.id}/accounting"
        read_first = await site.get(path, headers=cashier)
        assert (await read_first.json())["accounts"] == []
        body = {"accounts": [{"concerns": CANTEEN, "code": "7067", "label": "Cantine"}], "default_code": "7588"}
        tag = {"If-Match": read_first.headers["ETag"]}
        done = await site.put(path, json=body, headers={**cashier, **tag})
        assert (await read(done))["accounts"][0]["code"] == "7067"
        await expect_problem(await site.put(path, json=body, headers={**cashier, **tag}), 412, "version-passed")
        await expect_problem(await site.put(path, json=body, headers=cashier), 428, "version-missing")
        elsewhere = {"accounts": [{"concerns": LEISURE, "code": "1"}]}
        wrong = await site.put(path, json=elsewhere, headers={**cashier, "If-Match": "*"})
        await expect_problem(wrong, 422, "account-unknown")

    async def test_deposits_closes_journal_and_statement_tie(
        self, site: Site, cashier: Headers, owed: Invoice, town: Stores, clock: MovableClock
    ) -> None:
        path = f"/api/v1/cash-offices/{OFFICE.id}/accounting"
        codes = {"accounts": [{"concerns": MEAL, "code": "7067"}], "default_code": "7588"}
        await site.put(path, json=codes, headers={**cashier, "If-Match": "*"})
        for n, cents in enumerate((1000, 2000)):
            await read(
                await post(site, "/counter-payments", payment_of(owed, cents), cashier, key=f"key-000000{n}"), 201
            )
        wanted = {"cash_office_id": OFFICE.id, "mode": "cash", "until": "2026-12-01"}
        deposit = await read(await post(site, "/deposits", wanted, cashier), 201)
        assert (deposit["number"], deposit["amount_cents"], deposit["count"]) == ("B2026-000001", 3000, 2)
        await expect_problem(
            await post(site, "/deposits", wanted, cashier, key="key-0000009"), 409, "nothing-to-deposit"
        )
        detail = await read(await get(site, f"/deposits/{deposit['id']}", cashier, **TOWN))
        assert [one["amount_cents"] for one in detail["receipts"]] == [1000, 2000]
        assert len((await read(await get(site, "/deposits", cashier, cash_office_id=OFFICE.id)))["items"]) == 1
        first = (await read(await get(site, "/receipts", cashier, **DECEMBER)))["items"][0]
        await post(site, f"/receipts/{first['id']}/cancellation", {"reason": "faux billet"}, cashier, **TOWN)

        closing = {"cash_office_id": OFFICE.id, "day": "2026-12-01"}
        closed = await read(await post(site, "/day-closes", closing, cashier), 201)
        assert {(one["kind"], one["cents"]) for one in closed["totals"]} >= {
            ("received", 3000),
            ("receipt_cancelled", -1000),
        }
        assert await read(await get(site, "/day-closes", cashier, cash_office_id=OFFICE.id)) == [closed]
        late = payment_of(owed, 1000, received_on="2026-12-01")
        await expect_problem(await post(site, "/counter-payments", late, cashier, key="key-late"), 409, "day-closed")

        journal = await read(await get(site, "/journal", cashier, **DECEMBER))
        assert [one["seq"] for one in journal["items"]] == list(range(1, closed["seq"] + 1))
        assert journal["items"][-1]["hash"] == closed["head"]
        rows = await table(await get(site, "/journal-exports", cashier, **DECEMBER))
        assert rows[-1]["Empreinte"] == closed["head"]

        await self.statement_ties(site, cashier)

    async def statement_ties(self, site: Site, cashier: Headers) -> None:
        """Of 30 euros taken, 10 of them cancelled."""
        found = await read(await get(site, "/receipt-statements", cashier, **DECEMBER))
        assert (found["total"]["cents"], found["total"]["net_cents"]) == (3000, 2000)
        assert [(one["name"], one["net_cents"]) for one in found["by_code"]] == [("7067", 2000)]
        assert (found["opening_cents"], found["charged_cents"], found["collected_cents"]) == (0, OWED, 2000)
        assert found["closing_cents"] == OWED - 2000
        assert sum(one["cents"] for one in found["unpaid"]) == OWED - 2000

        lines = await table(await get(site, "/receipt-statement-exports", cashier, **DECEMBER))
        receipts = [one for one in lines if one["Quittance"].startswith("Q")]
        assert [(one["Compte"], one["Montant (centimes)"], one["Bordereau"]) for one in receipts] == [
            ("7067", "1000", "B2026-000001"),
            ("7067", "2000", "B2026-000001"),
            ("7067", "-1000", "B2026-000001"),
        ]
        total = next(one for one in lines if one["Quittance"] == "Total encaissé")
        assert total["Montant"] == "20,00"
        for kind, start in (("xlsx", b"PK"), ("pdf", b"%PDF")):
            answer = await get(site, "/receipt-statement-exports", cashier, **DECEMBER, format=kind)
            assert answer.status == 200
            assert (await answer.read()).startswith(start)

    async def test_what_a_cashier_typed_never_runs_in_a_spreadsheet(
        self, site: Site, cashier: Headers, owed: Invoice
    ) -> None:
        body = payment_of(owed, mode="card", transaction="=cmd|' /C calc'!A0")
        await read(await post(site, "/counter-payments", body, cashier), 201)
        lines = await table(await get(site, "/receipt-statement-exports", cashier, **DECEMBER))
        assert lines[0]["Référence de transaction"].startswith("'=")


async def table(answer: Any) -> list[dict[str, str]]:
    assert answer.status == 200, await answer.text()
    text = (await answer.read()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))
