"""The routes of billing: status, body, headers, and who is refused what."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.billing.app import FOLDER, let_nudge, share, share_printer
from services.billing.app.loops import Loop
from services.billing.app.paying.providers import payfip_page
from services.billing.app.work import Stores, counter_of, end_months, till_of
from services.billing.http import ROUTES
from services.billing.usecases.follow_payment import Till, follow_next
from shared.auth import Role
from shared.contracts.identity import HouseholdsMerged, HouseholdsUnmerged
from shared.mongo import Database
from shared.problems import MEDIA_TYPE
from shared.service import new_app
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    CHILD_ID,
    HOUSEHOLD_ID,
    MEAL,
    OFFICE,
    OTHER_OFFICE,
    TOWN_ID,
    draft,
    order,
    payment,
    settings,
    sheet_closed,
)
from tests.billing.telling import FakePayFiP
from tests.billing.test_usecases_invoices import PlainPrinter, close
from tests.callers import Issuer

Site = TestClient[Any, Any]
PORTAL = "https://preau.example"


@pytest.fixture
async def issuer(clock: MovableClock) -> AsyncIterator[Issuer]:
    issuer = Issuer(clock, lifetime=10**8)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
def payfip() -> FakePayFiP:
    return FakePayFiP()


@pytest.fixture
def till(town: Stores, payfip: FakePayFiP, clock: MovableClock) -> Till:
    return replace(till_of(town, payfip, clock), alert=lambda *_, **__: None)


@pytest.fixture
async def site(town: Stores, till: Till, issuer: Issuer, clock: MovableClock) -> AsyncIterator[Site]:
    app = new_app("billing", FOLDER, ROUTES, issuer.tokens(), clock)
    share_printer(app)
    payfip = settings(portal_url=PORTAL, payfip_page="https://payfip.example/page")
    share(app, town, counter_of(town, till, lambda payment: payfip_page(payfip, payment.idop or "")), payfip)

    async def nothing() -> None: ...

    let_nudge(app, *(Loop(name, nothing, 60.0) for name in ("payments", "months", "prices")))
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def parent(issuer: Issuer) -> dict[str, str]:
    return issuer.guardian(HOUSEHOLD_ID, TOWN_ID)


@pytest.fixture
def stranger(issuer: Issuer) -> dict[str, str]:
    return issuer.guardian("hsh_other", TOWN_ID, account_id="acc_other")


@pytest.fixture
def cashier(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN_ID, Role.CASHIER)


async def expect_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status == status, await answer.text()
    assert answer.content_type == MEDIA_TYPE
    body: dict[str, Any] = await answer.json()
    assert body["type"] == f"/problems/{code}"
    return body


def tariff_file(**changed: Any) -> dict[str, Any]:
    grid = {
        "id": "soir",
        "version": 2,
        "valid_from": "2026-12-02",
        "activities": ["soir"],
        "audience": "everyone",
        "brackets": [
            {"from": "0", "to": "622", "cents": "37.5"},
            {"from": "622.01", "to": None, "cents": 160},
        ],
    }
    office = {
        "id": "regie-restauration",
        "name": "Régie restauration",
        "payfip_client": "012345",
        "structure_id": "123456",
        "programmes": ["restaurant"],
        "payment_days": 30,
    }
    return {"cash_offices": [office], "grids": [grid], **changed}


async def import_tariff(site: Site, headers: dict[str, str], body: Any, town: str = TOWN_ID) -> Any:
    return await site.post(f"/api/v1/tariff-imports?municipality_id={town}", json=body, headers=headers)


async def test_a_tariff_is_imported(site: Site, cashier: dict[str, str], town: Stores) -> None:
    answer = await import_tariff(site, cashier, tariff_file())

    assert answer.status == 201
    assert await answer.json() == {
        "version": 2,
        "cash_offices": [{"id": OFFICE.id, "outcome": "unchanged"}],
        "grids": [{"id": f"{TOWN_ID}.soir", "version": 2, "outcome": "created"}],
    }
    assert (await town.tariffs.of(TOWN_ID)).grids[-1].brackets[0].cents == 37.5


async def test_the_same_tariff_again_changes_nothing(site: Site, cashier: dict[str, str]) -> None:
    await import_tariff(site, cashier, tariff_file())
    again = await (await import_tariff(site, cashier, tariff_file())).json()

    assert (again["version"], again["grids"][0]["outcome"]) == (2, "unchanged")


async def test_a_wrong_tariff_is_refused_with_every_place_in_french(site: Site, cashier: dict[str, str]) -> None:
    wrong = tariff_file()
    wrong["grids"][0]["brackets"][1]["from"] = "623"

    body = await expect_problem(await import_tariff(site, cashier, wrong), 422, "invalid-tariff")

    assert body["errors"] == [
        {
            "in": "body",
            "field": "grids.0.brackets.1.from",
            "message": "Rien ne couvre les quotients entre 622 et 623.",
        }
    ]


async def test_a_tariff_of_unknown_programmes_may_be_sent_again_soon(site: Site, cashier: dict[str, str]) -> None:
    unknown = tariff_file()
    unknown["cash_offices"][0]["programmes"] = ["transport"]
    answer = await import_tariff(site, cashier, unknown)

    body = await expect_problem(answer, 422, "unknown-reference")
    assert "sainte-aurore.transport" in body["detail"]
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("place", "wrong"), [("cents", True), ("cents", -1), ("cents", "4,15"), ("from", 0), ("from", "1.005")]
)
async def test_a_tariff_of_another_shape_is_refused(
    site: Site, cashier: dict[str, str], place: str, wrong: Any
) -> None:
    body = tariff_file()
    body["grids"][0]["brackets"][0][place] = wrong

    refused = await expect_problem(await import_tariff(site, cashier, body), 422, "invalid-input")
    assert refused["errors"][0]["field"].startswith(f"grids.0.brackets.0.{place}")


async def test_only_managers_and_cashiers_of_the_town_import(
    site: Site, issuer: Issuer, parent: dict[str, str], cashier: dict[str, str]
) -> None:
    for headers in (parent, issuer.agent(TOWN_ID, Role.EDITOR), issuer.agent("le-val-dore", Role.MANAGER)):
        await expect_problem(await import_tariff(site, headers, tariff_file()), 403, "forbidden")
    await expect_problem(await import_tariff(site, {}, tariff_file()), 401, "unauthenticated")
    await expect_problem(await import_tariff(site, cashier, tariff_file(), "le-val-dore"), 403, "forbidden")


async def import_quotients(site: Site, headers: dict[str, str], text: str) -> Any:
    return await site.post(
        f"/api/v1/quotient-imports?municipality_id={TOWN_ID}",
        data=text.encode(),
        headers={**headers, "Content-Type": "text/csv"},
    )


async def test_quotients_are_imported_line_by_line(site: Site, cashier: dict[str, str], town: Stores) -> None:
    text = "reference_famille;quotient;date_effet\nF001;500;01/11/2026\nF404;600;01/11/2026\nF001;x;02/11/2026\n"
    answer = await import_quotients(site, cashier, text)

    assert answer.status == 201
    assert await answer.json() == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "waiting": 1,
        "refused": [
            {
                "line": 4,
                "field": "quotient",
                "message": "Un quotient est un montant positif à deux décimales au plus, par exemple 622,50.",
            }
        ],
    }
    family = await town.families.of_household(HOUSEHOLD_ID, TOWN_ID)
    assert family is not None
    assert len(family.quotients) == 2


async def test_an_import_of_quotients_is_noted_with_the_families_that_joined(
    site: Site, cashier: dict[str, str], db: Database
) -> None:
    await import_quotients(
        site, cashier, "reference_famille;quotient;date_effet\nF001;500;01/11/2026\nF404;600;01/11/2026\n"
    )

    (document,) = await db["audit"].find({}).to_list(None)
    note = json.loads(document["outbox"][0]["body"])["data"]
    assert (note["action"], note["service"], note["municipality_id"]) == ("quotients_imported", "billing", TOWN_ID)
    assert note["household_ids"] == [HOUSEHOLD_ID]


async def test_what_is_no_list_of_quotients_is_refused(
    site: Site, cashier: dict[str, str], parent: dict[str, str]
) -> None:
    await expect_problem(await import_quotients(site, cashier, "nom;prenom\n"), 422, "columns-missing")
    await expect_problem(await import_quotients(site, cashier, ""), 422, "unreadable-file")
    await expect_problem(await import_quotients(site, parent, ""), 403, "forbidden")


async def issued(town: Stores, clock: MovableClock) -> str:
    await close(town, sheet_closed(2, 3))
    await end_months(town, PlainPrinter(), clock)
    return (await town.invoices.of_household(HOUSEHOLD_ID))[0].id


async def test_a_household_lists_its_invoices(
    site: Site, town: Stores, clock: MovableClock, parent: dict[str, str], stranger: dict[str, str]
) -> None:
    name = await issued(town, clock)
    (one,) = await (await site.get("/api/v1/invoices", headers=parent)).json()

    assert one == {
        "id": name,
        "number": "F2026-000001",
        "kind": "F",
        "corrects": None,
        "municipality_id": TOWN_ID,
        "municipality_name": "Sainte-Aurore",
        "cash_office_id": OFFICE.id,
        "cash_office_name": "Régie restauration",
        "month": "2026-11",
        "issue_date": "2026-12-01",
        "due_date": "2026-12-31",
        "total_cents": 830,
        "remaining_cents": 830,
        "state": "open",
        "debit_on": None,
        "paid_at": None,
        "payable": True,
        "not_payable": None,
    }
    assert await (await site.get("/api/v1/invoices", headers=stranger)).json() == []
    assert await (await site.get("/api/v1/invoices?state=paid", headers=parent)).json() == []
    assert await (await site.get("/api/v1/invoices?municipality_id=le-val-dore", headers=parent)).json() == []
    await expect_problem(await site.get("/api/v1/invoices?state=lost", headers=parent), 422, "invalid-input")


async def test_an_agent_has_no_invoices(site: Site, cashier: dict[str, str]) -> None:
    await expect_problem(await site.get("/api/v1/invoices", headers=cashier), 403, "forbidden")


async def test_an_invoice_is_shown_with_its_lines(
    site: Site, town: Stores, clock: MovableClock, parent: dict[str, str]
) -> None:
    name = await issued(town, clock)
    shown = await (await site.get(f"/api/v1/invoices/{name}", headers=parent)).json()

    assert shown["lines"] == [
        {
            "line": 1,
            "what": "day",
            "reverses": "",
            "contested": None,
            "trail_href": f"/api/v1/invoices/{name}/lines/1/trail",
            "child_id": CHILD_ID,
            "child_name": "Zoé Martin",
            "activity_id": MEAL,
            "activity_name": "REPAS",
            "quantity": 2,
            "unit_price": "4.15",
            "surcharge": "0.00",
            "total_cents": 830,
            "quotient_known": True,
            "days": [
                {"date": "2026-11-02", "state": "present", "late": ""},
                {"date": "2026-11-03", "state": "present", "late": ""},
            ],
        }
    ]
    assert (shown["structure_id"], shown["payment_reference"]) == ("123456", "F2026000001")


async def test_a_document_is_for_its_household_alone(
    site: Site, town: Stores, clock: MovableClock, parent: dict[str, str], stranger: dict[str, str]
) -> None:
    name = await issued(town, clock)
    shown = await (await site.get(f"/api/v1/invoices/{name}", headers=parent)).json()
    answer = await site.get(shown["pdf_href"], headers=parent)

    assert (answer.status, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="facture-F2026-000001.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in (f"/api/v1/invoices/{name}", f"/api/v1/invoices/{name}/pdf", "/api/v1/invoices/inv_x/pdf"):
        foreign = await expect_problem(await site.get(path, headers=stranger), 404, "not-found")
        assert {**foreign, "instance": ""} == {
            **await (await site.get("/api/v1/invoices/inv_unknown", headers=parent)).json(),
            "instance": "",
        }


async def test_a_document_not_printed_yet_comes_in_a_moment(site: Site, town: Stores, parent: dict[str, str]) -> None:
    name = (await town.invoices.issue(draft())).id
    answer = await site.get(f"/api/v1/invoices/{name}/pdf", headers=parent)

    await expect_problem(answer, 503, "unavailable")
    assert "Retry-After" in answer.headers


async def pay(site: Site, headers: dict[str, str], body: Any, key: str = "key-0000001") -> Any:
    return await site.post("/api/v1/payments", json=body, headers={**headers, "Idempotency-Key": key})


async def test_a_payment_gives_the_address_of_its_page(
    site: Site, town: Stores, clock: MovableClock, parent: dict[str, str], payfip: FakePayFiP
) -> None:
    name = await issued(town, clock)
    answer = await pay(site, parent, {"invoice_ids": [name]})
    begun = await answer.json()

    assert answer.status == 201
    assert begun["redirect_url"] == "https://payfip.example/page?idop=idop-1"
    assert begun["amount_cents"] == 830
    assert begun["expires_at"] == "2026-12-01T09:15:00Z"
    again = await pay(site, parent, {"invoice_ids": [name]})
    assert (again.status, await again.json()) == (201, begun)
    assert len(payfip.opened) == 1


async def test_a_payment_needs_a_key_that_stays_with_its_body(
    site: Site, town: Stores, clock: MovableClock, parent: dict[str, str]
) -> None:
    name = await issued(town, clock)
    without = await site.post("/api/v1/payments", json={"invoice_ids": [name]}, headers=parent)
    await expect_problem(without, 400, "idempotency-key-missing")
    await pay(site, parent, {"invoice_ids": [name]})
    await expect_problem(await pay(site, parent, {"invoice_ids": [name, name]}), 422, "idempotency-key-reused")


@pytest.mark.parametrize("body", [{}, {"invoice_ids": []}, {"invoice_ids": ["i"], "order_id": "o"}, {"amount": 1}, []])
async def test_a_payment_of_another_shape_is_refused(site: Site, parent: dict[str, str], body: Any) -> None:
    await expect_problem(await pay(site, parent, body), 422, "invalid-input")


async def test_a_second_payment_is_refused_naming_until_when(
    site: Site, town: Stores, clock: MovableClock, parent: dict[str, str]
) -> None:
    name = await issued(town, clock)
    await pay(site, parent, {"invoice_ids": [name]})

    body = await expect_problem(
        await pay(site, parent, {"invoice_ids": [name]}, "key-0000002"), 409, "payment-in-progress"
    )

    assert body["detail"] == "Un paiement est déjà en cours, jusqu’au mardi 1er décembre 2026 à 10:20."
    assert body["limit"] == "2026-12-01T10:20:00+01:00"
    assert body["next_href"] == "https://payfip.example/page?idop=idop-1"
    (one,) = await (await site.get("/api/v1/invoices", headers=parent)).json()
    assert (one["payable"], one["not_payable"]["code"]) == (False, "payment-in-progress")
    assert one["not_payable"]["detail"] == body["detail"]


async def test_two_cash_offices_are_two_payments(site: Site, town: Stores, parent: dict[str, str]) -> None:
    names = [(await town.invoices.issue(draft(cash_office_id=office.id))).id for office in (OFFICE, OTHER_OFFICE)]

    body = await expect_problem(await pay(site, parent, {"invoice_ids": names}), 409, "one-cash-office-per-payment")
    assert "Régie enfance, Régie restauration" in body["detail"]


async def test_an_invoice_of_another_household_is_not_paid(
    site: Site, town: Stores, clock: MovableClock, stranger: dict[str, str], cashier: dict[str, str]
) -> None:
    name = await issued(town, clock)

    await expect_problem(await pay(site, stranger, {"invoice_ids": [name]}), 404, "not-found")
    await expect_problem(await pay(site, cashier, {"invoice_ids": [name]}), 403, "forbidden")
    await expect_problem(await pay(site, {}, {"invoice_ids": [name]}), 401, "unauthenticated")


async def test_payfip_down_is_503(
    site: Site, town: Stores, clock: MovableClock, parent: dict[str, str], payfip: FakePayFiP
) -> None:
    name = await issued(town, clock)
    payfip.down = True
    answer = await pay(site, parent, {"invoice_ids": [name]})

    body = await expect_problem(answer, 503, "unavailable")
    assert body["title"] == "Le paiement en ligne ne répond pas"
    assert answer.headers["Retry-After"] == "30"


async def test_a_payment_is_shown_to_its_household(
    site: Site, town: Stores, clock: MovableClock, parent: dict[str, str], stranger: dict[str, str]
) -> None:
    name = await issued(town, clock)
    begun = await (await pay(site, parent, {"invoice_ids": [name]})).json()
    path = f"/api/v1/payments/{begun['payment_id']}"
    shown = await (await site.get(path, headers=parent)).json()

    assert (shown["state"], shown["invoice_ids"], shown["order_id"]) == ("pending", [name], None)
    assert shown["redirect_url"] == begun["redirect_url"]
    await expect_problem(await site.get(path, headers=stranger), 404, "not-found")
    await expect_problem(await site.get("/api/v1/payments/pay_unknown", headers=parent), 404, "not-found")


async def test_the_browser_returns_to_the_portal_with_the_truth_known(
    site: Site, town: Stores, clock: MovableClock, parent: dict[str, str], payfip: FakePayFiP
) -> None:
    name = await issued(town, clock)
    begun = await (await pay(site, parent, {"invoice_ids": [name]})).json()
    payfip.pays("idop-1")

    answer = await site.get(f"/api/v1/payment-returns/{begun['payment_id']}", allow_redirects=False)

    assert answer.status == 303
    assert answer.headers["Location"] == f"{PORTAL}/payments/{begun['payment_id']}"
    shown = await (await site.get(f"/api/v1/payments/{begun['payment_id']}", headers=parent)).json()
    assert (shown["state"], shown["redirect_url"]) == ("paid", None)
    (one,) = await (await site.get("/api/v1/invoices?state=paid", headers=parent)).json()
    assert (one["payable"], one["not_payable"]["code"]) == (False, "invoice-already-paid")


async def test_an_unknown_payment_returns_to_the_front_page(site: Site) -> None:
    answer = await site.get("/api/v1/payment-returns/pay_unknown", allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (303, f"{PORTAL}/")


async def notify(site: Site, form: Any) -> int:
    answer = await site.post("/api/v1/payment-notifications/payfip", data=form)
    return int(answer.status)


async def test_a_notification_has_the_payment_looked_at_soon(
    site: Site, town: Stores, till: Till, clock: MovableClock, parent: dict[str, str], payfip: FakePayFiP
) -> None:
    name = await issued(town, clock)
    await pay(site, parent, {"invoice_ids": [name]})
    payfip.pays("idop-1")

    assert await notify(site, {"idop": "idop-1"}) == 200
    assert payfip.asked == 0
    assert await follow_next(till)
    assert (await town.invoices.of_household(HOUSEHOLD_ID))[0].state == "paid"


@pytest.mark.parametrize(
    "form", [{"idop": "unknown"}, {"idOp": ""}, {}, b"\xff" * 10, b"x" * 10_000, {"resultrans": "P"}]
)
async def test_whatever_a_notification_says_it_is_taken(site: Site, till: Till, form: Any) -> None:
    assert await notify(site, form) == 200
    assert not await follow_next(till)


async def test_an_order_is_shown_and_paid(
    site: Site, town: Stores, parent: dict[str, str], stranger: dict[str, str]
) -> None:
    unknown = await site.get("/api/v1/orders/ord_1", headers=parent)
    await expect_problem(unknown, 404, "not-found")
    assert unknown.headers["Retry-After"] == "1"
    await town.orders.save(order())

    shown = await (await site.get("/api/v1/orders/ord_1", headers=parent)).json()
    assert (shown["state"], shown["amount_cents"], shown["payable"]) == ("held", 2400, True)
    assert shown["cash_office_id"] == OTHER_OFFICE.id
    assert shown["lines"][0]["activity_name"] == "MERCREDI"
    await expect_problem(await site.get("/api/v1/orders/ord_1", headers=stranger), 404, "not-found")
    answer = await pay(site, parent, {"order_id": "ord_1"})
    assert (answer.status, (await answer.json())["amount_cents"]) == (201, 2400)
    during = await (await site.get("/api/v1/orders/ord_1", headers=parent)).json()
    assert during["not_payable"]["code"] == "payment-in-progress"


async def test_an_order_that_is_over_is_shown_so_and_refused(
    site: Site, town: Stores, parent: dict[str, str], clock: MovableClock
) -> None:
    await town.orders.save(order())
    clock.move(minutes=20)

    shown = await (await site.get("/api/v1/orders/ord_1", headers=parent)).json()
    assert (shown["state"], shown["not_payable"]["code"]) == ("expired", "order-ended")
    await expect_problem(await pay(site, parent, {"order_id": "ord_1"}), 409, "order-ended")
    unknown = await pay(site, parent, {"order_id": "ord_2"}, "key-0000002")
    assert (unknown.status, unknown.headers["Retry-After"]) == (404, "1")


async def test_a_payment_under_review_keeps_the_invoice_from_being_paid(
    site: Site, town: Stores, parent: dict[str, str]
) -> None:
    invoice = await town.invoices.issue(draft())
    await town.payments.add(payment(invoice, state="review", next_at=None), [])

    (one,) = await (await site.get("/api/v1/invoices", headers=parent)).json()
    assert one["not_payable"]["code"] == "payment-under-review"


async def test_an_invoice_of_an_offline_cash_office_says_so(site: Site, town: Stores, parent: dict[str, str]) -> None:
    await town.invoices.issue(draft())
    tariff = await town.tariffs.of(TOWN_ID)
    await town.tariffs.save(replace(tariff, cash_offices=(replace(OFFICE, payfip_client=None),)))

    (one,) = await (await site.get("/api/v1/invoices", headers=parent)).json()
    assert one["not_payable"]["code"] == "no-online-payment"


async def test_agents_see_how_far_the_runs_are(
    site: Site, town: Stores, clock: MovableClock, cashier: dict[str, str], parent: dict[str, str], issuer: Issuer
) -> None:
    await issued(town, clock)
    path = f"/api/v1/invoice-runs?municipality_id={TOWN_ID}"
    (run,) = await (await site.get(path, headers=cashier)).json()

    assert run["id"] == f"run_{OFFICE.id}_2026-11"
    assert (run["state"], run["households"], run["issued"], run["total_cents"]) == ("done", 1, 1, 830)
    assert run["cash_office_name"] == "Régie restauration"
    await expect_problem(await site.get(path, headers=parent), 403, "forbidden")
    await expect_problem(await site.get(path, headers=issuer.agent("le-val-dore", Role.MANAGER)), 403, "forbidden")


async def test_the_routes_are_described(site: Site) -> None:
    described = await (await site.get("/openapi.json")).json()

    paid = described["paths"]["/api/v1/payments"]["post"]
    assert paid["requestBody"]["content"]["application/json"]["schema"]
    assert len(described["paths"]) == len({route.path for route in ROUTES})


async def test_what_a_merged_household_owed_is_seen_and_paid_by_the_one_it_became(
    site: Site, town: Stores, clock: MovableClock, issuer: Issuer, parent: dict[str, str]
) -> None:
    name = await issued(town, clock)
    kept = issuer.guardian("hsh_kept", TOWN_ID, account_id="acc_kept")
    assert (await site.get(f"/api/v1/invoices/{name}", headers=kept)).status == 404
    fact = {"merge_id": "mrg_1", "municipality_id": TOWN_ID, "merged_household_id": HOUSEHOLD_ID}
    await town.former.keep(HouseholdsMerged(kept_household_id="hsh_kept", **fact), 3, undone=False)

    (listed,) = await (await site.get("/api/v1/invoices", headers=kept)).json()
    shown = await (await site.get(f"/api/v1/invoices/{name}", headers=kept)).json()
    begun = await site.post(
        "/api/v1/payments", json={"invoice_ids": [name]}, headers={**kept, "Idempotency-Key": "merged-key-1"}
    )
    payment = (await begun.json())["payment_id"]
    seen = await site.get(f"/api/v1/payments/{payment}", headers=kept)
    assert (listed["id"], shown["lines"][0]["child_name"], begun.status, seen.status) == (name, "Zoé Martin", 201, 200)

    await town.former.keep(HouseholdsUnmerged(kept_household_id="hsh_kept", **fact), 4, undone=True)
    assert await (await site.get("/api/v1/invoices", headers=kept)).json() == []
    assert (await site.get(f"/api/v1/payments/{payment}", headers=kept)).status == 404
    assert len(await (await site.get("/api/v1/invoices", headers=parent)).json()) == 1
