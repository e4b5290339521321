"""The door to runs and their drafts: agents of the town alone, one refusal per route, tables."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.billing.app import FOLDER, let_nudge, share
from services.billing.app.loops import Loop
from services.billing.app.work import Stores, counter_of, end_months, till_of
from services.billing.http import months, runs
from shared.auth import Role
from shared.service import new_app
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, MONTH, OFFICE, TOWN_ID, draft, invoice_line, settings, sheet_closed
from tests.billing.telling import FakePayFiP
from tests.billing.test_usecases_invoices import PlainPrinter, close
from tests.callers import Issuer

Site = TestClient[Any, Any]
Headers = dict[str, str]
RUN = f"/api/v1/invoice-runs/run_{OFFICE.id}_{MONTH}"
POLICY = f"/api/v1/cash-offices/{OFFICE.id}/run-policy"


@pytest.fixture
async def issuer(clock: MovableClock) -> AsyncIterator[Issuer]:
    issuer = Issuer(clock, lifetime=10**8)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def site(town: Stores, issuer: Issuer, clock: MovableClock) -> AsyncIterator[Site]:
    app = new_app("billing", FOLDER, [*runs.ROUTES, *months.ROUTES], issuer.tokens(), clock)
    share(app, town, counter_of(town, till_of(town, FakePayFiP(), clock), lambda _: ""), settings())

    async def nothing() -> None: ...

    let_nudge(app, *(Loop(name, nothing, 60.0) for name in ("payments", "months", "prices")))
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def cashier(issuer: Issuer) -> Headers:
    return issuer.agent(TOWN_ID, Role.CASHIER)


@pytest.fixture
async def drafted(town: Stores, clock: MovableClock) -> None:
    """November costs far more than October did, so that its draft waits for somebody."""
    small = invoice_line(1)
    await town.invoices.issue(replace(draft(month="2026-10"), lines=(small,), total_cents=small.total_cents))
    await close(town, sheet_closed(*range(2, 18)))
    await end_months(town, PlainPrinter(), clock)


async def told(answer: Any, status: int = 200) -> Any:
    assert answer.status == status, await answer.text()
    return await answer.json()


async def test_the_drafts_of_a_run_are_looked_at_accepted_and_approved(
    site: Site, drafted: None, town: Stores, clock: MovableClock, cashier: Headers
) -> None:
    run = await told(await site.get(RUN, headers=cashier))
    page = await told(await site.get(f"{RUN}/drafts?waiting=true", headers=cashier))
    (one,) = page["items"]
    assert (run["state"], run["open_anomalies"], run["drafted_cents"]) == ("drafted", 1, 16 * 415)
    assert (one["household_name"], one["kind"], one["total_cents"], one["usual_cents"]) == ("Martin", "F", 6640, 415)
    assert [(line["quantity"], line["takes_back"]) for line in one["lines"]] == [(16, False)]

    early = await site.post(f"{RUN}/approval", json={"round": 1}, headers={**cashier, "Idempotency-Key": "key-00001"})
    assert (await told(early, 409))["type"] == "/problems/anomalies-open"
    reason = {"kind": "unusual_amount", "household_ids": [HOUSEHOLD_ID], "reason": "Un enfant de plus"}
    accepted = await told(await site.post(f"{RUN}/acceptances", json=reason, headers=cashier))
    assert accepted["open_anomalies"] == 0
    approved = await site.post(
        f"{RUN}/approval", json={"round": page["round"]}, headers={**cashier, "Idempotency-Key": "key-00002"}
    )
    assert (await told(approved))["state"] == "approved"
    await end_months(town, PlainPrinter(), clock)

    (after,) = (await told(await site.get(f"{RUN}/drafts?anomaly=unusual_amount", headers=cashier)))["items"]
    shown = {anomaly["kind"]: (anomaly["open"], anomaly["reason"]) for anomaly in after["anomalies"]}
    assert (after["number"], shown["unusual_amount"]) == ("F2026-000002", (False, "Un enfant de plus"))


async def test_the_drafts_are_a_table(site: Site, drafted: None, cashier: Headers) -> None:
    answer = await site.get(f"{RUN}/draft-exports", headers=cashier)

    (row,) = csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig")), delimiter=";")
    assert (row["Nom du foyer"], row["Montant"], row["Habituellement"]) == ("Martin", "66,40", "4,15")
    workbook = await site.get(f"{RUN}/draft-exports?format=xlsx", headers=cashier)
    assert (await workbook.read()).startswith(b"PK")


async def test_a_page_of_drafts_goes_on_where_the_last_one_ended(
    site: Site, drafted: None, town: Stores, cashier: Headers
) -> None:
    (known,) = await town.drafts.page(TOWN_ID, RUN.rpartition("/")[2], after="", most=9, anomaly=None, waiting=False)
    other = replace(known, id=known.id.replace(HOUSEHOLD_ID, "hsh_zz"), household_id="hsh_zz")
    await town.drafts.put_all([other])

    first = await told(await site.get(f"{RUN}/drafts?limit=1", headers=cashier))
    rest = await told(await site.get(f"{RUN}/drafts?limit=1&cursor={first['next_cursor']}", headers=cashier))

    assert [one["household_id"] for one in (*first["items"], *rest["items"])] == [HOUSEHOLD_ID, "hsh_zz"]
    assert rest["next_cursor"] is None


async def test_an_office_says_how_it_wants_its_runs(site: Site, cashier: Headers) -> None:
    shown = await site.get(POLICY, headers=cashier)
    assert (await told(shown))["approval"] == "when_clean"
    wanted = {"approval": "agent", "unusual_percent": 200}

    blind = await site.put(POLICY, json=wanted, headers=cashier)
    changed = await site.put(POLICY, json=wanted, headers={**cashier, "If-Match": shown.headers["ETag"]})
    late = await site.put(POLICY, json=wanted, headers={**cashier, "If-Match": shown.headers["ETag"]})

    assert (blind.status, late.status) == (428, 412)
    assert (await told(changed))["unusual_percent"] == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"approval": "never", "unusual_percent": 300},
        {"approval": "agent", "unusual_percent": 100},
        {"approval": "agent", "unusual_percent": "300"},
        {"approval": {"$ne": ""}, "unusual_percent": 300},
        {"approval": "agent", "unusual_percent": 10**9},
    ],
)
async def test_a_policy_of_nonsense_is_refused(site: Site, cashier: Headers, wrong: Any) -> None:
    answer = await site.put(POLICY, json=wrong, headers={**cashier, "If-Match": "*"})

    assert answer.status == 422


async def test_other_towns_families_and_runs_that_are_not_there_are_refused(
    site: Site, drafted: None, issuer: Issuer, cashier: Headers
) -> None:
    elsewhere = issuer.agent("le-val-dore", Role.MANAGER)
    for path in (RUN, f"{RUN}/drafts", f"{RUN}/draft-exports", POLICY):
        assert (await site.get(path, headers=elsewhere)).status == 403
        assert (await site.get(path, headers=issuer.guardian(HOUSEHOLD_ID, TOWN_ID))).status == 403
    assert (await site.get(f"{RUN}_9", headers=cashier)).status == 404
    assert (await site.get(f"/api/v1/cash-offices/{TOWN_ID}.rien/run-policy", headers=cashier)).status == 404
    decision = {"kind": "unusual_amount", "household_ids": ["hsh_x"], "reason": "Parce que"}
    assert (await site.post(f"{RUN}/acceptances", json=decision, headers=elsewhere)).status == 403
    no_key = await site.post(f"{RUN}/approval", json={"round": 1}, headers=cashier)
    assert (await told(no_key, 400))["type"] == "/problems/idempotency-key-missing"
