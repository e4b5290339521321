"""The routes around papers: settings, trails and contestations of lines, agents' lists, tax certificates."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.billing.app.work import Stores, end_months
from services.billing.domain.invoices import Invoice
from services.billing.domain.papers.contestations import contestation_id
from services.billing.domain.settlements import Settlement
from services.billing.store import INVARIANTS
from services.billing.store.retention import BillingRetention
from services.billing.usecases.contest_line import answer_contestation, note_request
from shared.auth import Role
from shared.contracts.billing_papers import ContestationWritten, LineContested
from shared.contracts.requests import RequestAnswered, RequestFiled
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    CHILD_ID,
    HOUSEHOLD,
    HOUSEHOLD_ID,
    MEAL,
    NOW,
    OFFICE,
    TOWN_ID,
    draft,
    sheet_closed,
    told,
)
from tests.billing.telling import told_by
from tests.billing.test_http import Site, cashier, expect_problem, issuer, parent, payfip, site, stranger, till
from tests.billing.test_usecases_invoices import PlainPrinter, close
from tests.callers import Issuer

__all__ = ["cashier", "issuer", "parent", "payfip", "site", "stranger", "till"]
SETTINGS = f"/api/v1/cash-offices/{OFFICE.id}/papers"
NOTHING: dict[str, Any] = {**dict.fromkeys(("seller", "siret", "iban", "bic", "holder"), ""), "childcare": []}
KEY = {"Idempotency-Key": "key-0000-0001"}


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN_ID, Role.MANAGER)


@pytest.fixture
async def issued(town: Stores, clock: MovableClock) -> Invoice:
    """Of two days, through a closed month, so that its line has a trail."""
    await close(town, sheet_closed(2, 3))
    await end_months(town, PlainPrinter(), clock)
    (listed,) = await town.invoices.of_household(HOUSEHOLD_ID)
    found = await town.invoices.get(HOUSEHOLD_ID, listed.id)
    assert found is not None
    return found


async def test_an_office_says_what_its_papers_say_of_it(site: Site, manager: dict[str, str]) -> None:
    shown = await site.get(SETTINGS, headers=manager)
    assert (shown.status, shown.headers["ETag"]) == (200, '"0"')
    said = {"siret": "213 800 014 00010", "iban": "fr76 3000 1007 9412 3456 7890 185", "childcare": [MEAL, MEAL]}
    body = {**NOTHING, **said}

    unread = await site.put(SETTINGS, json=body, headers=manager)
    changed = await site.put(SETTINGS, json=body, headers={**manager, "If-Match": '"0"'})
    stale = await site.put(SETTINGS, json=body, headers={**manager, "If-Match": '"0"'})

    await expect_problem(unread, 428, "version-missing")
    await expect_problem(stale, 412, "version-passed")
    kept = await changed.json()
    assert (kept["siret"], kept["iban"]) == ("21380001400010", "FR7630001007941234567890185")
    assert (kept["childcare"], kept["version"]) == ([MEAL], 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"siret": "21380001400011"},
        {"siret": "0" * 40},
        {"iban": "FR7630001007941234567890186"},
        {"iban": {"$gt": ""}},
        {"bic": "NOBIC"},
        {"seller": "x" * 71},
        {"childcare": ["$where"]},
        {"municipality_id": "le-val-dore"},
    ],
)
async def test_wrong_settings_are_refused(site: Site, manager: dict[str, str], wrong: dict[str, Any]) -> None:
    answer = await site.put(SETTINGS, json={**NOTHING, **wrong}, headers={**manager, "If-Match": "*"})

    assert answer.status == 422


async def test_settings_are_for_managers_of_the_town(site: Site, issuer: Issuer, cashier: dict[str, str]) -> None:
    elsewhere = issuer.agent("le-val-dore", Role.MANAGER)

    await expect_problem(await site.put(SETTINGS, json=NOTHING, headers=cashier), 403, "forbidden")
    await expect_problem(await site.get(SETTINGS, headers=elsewhere), 403, "forbidden")
    unknown = SETTINGS.replace("restauration", "inconnue")
    await expect_problem(await site.get(unknown, headers=cashier), 404, "not-found")


async def test_a_line_tells_every_fact_of_its_days_and_the_reasons_of_its_price(
    site: Site, parent: dict[str, str], issued: Invoice
) -> None:
    answer = await site.get(f"/api/v1/invoices/{issued.id}/lines/1/trail", headers={**parent, "Accept-Language": "en"})

    line = await answer.json()
    assert (line["child_name"], line["activity_name"], line["total_cents"]) == ("Zoé Martin", "REPAS", 830)
    first = line["days"][0]
    assert [(step["what"], step["state"]) for step in first["steps"]] == [("closed", "present")]
    assert first["price"]["explanation"].startswith("Grid repas, version 1. Your quotient of 2,000 is 1,000.01 or more")
    assert line["contestation"] is None


@pytest.mark.parametrize("line", ["0", "2", "-1", "1e0", "99999", "²"])
async def test_a_line_that_is_not_there_is_not_found(
    site: Site, parent: dict[str, str], issued: Invoice, line: str
) -> None:
    answer = await site.get(f"/api/v1/invoices/{issued.id}/lines/{line}/trail", headers=parent)

    await expect_problem(answer, 404, "not-found")


async def test_a_trail_is_for_its_family_and_its_towns_cashiers(
    site: Site, issuer: Issuer, stranger: dict[str, str], cashier: dict[str, str], issued: Invoice, db: Database
) -> None:
    path = f"/api/v1/invoices/{issued.id}/lines/1/trail"
    others = (stranger, issuer.agent("le-val-dore", Role.CASHIER))

    for headers in others:
        await expect_problem(await site.get(path, headers=headers), 404, "not-found")
    assert (await site.get(path, headers=cashier)).status == 200
    assert await db["audit"].count_documents({})


async def contested(site: Site, parent: dict[str, str], issued: Invoice, **more: Any) -> Any:
    path = f"/api/v1/invoices/{issued.id}/lines/1/contestations"
    return await site.post(path, json={"words": "Zoé était malade", **more}, headers={**parent, **KEY})


async def test_a_contested_line_is_told_with_its_trail_once(
    site: Site, parent: dict[str, str], issued: Invoice, db: Database
) -> None:
    first, again = await contested(site, parent, issued), await contested(site, parent, issued)

    assert (first.status, again.status) == (201, 201)
    assert await first.json() == await again.json()
    written, public = sorted(await told_by(db, "contestations"), key=lambda event: event.topic)
    assert isinstance(public, LineContested)
    assert isinstance(written, ContestationWritten)
    assert (public.number, written.child_id) == (issued.number, CHILD_ID)
    assert "malade" not in public.model_dump_json()
    assert "02/11/2026" in written.trail
    assert "Grille repas, version 1." in written.trail


async def test_a_line_is_contested_once(site: Site, parent: dict[str, str], issued: Invoice) -> None:
    await contested(site, parent, issued)
    path = f"/api/v1/invoices/{issued.id}/lines/1/contestations"
    other_key = {**parent, "Idempotency-Key": "key-0000-0002"}

    await expect_problem(await contested(site, parent, issued, words="Autre chose"), 422, "idempotency-key-reused")
    await expect_problem(await site.post(path, json={"words": "x"}, headers=other_key), 409, "line-already-contested")


@pytest.mark.parametrize("words", ["", " ", "x" * 2001, 7, {"$ne": 1}])
async def test_a_contestation_needs_words(site: Site, parent: dict[str, str], issued: Invoice, words: Any) -> None:
    assert (await contested(site, parent, issued, words=words)).status == 422


async def test_the_towns_answer_stays_with_the_line(
    site: Site, town: Stores, parent: dict[str, str], cashier: dict[str, str], issued: Invoice
) -> None:
    await contested(site, parent, issued)
    assert await town.contestations.contested(HOUSEHOLD_ID) == {issued.id}
    ids = {"request_id": "req_1", "household_id": HOUSEHOLD_ID, "municipality_id": TOWN_ID, "category_id": "c"}
    concerns = contestation_id(issued.id, 1)
    await note_request(told(RequestFiled(**ids, concerns=concerns)), contestations=town.contestations)
    accepted = told(RequestAnswered(**ids, concerns=concerns, decision="accepted"))
    refused = told(RequestAnswered(**ids, concerns=concerns, decision="refused"))
    for answer in (accepted, refused, told(RequestAnswered(**ids, decision="refused"))):
        await answer_contestation(answer, contestations=town.contestations)

    shown = await site.get(f"/api/v1/invoices/{issued.id}/lines/1/trail", headers=parent)
    listed = await site.get(f"/api/v1/contestations?municipality_id={TOWN_ID}&state=accepted", headers=cashier)

    invoice = await (await site.get(f"/api/v1/invoices/{issued.id}", headers=parent)).json()
    assert [(one["line"], one["contested"]) for one in invoice["lines"]] == [(1, "accepted")]
    state = (await shown.json())["contestation"]
    assert (state["state"], state["request_id"]) == ("accepted", "req_1")
    assert [one["invoice_id"] for one in (await listed.json())["items"]] == [issued.id]
    assert await town.contestations.contested(HOUSEHOLD_ID) == set()


async def test_agents_page_through_the_pieces_of_their_town(
    site: Site, town: Stores, cashier: dict[str, str], issuer: Issuer
) -> None:
    for month in ("2026-09", "2026-10", "2026-11"):
        await town.invoices.issue(draft(month=month))
    path = f"/api/v1/household-invoices?municipality_id={TOWN_ID}&limit=2"

    first = await (await site.get(path, headers=cashier)).json()
    second = await (await site.get(f"{path}&cursor={first['next_cursor']}", headers=cashier)).json()
    october = await (await site.get(f"{path}&month=2026-10&state=open&kind=F", headers=cashier)).json()
    elsewhere = await site.get(path, headers=issuer.agent("le-val-dore", Role.CASHIER))

    assert [one["month"] for one in (*first["items"], *second["items"])] == ["2026-11", "2026-10", "2026-09"]
    assert second["next_cursor"] is None
    assert [one["month"] for one in october["items"]] == ["2026-10"]
    await expect_problem(elsewhere, 403, "forbidden")


async def test_agents_take_the_pieces_as_a_table(site: Site, town: Stores, cashier: dict[str, str]) -> None:
    await town.invoices.issue(draft())

    answer = await site.get(f"/api/v1/household-invoice-exports?municipality_id={TOWN_ID}", headers=cashier)

    _, row = (await answer.text()).splitlines()
    assert row.split(";")[1:5] == ["F2026-000001", "F", "2026-11", HOUSEHOLD_ID]
    assert row.split(";")[7:9] == ["70,55", "70,55"]


async def test_the_data_of_an_invoice_are_a_file_of_their_own(
    site: Site, parent: dict[str, str], stranger: dict[str, str], cashier: dict[str, str], issued: Invoice
) -> None:
    path = f"/api/v1/invoices/{issued.id}/facturx"
    answer = await site.get(path, headers=parent)

    assert (answer.content_type, issued.number in await answer.text()) == ("application/xml", True)
    assert (await site.get(path, headers=cashier)).status == 200
    await expect_problem(await site.get(path, headers=stranger), 404, "not-found")


@pytest.fixture
async def certified(town: Stores) -> None:
    """Zoé is four, her meals are taken for childcare here, and one month of them is paid."""
    zoe = replace(HOUSEHOLD.children[0], birth_date=date(2022, 5, 4))
    await town.copies.put_household(replace(HOUSEHOLD, children=(zoe,)), 2)
    papers = await town.papers.of(TOWN_ID, OFFICE.id)
    await town.papers.save(replace(papers, childcare=(MEAL,)))
    paid = await town.invoices.issue(draft())
    act = Settlement(source="pay_1", kind="payment", cents=paid.total_cents, at=NOW)
    await town.invoices.settle(HOUSEHOLD_ID, paid.id, act)


CERTIFICATE = f"/api/v1/tax-certificates/2026?municipality_id={TOWN_ID}"


@pytest.mark.usefixtures("certified")
async def test_a_family_has_its_certificate_and_its_paper(site: Site, parent: dict[str, str]) -> None:
    said = await (await site.get(CERTIFICATE, headers=parent)).json()
    pdf = await site.get(said["pdf_href"], headers=parent)

    assert (said["total_cents"], said["final"]) == (7055, False)
    assert said["children"][0]["activities"] == [{"activity_id": MEAL, "activity_name": "REPAS", "cents": 7055}]
    assert pdf.content_type == "application/pdf"
    assert (await pdf.read()).startswith(b"%PDF-")


@pytest.mark.usefixtures("certified")
async def test_a_certificate_is_for_its_family_and_its_towns_cashiers(
    site: Site, issuer: Issuer, stranger: dict[str, str], cashier: dict[str, str]
) -> None:
    theirs = f"{CERTIFICATE}&household_id={HOUSEHOLD_ID}"
    elsewhere = issuer.agent("le-val-dore", Role.CASHIER)

    assert (await (await site.get(theirs, headers=cashier)).json())["total_cents"] == 7055
    for path, headers in ((theirs, stranger), (theirs, elsewhere)):
        await expect_problem(await site.get(path, headers=headers), 403, "forbidden")
    await expect_problem(await site.get(f"{CERTIFICATE}&household_id=hsh_other", headers=cashier), 404, "not-found")
    await expect_problem(await site.get(CERTIFICATE, headers=stranger), 404, "not-found")


@pytest.mark.parametrize("year", ["2027", "1999", "26", "²026", "2026.0"])
async def test_a_year_that_has_not_begun_has_no_certificate(site: Site, parent: dict[str, str], year: str) -> None:
    path = CERTIFICATE.replace("2026?", f"{year}?")

    await expect_problem(await site.get(path, headers=parent), 404, "not-found")


async def test_a_paper_put_in_the_place_of_another_shows(site: Site, issued: Invoice, db: Database) -> None:
    check = INVARIANTS["every stored paper is the one that was printed"]
    assert await check(db) == []

    pdf = b"%PDF-forged"
    await db["documents"].update_one({}, {"$set": {"pdf": pdf, "sha256": hashlib.sha256(pdf).hexdigest()}})

    assert await check(db) == [f"{issued.id}: its paper is not the one that was printed"]


async def test_contestations_go_with_the_facts_they_are_about(
    site: Site, parent: dict[str, str], issued: Invoice, db: Database
) -> None:
    await contested(site, parent, issued)
    retention = BillingRetention(db, invoice_years=10, sheet_years=3)

    early = await retention.contestations(NOW.replace(year=2029, day=1))
    late = await retention.contestations(NOW.replace(year=2029, day=3))

    assert (early, late) == (0, 1)


async def test_agents_of_the_town_read_its_pieces_and_their_papers(
    site: Site, cashier: dict[str, str], issuer: Issuer, issued: Invoice
) -> None:
    elsewhere = issuer.agent("le-val-dore", Role.CASHIER)
    for path in (f"/api/v1/invoices/{issued.id}", f"/api/v1/invoices/{issued.id}/pdf"):
        assert (await site.get(path, headers=cashier)).status == 200
        await expect_problem(await site.get(path, headers=elsewhere), 404, "not-found")
